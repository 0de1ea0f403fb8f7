"""Plugins that misbehave beside one that does not: each is named, the others go on."""

import json
import pathlib
import signal
import unittest

from broker import BUILD, Broker, eventually, scenario

BAD = BUILD / "tests/plugins"
DAY = [{"after": "1 s", "do": "logon", "user": "alice", "uid": 1001}] + [
    {"after": "1 s", "do": verb, "session": "alice"} for verb in ["lock", "unlock"] * 4
]


def tables(*names, directory=BAD):
    return "".join(f'[plugins.{n.replace("_", "-")}]\nlibrary = "{directory}/{n}.so"\n' for n in names)


def presence(broker):
    return (
        f'[plugins.presence]\nlibrary = "presence"\n'
        f'[plugins.presence.config]\nfile = "{broker.root}/presence.json"\n'
    )


def rows(broker):
    listed = json.loads(broker.ctl("plugins", "--json").stdout)["plugins"]
    return {row["name"]: row for row in listed}


class APluginThatCannotBeLoaded(unittest.TestCase):
    def test_is_named_with_its_reason_and_the_others_go_on(self):
        with Broker(scenario(*DAY)) as broker:
            (broker.root / "text.so").write_text("not a library\n")
            bad = ["no_entry", "wrong_abi", "null_descriptor", "tiny_entry", "init_fails"]
            broker.write_config(
                tables(*bad) + tables("text", "missing", directory=broker.root) + presence(broker)
            )
            broker.start()
            names = {name.replace("_", "-") for name in [*bad, "text", "missing"]}

            def failed():
                events = broker.events("--type", "plugin.failed")
                return events if {e["details"]["instance"] for e in events} == names else None

            failures = eventually(failed, f"a plugin.failed for each of {names}")
            reasons = {event["details"]["instance"]: str(event["details"]) for event in failures}
            self.assertEqual(len(set(reasons.values())), len(names), reasons)
            self.assertIn("ABI", reasons["wrong-abi"])
            self.assertIn("usher_plugin_entry", reasons["no-entry"])
            broker.wait_for_event("session.unlocked", count=4)
            self.assertEqual(rows(broker)["presence"]["state"], "running")
            self.assertEqual({rows(broker)[name]["state"] for name in names}, {"failed"})


class APluginThatFailsWithAnEvent(unittest.TestCase):
    def test_is_struck_then_quarantined_and_the_others_go_on(self):
        with Broker(scenario(*DAY)) as broker:
            broker.write_config(tables("throws", "fails") + presence(broker))
            broker.start()
            for name in ("throws", "fails"):

                def quarantined():
                    events = broker.events("--type", "plugin.quarantined")
                    return [e for e in events if e["details"]["instance"] == name]

                eventually(quarantined, f"{name} to be quarantined")
                self.assertEqual(rows(broker)[name]["state"], "quarantined")
            strikes = broker.events("--type", "plugin.failed")
            for event in strikes:
                if event["details"]["call"] == "on_event":
                    self.assertEqual(str(event["cause"]), event["details"]["seq"])
            broker.wait_for_event("session.unlocked", count=4)
            eventually(lambda: rows(broker)["presence"]["lag"] == 0, "presence to have caught up")
            state = json.loads((broker.root / "presence.json").read_text())
            self.assertEqual([each["user"] for each in state["sessions"]], ["alice"])


class APluginThatIsStuck(unittest.TestCase):
    def test_does_not_keep_the_broker_from_ending(self):
        with Broker(scenario(*DAY)) as broker:
            broker.write_config(tables("stuck") + presence(broker))
            broker.start()
            broker.wait_for_event("session.unlocked", count=4)
            broker.stop()
            self.assertIn("stuck", broker.says())
            overdue = broker.events("--type", "plugin.overdue")[-1]["details"]
            self.assertEqual((overdue["instance"], overdue["call"]), ("stuck", "stop"))


class AnInstance(unittest.TestCase):
    def test_goes_on_where_it_was_after_a_kill(self):
        boot = 'boot_id = "00000000000000000000000000000002"\n'
        with Broker(boot + scenario(*DAY)) as broker:
            broker.write_config(tables("good"))
            broker.start()
            broker.wait_for_event("session.unlocked", count=4)
            eventually(lambda: rows(broker)["good"]["lag"] == 0, "the plugin to catch up")
            cursor = broker.root / "state/cursors/good"
            last = broker.events()[-1]["seq"]
            eventually(lambda: cursor.exists() and int(cursor.read_text()) >= last - 1, "its cursor")
            broker.stop(signal.SIGKILL)
            broker.write_scenario(boot + scenario())
            broker.start()
            eventually(lambda: rows(broker)["good"]["lag"] == 0, "the plugin to catch up")
            self.assertEqual(broker.events("--type", "plugin.skipped")[1:], [])

    def test_that_is_new_says_what_it_did_not_see(self):
        with Broker(scenario(*DAY)).start() as broker:
            broker.wait_for_event("session.unlocked", count=4)
            broker.stop()
            broker.write_config(presence(broker))
            broker.start()
            skipped = broker.wait_for_event("plugin.skipped")["details"]
            self.assertEqual((skipped["instance"], skipped["from"]), ("presence", "1"))
            self.assertEqual(skipped["reason"], "new")


class Gate:
    """The folder through which a test tells the plugin `gated` what to do."""

    def __init__(self, broker):
        self.broker = broker
        self.folder = broker.root / "gate"
        self.folder.mkdir()

    def table(self):
        return tables("gated") + f'[plugins.gated.config]\ngate = "{self.folder}"\n'

    def open(self, seq, error=""):
        draft = self.folder / "draft"
        draft.write_text(error)
        draft.rename(self.folder / str(seq))

    def notes(self):
        path = self.folder / "notes"
        return path.read_text().splitlines() if path.exists() else []

    def wait_for_notes(self, count):
        return eventually(lambda: len(self.notes()) >= count and self.notes(), f"{count} notes")

    def cursor(self):
        path = self.broker.root / "state/cursors/gated"
        return int(path.read_text()) if path.exists() else 0


class APluginThatLeavesEventsOpen(unittest.TestCase):
    """`gated` gets the events of DAY that lock and unlock, and keeps them until the test lets go."""

    def started(self, broker):
        gate = Gate(broker)
        broker.write_config(gate.table())
        broker.start()
        return gate

    def seqs(self, gate, count):
        return [int(note.split()[0]) for note in gate.wait_for_notes(count)]

    def test_keeps_its_cursor_below_the_lowest_open_one(self):
        with Broker(scenario(*DAY)) as broker:
            gate = self.started(broker)
            seqs = self.seqs(gate, 8)
            for seq in reversed(seqs[1:]):
                gate.open(seq)
            gate.open(seqs[3])
            self.assertLess(gate.cursor(), seqs[0])
            self.assertEqual(rows(broker)["gated"]["acknowledged"], seqs[0] - 1)
            gate.open(seqs[0])
            eventually(lambda: gate.cursor() >= seqs[-1], "the cursor to pass the last event")
            self.assertEqual(rows(broker)["gated"]["strikes"], 0)

    def test_gets_them_again_after_a_kill(self):
        boot = 'boot_id = "00000000000000000000000000000002"\n'
        with Broker(boot + scenario(*DAY)) as broker:
            gate = self.started(broker)
            seqs = self.seqs(gate, 8)
            gate.open(seqs[0])
            gate.open(seqs[4])
            eventually(lambda: gate.cursor() == seqs[1] - 1, "the cursor before the second event")
            broker.stop(signal.SIGKILL)
            (gate.folder / "notes").unlink()
            broker.write_scenario(boot + scenario())
            broker.start()
            self.assertEqual(gate.wait_for_notes(7), [f"{seq} again" for seq in seqs[1:]])

    def test_gets_them_again_after_an_orderly_stop_without_a_strike(self):
        boot = 'boot_id = "00000000000000000000000000000002"\n'
        with Broker(boot + scenario(*DAY)) as broker:
            gate = self.started(broker)
            seqs = self.seqs(gate, 8)
            broker.stop()
            self.assertEqual(gate.cursor(), seqs[0] - 1)
            self.assertEqual(broker.events("--type", "plugin.failed"), [])
            (gate.folder / "notes").unlink()
            broker.write_scenario(boot + scenario())
            broker.start()
            self.assertEqual(gate.wait_for_notes(8), [f"{seq} again" for seq in seqs])

    def test_has_sixteen_at_most(self):
        day = DAY[:1] + DAY[1:] * 3
        with Broker(scenario(*day)) as broker:
            gate = self.started(broker)
            seqs = self.seqs(gate, 16)
            broker.wait_for_event("session.unlocked", count=12)
            self.assertEqual(len(gate.notes()), 16)
            gate.open(seqs[5])
            self.assertEqual(len(gate.wait_for_notes(17)), 17)

    def test_is_struck_for_one_that_fails(self):
        with Broker(scenario(*DAY)) as broker:
            gate = self.started(broker)
            seqs = self.seqs(gate, 8)
            gate.open(seqs[2], "there is no paper left")
            failed = broker.wait_for_event("plugin.failed")
            self.assertEqual((failed["cause"], failed["chain"]), (seqs[2], 1))
            self.assertIn("there is no paper left", failed["details"]["error"])
            self.assertEqual(rows(broker)["gated"]["strikes"], 1)

    def test_may_ask_for_another_try(self):
        with Broker(scenario(*DAY)) as broker:
            gate = Gate(broker)
            (gate.folder / "retry").touch()
            broker.write_config(gate.table())
            broker.start()
            first = gate.wait_for_notes(3)
            self.assertEqual(len(set(first)), 1, "later events wait")
            (gate.folder / "retry").unlink()
            seqs = sorted(set(self.seqs(gate, len(first) + 8)))
            self.assertEqual(len(seqs), 8)
            for seq in seqs:
                gate.open(seq)
            eventually(lambda: gate.cursor() >= seqs[-1], "the cursor to pass the last event")
            self.assertEqual(broker.events("--type", "plugin.failed"), [])


class AnInstanceThatMustNotResume(unittest.TestCase):
    boot = 'boot_id = "00000000000000000000000000000002"\n'

    def again(self, broker, config):
        """Ends the broker, starts it with this configuration; answers the last plugin.skipped."""
        broker.stop()
        broker.write_scenario(self.boot + scenario())
        broker.write_config(config)
        before = len(broker.events("--type", "plugin.skipped"))
        broker.start()
        return broker.wait_for_event("plugin.skipped", count=before + 1)["details"]

    def test_starts_at_the_logs_end_after_a_quarantine(self):
        with Broker(self.boot + scenario(*DAY)) as broker:
            broker.write_config(tables("fails"))
            broker.start()
            quarantined = broker.wait_for_event("plugin.quarantined")
            broker.stop()
            broker.write_scenario(self.boot + scenario())
            before = len(broker.events("--type", "plugin.skipped"))
            broker.start()
            self.assertEqual(rows(broker)["fails"]["state"], "quarantined")
            self.assertEqual(broker.ctl("plugins", "release", "fails").returncode, 0)
            skipped = broker.wait_for_event("plugin.skipped", count=before + 1)["details"]
            self.assertEqual(skipped["reason"], "quarantined")
            self.assertEqual(int(skipped["from"]), quarantined["cause"] + 1)

    def test_starts_at_the_logs_end_once_it_is_enabled_again(self):
        with Broker(self.boot + scenario(*DAY)) as broker:
            broker.write_config(tables("good"))
            broker.start()
            broker.wait_for_event("session.unlocked", count=4)
            broker.stop()
            cursor = int((broker.root / "state/cursors/good").read_text())
            broker.write_scenario(self.boot + scenario())
            broker.write_config(tables("good") + "enabled = false\n")
            broker.start()
            skipped = self.again(broker, tables("good"))
            self.assertEqual(skipped["reason"], "disabled")
            self.assertEqual(int(skipped["from"]), cursor + 1)


class ThePresenceFile(unittest.TestCase):
    def test_says_whether_anybody_is_at_the_machine(self):
        with Broker(scenario(*DAY[:2])) as broker:
            broker.write_config(presence(broker))
            broker.start()
            path = pathlib.Path(broker.root / "presence.json")

            def locked():
                state = json.loads(path.read_text()) if path.exists() else {}
                return state.get("anybody_logged_on") and state["sessions"][0]["locked"] == "yes" and state

            state = eventually(locked, "the lock to be noticed")
            self.assertFalse(state["anybody_at_the_machine"])


if __name__ == "__main__":
    unittest.main()
