"""The whole broker on a disk that is full, for real."""

import json
import signal
import unittest

from broker import BUILD, Broker, eventually, scenario
from ledger import UNLOGGED
from small_disk import SmallDisk

LOCKS = [{"after": "10 ms", "do": verb, "session": "alice"} for verb in ["lock", "unlock"] * 3000]
ALICE = {"after": "1 s", "do": "logon", "user": "alice", "uid": 1001}


class DiskBroker(Broker):
    """A broker with its log on a small disk, and a plugin that writes down what it is told."""

    def __init__(self, disk, pace):
        self.pace = pace
        super().__init__(scenario(ALICE, *LOCKS))
        self.disk = disk
        self.log = disk.path / "log"
        self.write_config(
            plugins=(
                f'[plugins.recorder]\nlibrary = "{BUILD}/tests/plugins/recorder.so"\n'
                f'[plugins.recorder.config]\nfile = "{self.root}/recorded"\n'
            ),
            extra='segment_size = "64 KiB"\ntotal_size = "1 GiB"',
        )
        text = self.config.read_text()
        self.config.write_text(text.replace("[control]", f"pace = {pace}\n[control]", 1))

    def delivered(self):
        """What the plugin was told: pairs of seq and flags."""
        path = self.root / "recorded"
        lines = path.read_bytes().splitlines() if path.exists() else []
        events = [line.split(b" ", 3) for line in lines if line.startswith(b"event ")]
        return [(int(event[1]), int(event[2])) for event in events]

    def unlogged(self):
        return [seq for seq, flags in self.delivered() if flags & UNLOGGED]

    def log_status(self):
        return json.loads(self.ctl("status", "--json").stdout)["log"]

    def logged(self):
        return [event["seq"] for event in self.events()]

    def fill_and_wait(self, count=50):
        """Fills the disk, and waits until so many events were delivered that are not on it."""
        self.disk.fill()
        eventually(lambda: len(self.unlogged()) >= count, f"{count} events delivered UNLOGGED")

    def free_and_wait(self):
        self.disk.free()
        eventually(lambda: not self.log_status()["degraded"], "the log to be written again")


def named_missing(broker):
    """The numbers that a log.gap names."""
    missing = set()
    for event in broker.events("--type", "log.gap"):
        missing |= set(range(int(event["details"]["from"]), int(event["details"]["to"]) + 1))
    return missing


class FullDisk:
    """What holds on every kind."""

    kind = None

    def setUp(self):
        self.disk = self.enterContext(SmallDisk(self.kind))

    def broker(self, pace=1.0):
        return self.enterContext(DiskBroker(self.disk, pace))

    def assert_whole(self, broker):
        """Nothing that was delivered is missing in the log, unless the log says so."""
        verify = broker.ctl("verify")
        self.assertEqual(verify.returncode, 0, verify.stdout)
        logged = broker.logged()
        self.assertEqual(logged, sorted(set(logged)))
        seqs = {seq for seq, _ in broker.delivered()}
        self.assertEqual(seqs - set(logged) - named_missing(broker), set())

    def test_goes_on_delivering_and_takes_all_of_it_when_there_is_space(self):
        broker = self.broker().start()
        broker.wait_for_event("session.locked")
        broker.fill_and_wait()
        status = broker.log_status()
        self.assertTrue(status["degraded"])
        self.assertIn("ENOSPC", status["trouble"])
        self.assertGreater(status["unwritten"], 0)
        broker.free_and_wait()
        self.assertEqual(broker.stop(), 0, broker.says())
        self.assert_whole(broker)
        self.assertEqual(named_missing(broker), set())
        self.assertLess(set(broker.unlogged()), set(broker.logged()))

    def test_that_lasts_too_long_costs_events_which_the_log_names(self):
        broker = self.broker(pace=0.02).start()
        broker.wait_for_event("session.locked")
        broker.disk.fill()
        eventually(lambda: broker.log_status()["lost"] > 0, "the memory to be full")
        broker.free_and_wait()
        self.assertEqual(broker.stop(), 0, broker.says())
        self.assert_whole(broker)
        self.assertGreater(len(named_missing(broker)), 0)

    def test_does_not_keep_the_broker_from_ending_which_is_a_failure(self):
        broker = self.broker().start()
        broker.wait_for_event("session.locked")
        broker.fill_and_wait()
        self.assertEqual(broker.stop(), 1, broker.says())
        self.assertIn("events are given up", broker.says())
        self.assert_started_anew(broker)

    def test_may_be_followed_by_a_kill(self):
        broker = self.broker().start()
        broker.wait_for_event("session.locked")
        broker.fill_and_wait()
        broker.stop(signal.SIGKILL)
        self.assert_started_anew(broker)

    def assert_started_anew(self, broker):
        """First on the full disk, then with space."""
        before = len(broker.unlogged())
        broker.start()
        eventually(lambda: len(broker.unlogged()) > before, "more events to be delivered UNLOGGED")
        self.assertTrue(broker.log_status()["degraded"])
        broker.free_and_wait()
        self.assertEqual(broker.stop(), 0, broker.says())
        self.assert_whole(broker)

    def test_is_no_reason_not_to_start(self):
        broker = self.broker()
        broker.log.mkdir()
        self.disk.fill()
        broker.start()
        eventually(broker.unlogged, "events to be delivered UNLOGGED")
        broker.free_and_wait()
        self.assertEqual(broker.stop(), 0, broker.says())
        self.assert_whole(broker)
        self.assertEqual(broker.logged()[0], 1)


class AFullExt4(FullDisk, unittest.TestCase):
    kind = "ext4"

    def test_without_a_log_refuses_the_start_with_a_sentence(self):
        broker = self.broker()
        self.disk.fill()
        broker.launch()
        self.assertEqual(broker.process.wait(timeout=60), 1)
        self.assertIn(f"cannot make the directory '{broker.log}'", broker.says())
        self.assertIn("ENOSPC", broker.says())
        self.disk.free()
        broker.start()
        broker.wait_for_event("session.locked")
        self.assertEqual(broker.logged()[0], 1)


class AFullTmpfs(FullDisk, unittest.TestCase):
    kind = "tmpfs"


class AFrozenExt4(unittest.TestCase):
    """What writes to it waits until it is thawed."""

    def setUp(self):
        self.disk = self.enterContext(SmallDisk("ext4"))

    def broker(self):
        broker = self.enterContext(DiskBroker(self.disk, 1.0))
        self.addCleanup(self.disk.thaw)
        return broker

    def test_does_not_stop_delivery_and_the_status_says_since_when(self):
        broker = self.broker().start()
        broker.wait_for_event("session.locked")
        self.disk.freeze()
        eventually(lambda: len(broker.unlogged()) >= 50, "events to be delivered UNLOGGED")
        status = broker.log_status()
        self.assertTrue(status["degraded"])
        self.assertRegex(status["trouble"], "has not answered since 20..-..-..T..:..:..Z")
        self.assertIn("has not answered since", broker.says())
        self.disk.thaw()
        eventually(lambda: not broker.log_status()["degraded"], "the log to be written again")
        self.assertEqual(broker.stop(), 0, broker.says())
        verify = broker.ctl("verify")
        self.assertEqual(verify.returncode, 0, verify.stdout)
        self.assertEqual({seq for seq, _ in broker.delivered()} - set(broker.logged()), set())
        self.assertEqual(named_missing(broker), set())

    def test_holds_up_delivery_without_syncing_and_the_status_says_so(self):
        broker = self.broker()
        broker.config.write_text(
            broker.config.read_text().replace("segment_size", 'sync = "never"\nsegment_size', 1)
        )
        broker.start()
        broker.wait_for_event("session.locked")
        self.disk.freeze()
        trouble = eventually(lambda: broker.log_status()["trouble"], "the status to say so")
        self.assertRegex(trouble, "has not answered since 20.*; nothing is delivered until it does")
        before = len(broker.delivered())
        self.disk.thaw()
        eventually(lambda: len(broker.delivered()) > before, "events to be delivered")
        eventually(lambda: not broker.log_status()["degraded"], "the status to be well")
        self.assertEqual(broker.stop(), 0, broker.says())
        self.assertEqual(broker.ctl("verify").returncode, 0)

    def test_refuses_the_start_after_a_while_with_a_sentence(self):
        broker = self.broker()
        broker.log.mkdir()
        self.disk.freeze()
        broker.launch()
        eventually(lambda: "is slow to answer; waiting" in broker.says(), "the broker to say so")
        eventually(lambda: "has not answered for 20 s" in broker.says(), "the broker to give up")
        self.assertIn(str(broker.log), broker.says())
        self.disk.thaw()
        self.assertEqual(broker.process.wait(timeout=60), 1)
        broker.start()
        broker.wait_for_event("session.locked")


if __name__ == "__main__":
    unittest.main()
