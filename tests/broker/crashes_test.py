"""Plugins that take the broker with them: the next one knows who it was, and in the end goes on without."""

import os
import signal
import unittest

from broker import PATIENCE, Broker, eventually, scenario
from plugins_test import DAY, presence, rows, tables

BOOT = 'boot_id = "00000000000000000000000000000002"\n'


def misbehaving(call, how, name="misbehaves", **keys):
    """The table of an instance that does so; `keys` as the plugin documents them."""
    keys = {"in": call, "how": how, **keys}
    config = "".join(f'{key.rstrip("_")} = "{value}"\n' for key, value in keys.items())
    table = tables("misbehaves").replace("[plugins.misbehaves]", f"[plugins.{name}]")
    return table + f"[plugins.{name}.config]\n" + config


class CrashingBroker(Broker):
    """Starts anew as a service manager would."""

    def __init__(self):
        super().__init__(BOOT + scenario(*DAY))

    def run_until_it_ends(self):
        """Answers the exit status."""
        self.launch()
        status = self.process.wait(timeout=PATIENCE)
        self.write_scenario(BOOT + scenario())
        return status

    def failures(self, instance="misbehaves"):
        failed = self.events("--type", "plugin.failed")
        return [event for event in failed if event["details"]["instance"] == instance]

    def quarantined(self):
        events = self.events("--type", "plugin.quarantined")
        return [event["details"]["instance"] for event in events]


class APluginThatCrashes(unittest.TestCase):
    def crash_and_blame(self, call, how, **keys):
        """Lets the broker crash once; answers the plugin.failed of the next one, which goes on."""
        with CrashingBroker() as broker:
            gate = broker.root / "gate"
            gate.touch()
            table = misbehaving(call, how, **{"while": gate}, **keys)
            # Without a word whoever is in a call just then is blamed: here that is to be one only.
            others = "" if how == "_exit" else presence(broker)
            broker.write_config(others + table)
            status = broker.run_until_it_ends() if call != "stop" else self.stop(broker)
            gate.unlink()
            broker.start()
            failed = broker.wait_for_event("plugin.failed", reason="crashed")
            self.assertEqual(failed["details"]["instance"], "misbehaves", failed)
            self.assertEqual(len(broker.events("--type", "plugin.failed")), 1)
            self.assertEqual(rows(broker)["misbehaves"]["state"], "running")
            self.assertEqual(rows(broker)["misbehaves"]["strikes"], 1)
            self.assertEqual(broker.stop(), 0)
            return status, failed, broker.says()

    def stop(self, broker):
        broker.start()
        return broker.stop()

    def test_in_an_event_is_named_with_it(self):
        status, failed, says = self.crash_and_blame("on_event", "segfault", type="session.locked")
        details = failed["details"]
        self.assertEqual((details["call"], details["fault"]), ("on_event", "SIGSEGV"))
        self.assertEqual(str(failed["cause"]), details["seq"])
        self.assertEqual(status, -signal.SIGSEGV)
        self.assertIn("usherd: plugin misbehaves: SIGSEGV in on_event() with event", says)

    def test_in_any_other_call_is_named_too(self):
        for call in ("create", "init", "on_snapshot", "stop"):
            _, failed, _ = self.crash_and_blame(call, "segfault")
            self.assertEqual((failed["details"]["call"], failed["details"]["fault"]), (call, "SIGSEGV"))

    def test_in_whatever_way(self):
        for how, fault in (("abort", "SIGABRT"), ("overflow", "SIGSEGV"), ("exit", "exit()")):
            _, failed, _ = self.crash_and_blame("on_event", how, type="session.locked")
            self.assertEqual((failed["details"]["call"], failed["details"]["fault"]), ("on_event", fault))

    def test_without_a_word_is_blamed_for_the_call_that_was_open(self):
        _, failed, _ = self.crash_and_blame("on_event", "_exit", type="session.locked")
        self.assertEqual(failed["details"]["call"], "on_event")
        self.assertNotIn("fault", failed["details"])
        self.assertIn("_exit()", failed["details"]["error"])


class APluginWhoseOwnThreadCrashes(unittest.TestCase):
    def test_is_known_by_its_code(self):
        for how, fault in (("segfault a thread", "SIGSEGV"), ("abort a thread", "SIGABRT")):
            with CrashingBroker() as broker:
                table = misbehaving("on_event", how, type="session.locked")
                broker.write_config(presence(broker) + table)
                self.assertLess(broker.run_until_it_ends(), 0)
                broker.write_config(presence(broker))
                broker.start()
                failed = broker.wait_for_event("plugin.failed", reason="crashed")["details"]
                self.assertEqual((failed["instance"], failed["fault"]), ("misbehaves", fault))


class AnEventThatCrashesAPluginTwice(unittest.TestCase):
    def test_is_skipped_and_named_and_the_next_one_comes(self):
        with CrashingBroker() as broker:
            notes = broker.root / "notes"
            gate = broker.root / "gate"
            gate.touch()
            keys = {"type": "session.locked", "notes": notes, "while": gate}
            broker.write_config(misbehaving("on_event", "segfault", **keys))
            broker.write_scenario(BOOT + scenario())
            broker.start()
            cursor = broker.root / "state/cursors/misbehaves"
            eventually(cursor.exists, "its cursor, so that it is not new any more")
            broker.stop()
            broker.write_scenario(BOOT + scenario(*DAY))
            for _ in range(2):
                self.assertEqual(broker.run_until_it_ends(), -signal.SIGSEGV)
            gate.unlink()
            broker.start()
            skipped = broker.wait_for_event("plugin.skipped", count=2)["details"]
            self.assertEqual((skipped["reason"], skipped["from"]), ("failed twice", skipped["to"]))
            crashes = [event["details"]["seq"] for event in broker.failures()]
            self.assertEqual(crashes, [skipped["from"]] * 2)
            eventually(lambda: rows(broker)["misbehaves"]["lag"] == 0, "the rest to be delivered")
            lines = notes.read_text().splitlines()
            self.assertEqual([line.split()[0] for line in lines].count(skipped["from"]), 2)
            self.assertEqual(broker.quarantined(), [])
            # The first crash may have come before all of the day was in the log.
            unlocked = broker.events("--type", "session.unlocked")
            self.assertEqual(len([line for line in lines if "session.unlocked" in line]), len(unlocked))


class APluginThatCrashesThreeTimes(unittest.TestCase):
    def crashed_thrice(self, broker):
        gate = broker.root / "gate"
        gate.touch()
        table = misbehaving("init", "abort", **{"while": gate})
        broker.write_config(presence(broker) + table)
        for _ in range(3):
            self.assertEqual(broker.run_until_it_ends(), -signal.SIGABRT)
        broker.start()

    def test_is_quarantined_and_stays_so_and_nobody_else_loses_anything(self):
        with CrashingBroker() as broker:
            self.crashed_thrice(broker)
            eventually(lambda: broker.quarantined() == ["misbehaves"], "the quarantine")
            for _ in range(2):
                row = rows(broker)["misbehaves"]
                self.assertEqual((row["state"], row["strikes"]), ("quarantined", 3))
                self.assertIn("SIGABRT in init()", row["last_error"])
                self.assertTrue(row["quarantined_since"])
                self.assertEqual(rows(broker)["presence"]["state"], "running")
                self.assertEqual(broker.stop(), 0)
                broker.start()
            self.assertEqual(len(broker.failures()), 3)
            self.assertEqual(broker.failures("presence"), [])

    def test_can_be_released_and_starts_at_the_logs_end(self):
        with CrashingBroker() as broker:
            self.crashed_thrice(broker)
            refused = broker.ctl("plugins", "release", "presence")
            self.assertEqual(refused.returncode, 1)
            self.assertIn("'presence' is running", refused.stderr)
            self.assertEqual(broker.ctl("plugins", "release", "nobody").returncode, 1)
            (broker.root / "gate").unlink()
            before = len(broker.events("--type", "plugin.skipped"))
            released = broker.ctl("plugins", "release", "misbehaves")
            self.assertEqual(released.returncode, 0, released.stderr)
            broker.wait_for_event("plugin.released")
            skipped = broker.wait_for_event("plugin.skipped", count=before + 1)["details"]
            self.assertEqual(skipped["instance"], "misbehaves")
            eventually(lambda: rows(broker)["misbehaves"]["state"] == "running", "it to run")
            self.assertEqual(rows(broker)["misbehaves"]["strikes"], 0)
            requests = broker.events("--type", "control.request")
            self.assertEqual(
                [event["details"]["result"] for event in requests], ["failed", "failed", "done"]
            )
            self.assertEqual(broker.stop(), 0)


class APluginThatHangs(unittest.TestCase):
    def test_is_abandoned_while_the_others_go_on_and_can_be_released(self):
        with CrashingBroker() as broker:
            gate = broker.root / "gate"
            gate.touch()
            table = misbehaving("on_event", "hang", **{"while": gate, "type": "session.locked"})
            table = table.replace("[plugins.misbehaves.config]", 'event_timeout = "100 ms"\n[plugins.misbehaves.config]')
            broker.write_config(presence(broker) + table)
            broker.start()
            failed = broker.wait_for_event("plugin.failed", reason="abandoned")["details"]
            self.assertEqual((failed["call"], failed["strikes"]), ("on_event", "1"))
            overdue = broker.wait_for_event("plugin.overdue")["details"]
            self.assertEqual((overdue["seq"], overdue["deadline_ms"]), (failed["seq"], "100"))
            eventually(lambda: rows(broker)["presence"]["lag"] == 0, "presence to catch up")
            self.assertEqual(rows(broker)["misbehaves"]["state"], "failed")
            gate.unlink()
            self.assertEqual(broker.ctl("plugins", "release", "misbehaves").returncode, 0)
            eventually(lambda: rows(broker)["misbehaves"]["state"] == "running", "it to run")
            self.assertEqual(broker.stop(), 1, "the process ended with a thread inside the library")
            self.assertEqual(len(broker.failures()), 1)

    def test_in_every_call_holds_up_neither_start_nor_stop(self):
        for call in ("create", "init", "on_snapshot", "stop", "destroy"):
            with CrashingBroker() as broker:
                table = misbehaving(call, "hang").replace(
                    "[plugins.misbehaves.config]",
                    'start_timeout = "100 ms"\nevent_timeout = "100 ms"\nstop_timeout = "100 ms"\n'
                    "[plugins.misbehaves.config]",
                )
                broker.write_config(table + presence(broker))
                broker.start()
                broker.wait_for_event("session.unlocked", count=4)
                eventually(lambda: rows(broker)["presence"]["lag"] == 0, "presence to catch up")
                self.assertEqual(broker.stop(), 1)
                self.assertEqual(broker.failures()[0]["details"]["call"], call)
                broker.write_config(presence(broker))
                broker.start()
                self.assertEqual(len(broker.failures()), 1, "it is not blamed twice")


class ALibrarysDestructor(unittest.TestCase):
    def configure(self, broker, name):
        broker.write_config(tables(name) + presence(broker))
        broker.start()
        broker.wait_for_event("session.unlocked", count=4)

    def test_that_crashes_is_named_and_blamed(self):
        with CrashingBroker() as broker:
            self.configure(broker, "segfault_in_unload")
            self.assertEqual(broker.stop(), -signal.SIGSEGV)
            self.assertIn("usherd: plugin segfault-in-unload: SIGSEGV in unload()", broker.says())
            broker.start()
            failed = broker.wait_for_event("plugin.failed", reason="crashed")["details"]
            self.assertEqual((failed["instance"], failed["call"]), ("segfault-in-unload", "unload"))
            self.assertEqual(rows(broker)["segfault-in-unload"]["strikes"], 1)
            self.assertEqual(broker.failures("presence"), [])
            broker.stop(signal.SIGKILL)  # Or it ends so again.

    def test_that_hangs_is_named_and_waited_for_no_longer(self):
        with CrashingBroker() as broker:
            self.configure(broker, "hang_in_unload")
            disabled = broker.ctl("plugins", "disable", "hang-in-unload")
            self.assertEqual(disabled.returncode, 0, disabled.stderr)
            overdue = broker.wait_for_event("plugin.overdue")["details"]
            self.assertEqual((overdue["instance"], overdue["call"]), ("hang-in-unload", "unload"))
            self.assertEqual(rows(broker)["presence"]["state"], "running")
            self.assertEqual(broker.stop(), 1, "the process ended with a thread inside the library")
            broker.start()
            self.assertEqual(broker.events("--type", "plugin.failed"), [])


class APluginThatForks(unittest.TestCase):
    def test_does_not_keep_the_next_broker_from_starting(self):
        with CrashingBroker() as broker:
            note = broker.root / "child"
            broker.write_config(misbehaving("init", "fork", child=note))
            broker.start()
            child = int(eventually(lambda: note.exists() and note.read_text(), "the child"))
            try:
                broker.stop(signal.SIGKILL)
                broker.write_config(presence(broker))
                broker.start()
                self.assertEqual(rows(broker)["presence"]["state"], "running")
            finally:
                os.kill(child, signal.SIGKILL)


class AKill(unittest.TestCase):
    def test_while_nothing_is_open_is_nobodys_fault(self):
        with CrashingBroker() as broker:
            broker.write_config(presence(broker) + misbehaving("nothing", "hang"))
            broker.start()
            broker.wait_for_event("session.unlocked", count=4)
            eventually(lambda: all(row["lag"] == 0 for row in rows(broker).values()), "the end")
            broker.stop(signal.SIGKILL)
            broker.start()
            self.assertEqual(broker.events("--type", "plugin.failed"), [])

    def test_by_a_signal_that_a_crash_has_too_is_nobodys_fault_either(self):
        with CrashingBroker() as broker:
            broker.write_config(misbehaving("on_event", "hang", type="session.locked"))
            broker.start()
            broker.wait_for_event("session.unlocked", count=4)
            eventually(lambda: rows(broker)["misbehaves"]["lag"] != 0, "it to hang")
            self.assertEqual(broker.stop(signal.SIGABRT), -signal.SIGABRT)
            broker.write_config()
            broker.start()
            self.assertEqual(broker.events("--type", "plugin.failed"), [])


if __name__ == "__main__":
    unittest.main()
