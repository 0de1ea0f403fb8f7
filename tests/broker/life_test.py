"""From start to end: what usherd promises about coming up, going down and coming back."""

import signal
import subprocess
import time
import unittest

from broker import BUILD, USHERD, Broker, eventually, scenario

ALICE = {"after": "1 s", "do": "logon", "user": "alice", "uid": 1001}
BOB = {"after": "5 s", "do": "remote_logon", "user": "bob", "uid": 1002, "host": "10.1.2.3"}
BOOT = 'boot_id = "00000000000000000000000000000001"\n'


def types(events):
    return [event["type"] for event in events]


class ABrokerThatIsStarted(unittest.TestCase):
    def test_follows_the_source_until_the_source_ends(self):
        text = scenario(ALICE, {"after": "1 s", "do": "logoff", "session": "alice"}, then="stop")
        with Broker(text) as broker:
            broker.launch()
            self.assertEqual(broker.process.wait(timeout=60), 0, broker.says())
            self.assertEqual(
                types(broker.events()),
                [
                    "broker.started",
                    "session.created",
                    "session.connected",
                    "console.switched",
                    "session.logon",
                    "session.logoff",
                    "session.disconnected",
                    "session.destroyed",
                    "console.switched",
                    "broker.stopping",
                ],
            )

    def test_numbers_its_events_without_a_gap(self):
        with Broker(scenario(ALICE, BOB)).start() as broker:
            broker.wait_for_event("session.logon", count=2)
            self.assertEqual(broker.stop(), 0)
            seqs = [event["seq"] for event in broker.events()]
            self.assertEqual(seqs, list(range(1, len(seqs) + 1)))

    def test_ends_without_waiting_for_what_a_plugin_left_open(self):
        plugins = f'[plugins.open]\nlibrary = "{BUILD}/tests/plugins/never_completes.so"\n'
        with Broker(scenario(), plugins=plugins).start() as broker:
            broker.wait_for_event("plugin.loaded")
            drain = 3.0
            began = time.monotonic()
            self.assertEqual(broker.stop(), 0, broker.says())
            self.assertLess(time.monotonic() - began, drain)

    def test_ends_with_status_0_at_each_stop_signal(self):
        for how in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(how=how), Broker().start() as broker:
                self.assertEqual(broker.stop(how), 0, broker.says())
                self.assertEqual(types(broker.events())[-1], "broker.stopping")

    def test_is_the_only_one_on_its_state_directory(self):
        with Broker().start() as broker:
            second = subprocess.run(
                [USHERD, "--config", broker.config], capture_output=True, text=True, timeout=60
            )
            self.assertEqual(second.returncode, 1)
            self.assertIn("another usherd runs on the state directory", second.stderr)
            self.assertEqual(broker.ctl("status").returncode, 0)


class ALogDirectoryWithTwoBrokers(unittest.TestCase):
    def test_is_refused_to_the_second(self):
        with Broker() as first, Broker() as second:
            first.start()
            second.log = first.log
            second.write_config()
            second.launch()
            self.assertEqual(second.process.wait(timeout=60), 1)
            self.assertIn("another usherd writes the event log", second.says())


class ABrokerThatWasKilled(unittest.TestCase):
    def test_says_so_when_it_is_started_again_and_reconciles(self):
        with Broker(BOOT + scenario(ALICE, BOB)).start() as broker:
            broker.wait_for_event("session.logon", count=2)
            broker.stop(signal.SIGKILL)
            last = broker.events()[-1]["seq"]
            broker.write_scenario(BOOT + scenario())
            broker.start()
            started = broker.wait_for_event("broker.started", count=2)
            self.assertEqual(started["details"]["clean"], "no")
            self.assertIn("unwatched_us", started["details"])
            self.assertGreater(started["seq"], last)
            broker.wait_for_event("session.destroyed", count=2, origin="reconciled")
            self.assertEqual(broker.ctl("verify").returncode, 0, broker.ctl("verify").stdout)

    def test_ends_the_sessions_of_the_boot_before(self):
        with Broker(scenario(ALICE)).start() as broker:
            broker.wait_for_event("session.logon")
            broker.stop(signal.SIGKILL)
            broker.start()
            logoff = broker.wait_for_event("session.logoff")
            self.assertEqual((logoff["origin"], logoff["reason"]), ("reconciled", "boot"))
            broker.wait_for_event("session.destroyed", reason="boot")


class AConfigurationThatIsWrong(unittest.TestCase):
    def refuses(self, text):
        with Broker() as broker:
            broker.config.write_bytes(text if isinstance(text, bytes) else text.encode())
            result = subprocess.run(
                [USHERD, "--config", broker.config], capture_output=True, timeout=60
            )
            check = broker.ctl("check-config", broker.config)
            self.assertEqual((result.returncode, check.returncode), (3, 3), text[:80])
            self.assertEqual(result.stderr.decode(), check.stderr)
            return check.stderr

    def test_is_refused_with_every_error_in_its_place(self):
        errors = self.refuses('[log]\nsegment_sise = "1 MiB"\ndirectory = 3\n[sorce]\n')
        lines = errors.splitlines()
        self.assertEqual(len(lines), 3, errors)
        self.assertIn(":2:1: ", lines[0])
        self.assertIn("segment_size", lines[0])
        self.assertIn(":3:", lines[1])
        self.assertIn("source", lines[2])

    def test_is_refused_when_it_is_no_toml(self):
        for text in ("[log", b"\x00\x01\x02", b"\xff\xfe", "a = " + "[" * 100000, 'x = "'):
            self.assertIn("usher.toml:1:", self.refuses(text))

    def test_is_refused_when_it_is_huge(self):
        self.assertIn("usher.toml", self.refuses("# " + "x" * (2 << 20)))

    def test_is_refused_when_others_may_write_it(self):
        with Broker() as broker:
            broker.config.chmod(0o666)
            broker.launch()
            self.assertEqual(broker.process.wait(timeout=60), 1)
            self.assertIn(str(broker.config), broker.says())

    def test_is_refused_when_it_is_missing(self):
        result = subprocess.run(
            [USHERD, "--config", "/nonexistent/usher.toml"], capture_output=True, timeout=60
        )
        self.assertEqual(result.returncode, 3)
        self.assertIn(b"/nonexistent/usher.toml", result.stderr)


class AUserNameOfAnyKind(unittest.TestCase):
    def test_reaches_the_log_whole_and_the_terminal_harmless(self):
        names = ['quo"te\\', "new\nline", "\x1b[31mred", "\u202eturned", "x" * 10000, "ü\u0000ü"]
        steps = [
            {"after": "1 s", "do": "remote_logon", "user": name, "session": f"s{i}", "host": "h"}
            for i, name in enumerate(names)
        ]
        with Broker(scenario(*steps)).start() as broker:
            broker.wait_for_event("session.logon", count=len(names))
            logged = [event["session"]["user"] for event in broker.events("--type", "session.logon")]
            self.assertEqual(logged, names)
            for command in (["tail", "-n", "all"], ["sessions"]):
                shown = broker.ctl(*command).stdout
                self.assertNotRegex(shown, "[\x00-\x09\x0b-\x1f\x7f\u202e]")
            self.assertEqual(len(broker.ctl("sessions").stdout.splitlines()), len(names) + 1)
            self.assertEqual(broker.ctl("verify").returncode, 0)


if __name__ == "__main__":
    unittest.main()
