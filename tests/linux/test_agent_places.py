"""Where agents run on the real logind: at logon screens, on the console, for several users at once."""

import os
import unittest

from box import eventually
from supervised import DEAF, UNIT_STARTED, UNIT_STOPPED, SupervisedTest, agent, may_launch

SLEEP = 'args = ["1000000"]\n'
# Started again at once, whenever it ends.
ALWAYS_WELL = 'backoff.healthy_after = "0 s"\n'
SCREEN_AND_USER = 'start_on = ["logon_screen", "logon"]\n'


class ALogonScreen(SupervisedTest):
    PLUGINS = (
        may_launch("/usr/bin/sleep", "/bin/sh", classes=("user", "greeter"))
        + agent("help", "/usr/bin/sleep", SLEEP + SCREEN_AND_USER)
        + agent("deaf", "/bin/sh", f"args = {DEAF}\n" + SCREEN_AND_USER)
        + agent("screen", "/usr/bin/sleep", SLEEP + 'start_on = ["logon_screen"]')
    )

    def greeter_at_console(self):
        return self.logon_at_console("greeter", "--class=greeter")

    def test_has_agents_with_its_own_rights_until_somebody_logs_on(self):
        greeter = self.greeter_at_console()
        pid = self.wait_until_it_runs("screen", greeter)
        self.assertIn("Uid:\t2003\t2003\t2003\t2003", self.read(pid, "status"))
        self.assertIn(f"XDG_SESSION_ID={greeter.id}", self.read(pid, "environ").split("\0"))
        alice = self.logon_at_console("alice")
        self.wait_until_gone(pid)
        self.wait_until_it_runs("help", alice)
        self.assertEqual(self.rows(agent="screen", session=alice.id), [])

    def test_leaves_no_gap_and_no_overlap_at_the_logon_and_the_logoff(self):
        greeter = self.greeter_at_console()
        screens = self.unit_of(self.wait_until_it_runs("help", greeter))
        alice = self.logon_at_console("alice")
        pid = self.wait_until_it_runs("help", alice)
        own = self.unit_of(pid)
        self.assertIn("Uid:\t2001\t2001\t2001\t2001", self.read(pid, "status"))
        overlap = self.time_of(UNIT_STOPPED, screens) - self.time_of(UNIT_STARTED, own)
        self.assertLess(abs(overlap), 1.0)
        alice.logoff()
        self.wait_until_it_runs("help", greeter)
        overlap = self.time_of(UNIT_STOPPED, own) - self.time_of(UNIT_STARTED, screens)
        self.assertLess(abs(overlap), 1.0)

    def test_whose_agent_does_not_want_to_end_keeps_nobody_waiting(self):
        greeter = self.greeter_at_console()
        pid = self.wait_until_it_runs("deaf", greeter)
        screens = self.unit_of(pid)
        eventually(lambda: self.ignores_term(pid), "it to be deaf")
        alice = self.logon_at_console("alice")
        own = self.unit_of(self.wait_until_it_runs("deaf", alice))
        overlap = self.time_of(UNIT_STOPPED, screens) - self.time_of(UNIT_STARTED, own)
        # The second that it is given to end, and what a busy machine takes to make it.
        self.assertLess(overlap, 1.5)


TAKES_ITS_TIME = "trap 'sleep 0.2; exit' TERM; while :; do sleep 5 & wait; done"


class TheConsole(SupervisedTest):
    PLUGINS = may_launch("/bin/sh") + agent(
        "scanner", "/bin/sh", f'args = ["-c", "{TAKES_ITS_TIME}"]\nscope = "console"'
    )

    def units(self):
        return self.box.run(
            "systemctl", "list-units", "--plain", "--no-legend", "--state=active", "usher-agent-*"
        ).splitlines()

    def check_turns(self, *units):
        """Never two at a time."""
        running = set()
        for at, what, unit in self.says_systemd(*units):
            if what == UNIT_STARTED:
                self.assertEqual(running, set(), f"as {unit} started at {at}")
                running.add(unit)
            else:
                running.discard(unit)

    def test_takes_its_agent_along(self):
        alice = self.logon_at_console("alice")
        first = self.wait_until_it_runs("scanner", alice)
        of_alice = self.unit_of(first)
        bob = self.logon_at_console("bob")
        second = self.wait_until_it_runs("scanner", bob)
        of_bob = self.unit_of(second)
        self.assertIn("Uid:\t2002\t2002\t2002\t2002", self.read(second, "status"))
        self.assertFalse(self.lives(first))
        self.box.run("loginctl", "activate", alice.id)
        self.wait_until_it_runs("scanner", alice)
        self.assertFalse(self.lives(second))
        self.assertEqual(len(self.units()), 1)
        self.check_turns(of_alice, of_bob)
        gap = self.time_of(UNIT_STARTED, of_alice) - self.time_of(UNIT_STOPPED, of_bob)
        self.assertLess(gap, 1.0)

    def test_that_is_switched_in_haste_ends_with_one_at_the_right_place(self):
        alice, bob = self.logon_at_console("alice"), self.logon_at_console("bob")
        of_bob = self.unit_of(self.wait_until_it_runs("scanner", bob))
        for session in (alice, bob) * 10 + (alice,):
            self.box.run("loginctl", "activate", session.id)
        of_alice = self.unit_of(self.wait_until_it_runs("scanner", alice))
        self.assertEqual([line.split()[0] for line in self.units()], [of_alice])
        self.check_turns(of_alice, of_bob)

    def test_without_a_session_has_no_agent(self):
        alice = self.logon_at_console("alice")
        pid = self.wait_until_it_runs("scanner", alice)
        remote = self.logon("bob", "--rhost=10.1.2.3", "--type=tty")
        self.events.wait_for("session.logon", remote.id)
        alice.logoff()
        self.wait_until_gone(pid)
        eventually(lambda: not self.rows(session=alice.id), "its row to be gone")
        self.assertEqual(self.units(), [])


USE_DESCRIPTORS = "import os, time; [os.dup(0) for _ in range(200)]; time.sleep(1000000)"
DESCRIPTORS = f'args = ["-c", "{USE_DESCRIPTORS}"]\n'
LIMITS = "--property=MemoryMax,TasksMax"
QUICKLY = 'backoff.initial = "50 ms"\nbackoff.max = "100 ms"\ngive_up.limit = 3\n'


class TwoUsers(SupervisedTest):
    PLUGINS = (
        may_launch("/usr/bin/sleep", "/usr/bin/python3")
        + agent("tray", "/usr/bin/sleep", SLEEP + ALWAYS_WELL)
        + agent("modest", "/usr/bin/python3", DESCRIPTORS + "limits.open_files = 512\n"
              'limits.tasks = 90\nlimits.memory = "1 GiB"')
        + agent(
            "hungry",
            "/usr/bin/python3",
            DESCRIPTORS + QUICKLY + 'sessions.user = ["bob"]\nlimits.open_files = 64\n'
            'limits.tasks = 9\nlimits.memory = "32 MiB"',
        )
    )

    def setUp(self):
        super().setUp()
        self.alice, self.bob = self.logon_at_console("alice"), self.logon_at_console("bob")

    def test_have_agents_that_do_not_touch_each_other(self):
        alices = self.wait_until_it_runs("tray", self.alice)
        bobs = self.wait_until_it_runs("tray", self.bob)
        self.assertIn("user-2001.slice/", self.read(alices, "cgroup"))
        self.assertIn("user-2002.slice/", self.read(bobs, "cgroup"))
        self.box.kill(alices)
        self.wait_until_it_runs("tray", self.alice, restarts=1)
        self.broker.ctl("agents", "stop", "tray", "--session", self.alice.id)
        self.wait_for_row(agent="tray", session=self.alice.id, state="stopped")
        self.alice.logoff()
        eventually(lambda: not self.rows(session=self.alice.id), "alice's rows to be gone")
        self.assertEqual(self.wait_until_it_runs("tray", self.bob, restarts=0), bobs)
        told = [event["type"] for event in self.told("tray", self.bob)]
        self.assertEqual(told, ["agent.launching", "agent.started"])

    def test_have_limits_of_their_own(self):
        self.wait_for_row(agent="hungry", session=self.bob.id, state="gave up")
        pids = [self.wait_until_it_runs("modest", each) for each in (self.alice, self.bob)]
        for pid in pids:
            self.assertRegex(self.read(pid, "limits"), r"Max open files +512 +512 ")
        ends = [e for e in self.told("hungry", self.bob) if e["type"] == "agent.exited"]
        self.assertEqual({end["details"]["code"] for end in ends}, {"1"})
        self.assertEqual(self.told("hungry", self.alice), [])
        for pid in pids:
            eventually(lambda: len(os.listdir(self.in_proc(pid, "fd"))) > 200, "its descriptors")
        (shown,) = {self.box.run("systemctl", "show", self.unit_of(pid), LIMITS) for pid in pids}
        self.assertEqual(set(shown.split()), {"MemoryMax=1073741824", "TasksMax=90"})


class TwentyAgents(SupervisedTest):
    NAMES = [f"agent-{number}" for number in range(10)]
    PLUGINS = may_launch("/usr/bin/sleep") + "".join(
        agent(name, "/usr/bin/sleep", SLEEP + ALWAYS_WELL) for name in NAMES
    )

    def pids(self, **wanted):
        rows = self.rows(state="running", **wanted)
        return {(row["agent"], row["session"]): row["pid"] for row in rows}

    def running(self):
        return sorted(map(int, self.box.run("pgrep", "-x", "sleep").split()))

    def test_are_adopted_by_the_next_broker_and_none_is_doubled(self):
        self.logon_at_console("alice"), self.logon_at_console("bob")
        eventually(lambda: len(self.pids()) == 20, lambda: f"20 agents in {self.rows()}")
        pids = self.pids()
        mark, before = self.events.mark(), self.broker.restarts()
        self.box.kill(self.broker.main_pid())
        self.broker.wait_until_restarted(before)
        eventually(lambda: len(self.pids()) == 20, lambda: f"20 agents in {self.rows()}")
        self.assertEqual(self.pids(restarts=0), pids)
        self.assertEqual(self.running(), sorted(pids.values()))
        started = [e for e in self.events.all()[mark:] if e["type"] == "agent.started"]
        adopted = [e["details"]["pid"] for e in started if e["details"].get("adopted") == "yes"]
        self.assertEqual(sorted(map(int, adopted)), sorted(pids.values()))
        # They are the new broker's own.
        name, session = next(iter(pids))
        self.box.kill(pids[name, session])
        self.wait_for_row(agent=name, session=session, state="running", restarts=1)


if __name__ == "__main__":
    unittest.main()
