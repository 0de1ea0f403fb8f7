"""How agents end on the real logind, and come back, or do not."""

import unittest

from box import eventually
from supervised import DEAF, SupervisedTest, agent, may_launch, seconds_between

BACK_OFF = """\
backoff.initial = "200 ms"
backoff.factor = 2.0
backoff.max = "500 ms"
backoff.jitter = 0.0
give_up.limit = 5
give_up.probe = "2 s"
"""
DELAYS = (0.2, 0.4, 0.5, 0.5)
PROBE = 2.0


class AnAgentThatEnds(SupervisedTest):
    PLUGINS = (
        may_launch("/usr/bin/sleep", "/usr/bin/false", "/bin/sh")
        + agent("tray", "/usr/bin/sleep", 'args = ["1000000"]\n' + BACK_OFF)
        + agent("broken", "/usr/bin/false", BACK_OFF + 'sessions.user = ["bob"]')
        + agent("deaf", "/bin/sh", f'args = {DEAF}\nstop = "2 s"\nsessions.user = ["bob"]')
    )

    def pauses(self, name, session, count):
        """From each of the first ends to the try after it, in seconds."""
        told = self.told(name, session)
        ends = [event for event in told if event["type"] == "agent.exited"]
        tries = [event for event in told if event["type"] == "agent.launching"]
        return [seconds_between(*pair) for pair in zip(ends[:count], tries[1:])]

    def check_pauses(self, pauses, delays):
        for pause, delay in zip(pauses, delays, strict=True):
            self.assertGreaterEqual(pause, delay - 0.01)
            self.assertLess(pause, delay + 1.5)

    def test_by_a_kill_comes_back_later_each_time(self):
        alice = self.logon_at_console("alice")
        for restarts in range(3):
            self.box.kill(self.wait_until_it_runs("tray", alice, restarts=restarts))
        self.wait_until_it_runs("tray", alice, restarts=3)
        self.check_pauses(self.pauses("tray", alice, 3), DELAYS[:3])
        waits = [e for e in self.told("tray", alice) if e["type"] == "agent.backing_off"]
        for event, delay in zip(waits, DELAYS):
            self.assertAlmostEqual(int(event["details"]["delay_us"]) / 1e6, delay, delta=0.1)

    def test_again_and_again_is_given_up_and_probed_for_ever(self):
        before = self.broker.restarts()
        bob = self.logon_at_console("bob")
        mark = self.events.mark()
        gave_up = self.wait_until_told("agent.gave_up", "broken", bob)
        self.assertEqual(gave_up["details"]["restarts"], "4")
        self.check_pauses(self.pauses("broken", bob, 4), DELAYS)
        for _ in range(2):
            probe = self.next_after(gave_up, "agent.launching", bob)
            self.assertGreater(seconds_between(gave_up, probe), PROBE - 0.1)
            gave_up = self.next_after(probe, "agent.gave_up", bob)
        self.broker.ctl("agents", "reset", "broken")
        probe = self.next_after(gave_up, "agent.launching", bob)
        self.assertLess(seconds_between(gave_up, probe), PROBE)
        self.assertEqual(self.broker.restarts(), before)
        self.assertNotIn("plugin.failed", [event["type"] for event in self.events.all()[mark:]])

    def next_after(self, event, event_type, session):
        def found():
            told = self.told("broken", session)
            later = [e for e in told if e["seq"] > event["seq"] and e["type"] == event_type]
            return later[0] if later else None

        return eventually(found, lambda: f"{event_type} after {event}")

    def test_with_its_session_is_gone_within_a_second_and_does_not_hold_it(self):
        alice = self.logon_at_console("alice")
        pid = self.wait_until_it_runs("tray", alice)
        mark = self.events.mark()
        alice.logoff()
        logoff = self.events.wait_for("session.logoff", alice.id, after=mark)
        gone = self.events.wait_for("session.destroyed", alice.id, after=mark)
        self.assertLess(seconds_between(logoff, gone), 1.0)
        stopped = self.wait_until_told("agent.stopped", "tray", alice)
        self.assertLess(seconds_between(logoff, stopped), 1.0)
        self.assertFalse(self.lives(pid))
        eventually(lambda: not self.rows(session=alice.id), "its row to be gone")

    def test_at_the_logoff_is_gone_though_something_keeps_its_session(self):
        alice = self.logon_at_console("alice", "--child")
        pid = self.wait_until_it_runs("tray", alice)
        mark = self.events.mark()
        self.box.kill(alice.leader)
        logoff = self.events.wait_for("session.logoff", alice.id, after=mark)
        stopped = self.wait_until_told("agent.stopped", "tray", alice)
        self.assertLess(seconds_between(logoff, stopped), 1.0)
        self.assertFalse(self.lives(pid))
        self.assertTrue(self.lives(alice.child))
        self.assertNotIn("session.destroyed", self.events.types_of(alice.id))
        self.box.kill(alice.child)
        self.events.wait_for("session.destroyed", alice.id, after=mark)

    def test_late_does_not_hold_the_session_either(self):
        bob = self.logon_at_console("bob")
        pid = self.wait_until_it_runs("deaf", bob)
        eventually(lambda: self.ignores_term(pid), "it to be deaf")
        mark = self.events.mark()
        bob.logoff()
        gone = self.events.wait_for("session.destroyed", bob.id, after=mark)
        stopped = self.wait_until_told("agent.stopped", "deaf", bob)
        self.assertGreater(seconds_between(gone, stopped), 1.0)
        self.assertFalse(self.lives(pid))


class ABrokerThatIsStopped(SupervisedTest):
    PLUGINS = (
        may_launch("/usr/bin/sleep")
        + agent("kept", "/usr/bin/sleep", 'args = ["1000000"]\non_broker_exit = "keep"')
        + agent("ended", "/usr/bin/sleep", 'args = ["1000000"]\non_broker_exit = "stop"')
    )

    def setUp(self):
        super().setUp()
        self.alice = self.logon_at_console("alice")
        self.kept = self.wait_until_it_runs("kept", self.alice)
        self.ended = self.wait_until_it_runs("ended", self.alice)
        self.mark = self.events.mark()

    def running(self):
        return sorted(map(int, self.box.run("pgrep", "-x", "-u", "alice", "sleep", check=False).split()))

    def check_next_broker(self):
        """It has found the one again, and started the other anew."""
        self.assertEqual(self.wait_until_it_runs("kept", self.alice, restarts=0), self.kept)
        self.wait_until_told("agent.started", "kept", self.alice, after=self.mark,
                             adopted="yes", pid=str(self.kept))  # fmt: skip
        anew = self.wait_until_it_runs("ended", self.alice, restarts=0)
        self.assertEqual(self.running(), sorted([self.kept, anew]))
        self.assertNotEqual(anew, self.ended)
        started = self.wait_until_told("agent.started", "ended", self.alice, after=self.mark)
        self.assertNotIn("adopted", started["details"])

    def test_leaves_those_that_are_kept_to_the_next_one_and_ends_the_others(self):
        self.addCleanup(self.broker.systemctl, "start", "usherd")
        self.broker.systemctl("stop", "usherd")
        self.wait_until_gone(self.ended)
        self.assertEqual(self.running(), [self.kept])
        self.broker.systemctl("start", "usherd")
        self.check_next_broker()

    def test_for_good_leaves_none_that_systemctl_does_not_stop(self):
        self.addCleanup(self.broker.systemctl, "enable", "--now", "usherd")
        self.broker.systemctl("disable", "--now", "usherd")
        self.broker.systemctl("stop", "usher-agent-*")
        self.assertEqual(self.running(), [])

    def test_and_started_anew_at_once_doubles_none(self):
        self.broker.systemctl("restart", "usherd")
        self.wait_until_gone(self.ended)
        self.check_next_broker()


if __name__ == "__main__":
    unittest.main()
