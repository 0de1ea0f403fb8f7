"""What happens to the log when its files or its directory are not as they should be."""

import json
import os
import signal
import subprocess
import unittest

from broker import USHERCTL, Broker, eventually, scenario

ALICE = {"after": "1 s", "do": "logon", "user": "alice", "uid": 1001}
BOB = {"after": "1 s", "do": "logon", "user": "bob", "uid": 1002}
LOCK = {"after": "1 s", "do": "lock", "session": "alice"}


def logged(broker):
    """A broker's log with a few events, the broker ended."""
    broker.start()
    broker.wait_for_event("session.locked")
    broker.stop()
    return broker.segments()[-1]


class ALogThatIsDamaged(unittest.TestCase):
    def test_with_a_torn_last_line_is_cut_and_goes_on(self):
        with Broker(scenario(ALICE, LOCK)) as broker:
            segment = logged(broker)
            last = broker.events()[-1]["seq"]
            with open(segment, "ab") as file:
                file.write(b'{"seq":99,"time":"2026')
            self.assertEqual(broker.ctl("verify").returncode, 1)
            broker.start()
            damaged = broker.wait_for_event("log.damaged")
            self.assertIn(segment.name, str(damaged["details"]))
            self.assertEqual(broker.wait_for_event("broker.started", count=2)["seq"], last + 1)
            self.assertEqual(broker.ctl("verify").returncode, 0, broker.ctl("verify").stdout)

    def test_inside_is_read_around_and_verify_names_the_line(self):
        with Broker(scenario(ALICE, LOCK)) as broker:
            segment = logged(broker)
            lines = segment.read_bytes().splitlines(keepends=True)
            wanted = lines[3].replace(b"logon", b"logoff") if b"logon" in lines[3] else b"junk\n"
            lines[3] = wanted
            lines.insert(5, os.urandom(5000).replace(b"\n", b"") + b"\n")
            lines.insert(6, b"x" * 100_000_000 + b"\n")
            segment.write_bytes(b"".join(lines))
            verify = broker.ctl("verify")
            self.assertEqual(verify.returncode, 1)
            for line in ("4", "6", "7"):
                self.assertIn(f"{segment.name}:{line}", verify.stdout + verify.stderr)
            tail = broker.ctl("tail", "-n", "all", "--json")
            self.assertEqual(tail.returncode, 0)
            self.assertEqual(len(tail.stdout.splitlines()), len(lines) - 4)
            self.assertIn(segment.name, tail.stderr)
            broker.start()
            broker.wait_for_event("log.damaged")


class ALogThatCannotBeWrittenUntilTheEnd(unittest.TestCase):
    def test_is_a_failure(self):
        day = [{"after": "1 s", "do": verb, "session": "alice"} for verb in ("lock", "unlock")]
        with Broker(scenario(ALICE, *day * 200, then="stop")) as broker:
            broker.prefix = ["prlimit", f"--fsize={32 << 10}", "--"]
            broker.launch()
            self.assertEqual(broker.process.wait(timeout=60), 1, broker.says())
            self.assertRegex(broker.says(), "[0-9]+ events are given up: the log could not be written until the end")


class WhatAKilledBrokerLeaves(unittest.TestCase):
    def test_goes_at_the_next_start(self):
        with Broker(scenario(ALICE)) as broker:
            state = broker.root / "state"
            folders = [state / "cursors", state / "health", state / "storage/a", broker.log]
            for folder in folders:
                folder.mkdir(parents=True)
                (folder / ".a.4711-1.new").write_text("half")
            broker.start()
            self.assertEqual([found for folder in folders for found in folder.glob(".*.new")], [])


class ALogDirectoryThatCannotBeUsed(unittest.TestCase):
    def refused(self, broker):
        broker.launch()
        self.assertEqual(broker.process.wait(timeout=60), 1, broker.says())
        self.assertIn(str(broker.log), broker.says())
        return broker.says()

    def test_is_named_when_it_is_a_file(self):
        with Broker() as broker:
            broker.log.write_text("")
            self.assertIn("there is something else of that name", self.refused(broker))

    def test_is_named_when_it_is_read_only(self):
        with Broker(as_nobody=True) as broker:
            broker.log.mkdir(mode=0o500)
            if os.geteuid() == 0:
                os.chown(broker.log, 65534, 65534)
            self.assertIn("permission denied", self.refused(broker).lower())

    def test_is_named_when_it_is_another_users(self):
        with Broker(as_nobody=True) as broker:
            broker.log = "/"
            broker.write_config()
            self.assertIn("permission denied", self.refused(broker).lower())


class TheTail(unittest.TestCase):
    def test_works_while_the_broker_is_down(self):
        with Broker(scenario(ALICE, LOCK)) as broker:
            logged(broker)
            self.assertEqual(len(broker.ctl("tail", "-n", "2").stdout.splitlines()), 3)
            users = broker.events("--user", "alice", "--type", "session.lo*")
            self.assertEqual(
                [event["type"] for event in users], ["session.logon", "session.locked"]
            )

    def test_prints_the_very_bytes_of_the_log(self):
        with Broker(scenario(ALICE, LOCK)) as broker:
            segment = logged(broker)
            stored = segment.read_text().splitlines()[1:]
            self.assertEqual(broker.ctl("tail", "--json", "-n", "all").stdout.splitlines(), stored)

    def test_says_what_is_wrong_where_there_is_no_log(self):
        with Broker() as broker:
            tail = broker.ctl("tail")
            self.assertEqual(tail.returncode, 1)
            self.assertIn(str(broker.log), tail.stderr)

    def follow(self, broker):
        """A tail from the log's beginning on, into a small pipe that nobody reads for now."""
        tail = subprocess.Popen(
            [USHERCTL, "--config", broker.config, "tail", "-f", "--json", "-n", "all"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, pipesize=4096,
        )  # fmt: skip
        self.addCleanup(tail.communicate)
        self.addCleanup(tail.kill)
        self.assertIn(b"broker.started", tail.stdout.readline())
        return tail

    def test_that_is_stalled_holds_up_nobody_and_then_goes_on_behind_what_is_gone(self):
        limits = 'segment_size = "64 KiB"\ntotal_size = "128 KiB"'
        day = [{"after": "1 s", "do": verb, "session": "alice"} for verb in ("lock", "unlock")]
        with Broker(scenario(ALICE, LOCK), extra=limits) as broker:
            first = logged(broker)
            stopped, unread = self.follow(broker), self.follow(broker)
            stopped.send_signal(signal.SIGSTOP)
            broker.write_scenario(scenario(ALICE, *day * 500, BOB))
            broker.start()
            eventually(lambda: not first.exists(), "the first segment to go")
            bob = ("--type", "session.logon", "--user", "bob")
            last = eventually(lambda: broker.events(*bob), "the last event")[0]["seq"]
            self.assertLess(sum(segment.stat().st_size for segment in broker.segments()), 256 << 10)
            stopped.send_signal(signal.SIGCONT)
            for tail in (stopped, unread):
                numbers = []
                while not numbers or numbers[-1] < last:
                    numbers.append(json.loads(tail.stdout.readline())["seq"])
                self.assertEqual(numbers, sorted(set(numbers)))
                self.assertLess(len(numbers), last - 100, "what is gone is passed over")

    def test_is_for_those_only_who_may_read_the_log(self):
        with Broker(as_nobody=True) as broker:
            broker.log.mkdir(mode=0)
            if os.geteuid() == 0:
                os.chown(broker.log, 65534, 65534)
            tail = broker.ctl("tail")
            self.assertEqual(tail.returncode, 5, tail.stderr)
            broker.log.chmod(0o700)


if __name__ == "__main__":
    unittest.main()
