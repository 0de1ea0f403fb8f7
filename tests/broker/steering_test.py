"""What `usherctl plugins` does to one instance while the broker runs."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

from broker import BUILD, PATIENCE, USHERCTL, Broker, eventually, scenario
from plugins_test import BAD, DAY, presence, rows

# A reload takes files that nobody has written to for this long.
SETTLED = 1.0


def children(pid):
    """The processes that this one has started."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # It may just have ended.
            if stat.read_text().rpartition(")")[2].split()[1] == str(pid):
                found.append(stat)
    return found


class SteeredBroker(Broker):
    """One instance, `it`, whose library can be replaced."""

    def __init__(self, library, extra="", steps=DAY):
        super().__init__(scenario(*steps, then="wait"))
        self.library = self.root / "it.so"
        self.put(library)
        table = f'[plugins.it]\nlibrary = "{self.library}"\n{extra}'
        self.write_config(table)
        self.start()

    def put(self, library, settled=True):
        """Replaces the library as an installer does: by a rename."""
        new = self.root / "new.so"
        shutil.copyfile(BAD / f"{library}.so", new)
        new.chmod(0o755)
        if settled:
            old = time.time() - SETTLED
            os.utime(new, (old, old))
        new.rename(self.library)

    def steer(self, verb, instance="it"):
        return self.ctl("plugins", verb, instance)

    def caught_up(self):
        """Waits until the scenario has been played and the instance has all of it."""
        self.wait_for_event("session.unlocked", count=4)
        eventually(lambda: rows(self)["it"]["lag"] == 0, "the instance to catch up")

    def seen(self):
        """The numbers of the events that the instance said it got, in order."""
        marks = [line.split("event ", 1)[1] for line in self.says().splitlines() if "it: event " in line]
        return [mark.split()[0] for mark in marks]

    def requests(self):
        events = self.events("--type", "control.request")
        return [(e["details"]["method"], e["details"]["result"]) for e in events]


class ASteeredInstance(unittest.TestCase):
    def test_is_disabled_over_restarts_until_it_is_enabled(self):
        with SteeredBroker("good") as broker:
            broker.caught_up()
            done = broker.steer("disable")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("also when the broker starts again", done.stdout)
            self.assertEqual(rows(broker)["it"]["state"], "disabled")
            again = broker.steer("disable")
            self.assertEqual(again.returncode, 1)
            self.assertIn("'it' is disabled already", again.stderr)
            self.assertEqual(broker.stop(), 0)
            broker.start()
            self.assertEqual(rows(broker)["it"]["state"], "disabled")
            self.assertIn("usherctl plugins enable it", broker.says())
            enabled = broker.steer("enable")
            self.assertEqual(enabled.returncode, 0, enabled.stderr)
            self.assertEqual(rows(broker)["it"]["state"], "running")
            skipped = broker.wait_for_event("plugin.skipped", count=2)["details"]
            self.assertEqual(skipped["reason"], "disabled")
            self.assertEqual(
                broker.requests(),
                [("plugins.disable", "done"), ("plugins.disable", "failed"), ("plugins.enable", "done")],
            )
            self.assertEqual(broker.stop(), 0)

    def test_loses_and_repeats_nothing_when_it_is_reloaded(self):
        steps = DAY[:1] + [{"after": "1 ms", "do": v, "session": "alice"} for v in ["lock", "unlock"] * 300]
        with SteeredBroker("good", steps=steps) as broker:
            for _ in range(5):
                done = broker.steer("reload")
                self.assertEqual(done.returncode, 0, done.stderr)
            broker.wait_for_event("session.unlocked", count=300)
            broker.steer("disable")
            seen = [int(seq) for seq in broker.seen()]
            kinds = ["plugin.", "control.", "broker."]
            events = [e for e in broker.events() if not any(e["type"].startswith(k) for k in kinds)]
            wanted = [e["seq"] for e in events if e["seq"] >= seen[0]]
            self.assertEqual([seq for seq in seen if seq in set(wanted)], wanted)
            self.assertEqual(len(seen), len(set(seen)), "an event came twice")

    def test_goes_on_when_the_new_library_is_refused_hangs_or_crashes(self):
        with SteeredBroker("good") as broker:
            broker.caught_up()
            for bad, why in {
                "wrong_abi": "ABI",
                "no_entry": "usher_plugin_entry",
                "undefined": "undefined",
            }.items():
                broker.put(bad)
                refused = broker.steer("reload")
                self.assertEqual(refused.returncode, 1, bad)
                self.assertIn("it is not loaded anew, the one that runs goes on", refused.stderr)
                self.assertIn(why, refused.stderr)
            for library, why in {"segfault_in_load": "SIGSEGV", "hang_in_check_config": "too long"}.items():
                broker.put(library)
                refused = broker.steer("reload")
                self.assertEqual(refused.returncode, 1, library)
                self.assertIn(why, refused.stderr)
            self.assertEqual(rows(broker)["it"]["state"], "running")
            self.assertEqual(len(broker.events("--type", "plugin.failed")), 5)
            broker.put("good")
            self.assertEqual(broker.steer("reload").returncode, 0)
            self.assertEqual(broker.stop(), 0)

    def test_holds_up_no_stop_while_a_library_is_tried(self):
        with SteeredBroker("good") as broker:
            broker.caught_up()
            broker.put("hang_in_load")
            reload = subprocess.Popen(
                [*broker.prefix, USHERCTL, "--config", broker.config, "plugins", "reload", "it"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
            eventually(lambda: children(broker.process.pid), "the process that tries it")
            self.assertEqual(broker.stop(), 0)
            self.assertNotEqual(reload.wait(timeout=PATIENCE), 0)
            self.assertIn("was not tried to the end, as the broker stops", broker.says())

    def test_is_reloaded_by_itself_once_its_library_is_whole(self):
        with SteeredBroker("hidden_1", "watch = true\n") as broker:
            if os.geteuid() == 0:
                self.assertIn("allow_watch", broker.says())
                broker.stop()
                text = broker.config.read_text()
                broker.config.write_text("allow_watch = true\n" + text)
                broker.start()
            eventually(lambda: "it: code 1, static 1" in broker.says(), "the first code")
            broker.put("wrong_abi", settled=False)
            failed = broker.wait_for_event("plugin.failed", reason="not reloaded")
            self.assertIn("ABI", failed["details"]["error"])
            self.assertEqual(rows(broker)["it"]["state"], "running")
            broker.put("hidden_2", settled=False)
            eventually(lambda: "it: code 2, static 2" in broker.says(), "the new code")
            self.assertEqual(broker.stop(), 0)


class ATrace(unittest.TestCase):
    def test_shows_the_calls_as_they_end(self):
        with SteeredBroker("good") as broker:
            broker.caught_up()
            trace = subprocess.Popen(
                [USHERCTL, "--config", broker.config, "plugins", "trace", "it", "--json"],
                stdout=subprocess.PIPE,
                text=True,
            )
            calls = []

            def reloaded():
                # Until the trace has begun, what happens is not in it.
                broker.steer("reload")
                os.set_blocking(trace.stdout.fileno(), False)
                calls.extend(json.loads(line) for line in trace.stdout.readlines())
                return "on_snapshot" in [call["call"] for call in calls]

            eventually(reloaded, "a traced reload")
            self.assertEqual({call["result"] for call in calls}, {"ok"})
            self.assertLess({"stop", "destroy", "create", "init"}, {call["call"] for call in calls})
            trace.send_signal(signal.SIGINT)
            self.assertEqual(trace.wait(timeout=PATIENCE), 0)
            trace.stdout.close()

    def test_ends_with_the_broker_and_says_so(self):
        with SteeredBroker("good") as broker:
            trace = subprocess.Popen(
                [USHERCTL, "--config", broker.config, "plugins", "trace", "it"],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            self.assertIn("DURATION", trace.stdout.readline())
            self.assertEqual(broker.stop(), 0)
            self.assertEqual(trace.wait(timeout=PATIENCE), 4)
            self.assertIn("usherctl: ", trace.stderr.read())
            trace.stdout.close()
            trace.stderr.close()

    def test_of_an_instance_that_is_not_there_says_so(self):
        with SteeredBroker("good") as broker:
            refused = broker.steer("trace", "other")
            self.assertEqual(refused.returncode, 1)
            self.assertIn("there is no instance 'other'", refused.stderr)
