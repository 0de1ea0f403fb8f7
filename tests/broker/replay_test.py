"""A recorded log as a source: what a broker wrote once comes again, from another broker."""

import json
import os
import unittest

from broker import SOURCE, Broker, scenario

DAY = (SOURCE / "config/demo/day.toml").read_text()
ALICE = {"after": "1 s", "do": "logon", "user": "alice", "uid": 1001}

# What the recording's broker and plugins did is not replayed.
REPLAYED = ("session.", "console.", "system.", "source.")


def replay(recording, speed=0):
    return f'type = "replay"\nrecording = "{recording}"\nspeed = {speed}\n'


def told(events):
    """What happened to whom, without numbers and who says so."""
    return [
        (
            event["type"],
            event["time"],
            event.get("reason"),
            event.get("session"),
            event.get("before"),
            event.get("details"),
        )
        for event in events
        if event["type"].startswith(REPLAYED)
    ]


def header(broker):
    with open(broker.segments()[0], encoding="utf-8") as segment:
        return json.loads(segment.readline())


class ARecordedDay(unittest.TestCase):
    def test_comes_again_as_it_was(self):
        with Broker(DAY) as recorder, Broker() as player:
            recorder.launch()
            self.assertEqual(recorder.process.wait(timeout=60), 0, recorder.says())
            player.write_config(source=replay(recorder.log))
            player.launch()
            self.assertEqual(player.process.wait(timeout=60), 0, player.says())

            recorded, replayed = told(recorder.events()), told(player.events())
            self.assertGreater(len(recorded), 40)
            self.assertEqual(replayed, recorded)
            for event in player.events():
                if event["type"].startswith(REPLAYED):
                    self.assertEqual((event["origin"], event["source"]), ("recorded", "replay"))
            self.assertEqual(header(player)["boot"], header(recorder)["boot"])
            self.assertEqual(header(player)["machine"], header(recorder)["machine"])
            self.assertEqual(player.ctl("verify").returncode, 0, player.ctl("verify").stdout)

    def test_keeps_its_speed(self):
        steps = [ALICE, {"after": "20 s", "do": "lock", "session": "alice"}]
        with Broker(scenario(*steps, then="stop")) as recorder, Broker() as player:
            recorder.launch()
            self.assertEqual(recorder.process.wait(timeout=60), 0, recorder.says())
            player.write_config(source=replay(recorder.log, speed=1))
            player.start()
            player.wait_for_event("session.logon")
            self.assertEqual(player.events("--type", "session.locked"), [])
            self.assertEqual(player.stop(), 0, player.says())


class ARecordingFromAnotherMachine(unittest.TestCase):
    def test_brings_its_machine_its_boot_and_its_sessions_along(self):
        page = (SOURCE / "broker/eventlog/FORMAT.md").read_text()
        example = page.split("```json\n")[1].split("```")[0]
        recorded = [json.loads(line) for line in example.splitlines()]
        with Broker() as player:
            recording = player.root / "recording"
            recording.mkdir()
            name = f"events-{recorded[0]['first_seq']:020}.jsonl"
            (recording / name).write_text(example)
            player.write_config(source=replay(recording))
            player.launch()
            self.assertEqual(player.process.wait(timeout=60), 0, player.says())
            self.assertEqual(header(player)["machine"], recorded[0]["machine"])
            self.assertEqual(header(player)["boot"], recorded[0]["boot"])
            logon = player.wait_for_event("session.logon")
            self.assertEqual(logon["session"]["key"], recorded[0]["sessions"][0]["key"])
            self.assertEqual(
                logon["session"]["logon_time"], recorded[0]["sessions"][0]["logon_time"]
            )
            locked = player.wait_for_event("session.locked")
            self.assertEqual(locked["session"], recorded[1]["session"])
            self.assertEqual(locked["time"], recorded[1]["time"])


class ALogThatIsStillWritten(unittest.TestCase):
    def test_is_replayed_up_to_now_with_the_sessions_it_has(self):
        with Broker(scenario(ALICE)).start() as recorder, Broker() as player:
            recorder.wait_for_event("session.logon")
            player.write_config(source=replay(recorder.log))
            player.launch()
            self.assertEqual(player.process.wait(timeout=60), 0, player.says())
            self.assertEqual(told(player.events()), told(recorder.events()))


class ARecordingThatCannotBePlayedWhole(unittest.TestCase):
    def test_is_a_failure_which_the_last_event_names_too(self):
        steps = [ALICE, {"after": "1 s", "do": "lock", "session": "alice"}]
        with Broker(scenario(*steps, then="stop")) as recorder, Broker() as player:
            recorder.launch()
            self.assertEqual(recorder.process.wait(timeout=60), 0, recorder.says())
            (segment,) = recorder.segments()
            text = segment.read_bytes()
            segment.write_bytes(text.replace(b'"session.locked"', b'"session.lockeD"'))
            player.write_config(source=replay(recorder.log))
            player.launch()
            self.assertEqual(player.process.wait(timeout=60), 1, player.says())
            self.assertIn("the recording is damaged and an event of it left out", player.says())
            last = player.events()[-1]
            self.assertEqual((last["type"], last["reason"]), ("broker.stopping", "the recording is damaged"))
            self.assertEqual(len(player.events("--type", "session.logon")), 1)


class ARecordingThatCannotBePlayed(unittest.TestCase):
    def refused(self, player, code, *words):
        player.launch()
        self.assertEqual(player.process.wait(timeout=60), code)
        for word in words:
            self.assertIn(str(word), player.says())

    def test_is_refused_when_it_is_not_there(self):
        with Broker() as player:
            player.write_config(source=replay(player.root / "nothing"))
            self.refused(player, 3, "the recording cannot be played", player.root / "nothing")

    def test_is_refused_when_it_is_the_log_that_is_written(self):
        with Broker(scenario(ALICE)) as player:
            player.start()
            player.wait_for_event("session.logon")
            self.assertEqual(player.stop(), 0)
            before = player.segments()[0].read_bytes()
            os.symlink(player.log, player.root / "alias")
            player.write_config(source=replay(player.root / "alias"))
            self.refused(player, 3, "the very log that this broker writes")
            self.assertEqual(player.segments()[0].read_bytes(), before)

    def test_is_refused_when_its_beginning_is_damaged(self):
        with Broker(scenario(ALICE, then="stop")) as recorder, Broker() as player:
            recorder.launch()
            self.assertEqual(recorder.process.wait(timeout=60), 0, recorder.says())
            (segment,) = recorder.segments()
            segment.write_bytes(b"#" + segment.read_bytes()[1:])
            player.write_config(source=replay(recorder.log))
            self.refused(player, 1, "the first line of", segment.name, "is damaged")


if __name__ == "__main__":
    unittest.main()
