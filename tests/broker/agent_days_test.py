"""Whole days of agents on a simulated desktop: what is launched, when, and that there is never one too many."""

import unittest

from broker import Broker, eventually, scenario

VERBS = {
    "agent.launching": "launching",
    "agent.started": "started",
    "agent.exited": "exited",
    "agent.stopped": "stopped",
    "agent.backing_off": "backing off",
    "agent.gave_up": "gave up",
}
# Launches end with one of these.
ENDS = ("exited", "stopped")


def config(**agents):
    """Each agent by its name and its keys."""
    text = '[plugins.agents]\nlibrary = "agents"\ngrant = ["usher.launch/1"]\n'
    text += '[plugins.agents.launch]\nprograms = ["/bin/"]\nclasses = ["user", "greeter"]\n'
    last = {"last": "sessions.type = ['last']"}
    others = {name: f"sessions.type = ['wayland', 'tty']\n{keys}" for name, keys in agents.items()}
    for name, keys in {**others, **last}.items():
        text += f"[[plugins.agents.config.agent]]\nname = '{name}'\nprogram = '/bin/true'\n"
        text += f"backoff.jitter = 0\n{keys}\n"
    return text


def at(time, do, session=None, **keys):
    step = {"at": f"{time}:00" if time.count(":") == 1 else time, "do": do, **keys}
    return {**step, "session": session} if session else step


def logon(time, user, **keys):
    return at(time, "logon", user=user, **keys)


class Played:
    """Plays a day; for test cases."""

    def play(self, steps, **agents):
        """What happened to agents, as "tray@1 started": the session's id is the order of its logon."""
        end = {"after": "1 h", "do": "remote_logon", "user": "last", "type": "last", "host": "h"}
        with Broker(scenario(*steps, end, start="2026-01-05T00:00:00Z"), config(**agents)) as broker:
            broker.start()
            eventually(lambda: '"last"' in broker.ctl("tail", "-n", "2", "--json", "--type", "agent.started").stdout,
                       "the plugin to be through")
            events = [e for e in broker.events() if e["type"] in VERBS and e["details"]["agent"] != "last"]
            self.assertEqual(broker.events("--type", "plugin.failed"), [])
            self.assertEqual(broker.stop(), 0)
        self.details = [event["details"] for event in events]
        told = [f"{e['details']['agent']}@{e['details']['session']} {VERBS[e['type']]}" for e in events]
        self.check_copies(told)
        return told

    def check_copies(self, told):
        """Never two of an agent in a session."""
        there = set()
        for line in told:
            copy, verb = line.split(" ", 1)
            if verb == "launching":
                self.assertNotIn(copy, there, told)
                there.add(copy)
            elif verb in ENDS:
                self.assertIn(copy, there, told)
                there.remove(copy)
        self.assertEqual(there, set(), told)

    def check_alone(self, told, agent):
        """Never two of an agent anywhere."""
        there = 0
        for line in told:
            if line.startswith(f"{agent}@"):
                there += {"launching": 1, "exited": -1, "stopped": -1}.get(line.split(" ", 1)[1], 0)
                self.assertLessEqual(there, 1, told)

    @staticmethod
    def of(told, agent):
        """What happened to one agent, but for the launches that a start follows."""
        own = [line.split("@", 1)[1] for line in told if line.startswith(f"{agent}@")]
        return [
            line
            for line, after in zip(own, [*own[1:], ""])
            if not (line.endswith("launching") and after.endswith("started"))
        ]


class ADayOfLinux(unittest.TestCase, Played):
    def test_from_the_greeter_to_a_user(self):
        told = self.play(
            [
                logon("08:00", "gdm", **{"class": "greeter"}),
                logon("08:10", "alice"),
                at("08:10:02", "logoff", "gdm"),
                at("17:00", "logoff", "alice"),
                logon("17:00:01", "gdm", **{"class": "greeter"}),
                at("18:00", "logoff", "gdm"),
            ],
            tray="",
            screen="start_on = ['logon_screen']",
            both="start_on = ['logon_screen', 'logon']",
        )
        self.assertEqual(self.of(told, "tray"), ["2 started", "2 stopped"])
        self.assertEqual(
            self.of(told, "screen"), ["1 started", "1 stopped", "3 started", "3 stopped"]
        )
        self.assertEqual(
            sorted(self.of(told, "both")),
            ["1 started", "1 stopped", "2 started", "2 stopped", "3 started", "3 stopped"],
        )

    def test_of_two_users_at_one_console(self):
        told = self.play(
            [
                logon("08:00", "alice"),
                at("09:00", "lock", "alice"),
                at("09:30", "unlock", "alice"),
                logon("10:00", "bob"),
                at("11:00", "switch_to", "alice"),
                at("11:30", "request_lock", "alice"),
                at("12:00", "suspend"),
                at("13:00", "resume"),
                at("14:00", "agent_exits", agent="tray", session="bob", code=1),
                at("15:00", "switch_away"),
                at("15:10", "switch_to", "bob"),
                at("16:00", "logoff", "alice"),
                at("17:00", "logoff", "bob"),
            ],
            tray="",
            console="scope = 'console'",
            unlocked="start_on = ['unlocked']\nstop_on = ['logoff', 'locked']",
            present="disconnected = 'stop'",
        )
        self.assertEqual(
            self.of(told, "tray"),
            ["1 started", "2 started", "2 exited", "2 started", "1 stopped", "2 stopped"],
        )
        self.assertEqual(
            self.of(told, "console"),
            ["1 started", "1 stopped", "2 started", "2 stopped", "1 started", "1 stopped", "2 started", "2 stopped"],
        )
        self.check_alone(told, "console")
        self.assertEqual(
            self.of(told, "unlocked"),
            ["1 started", "1 stopped", "1 started", "2 started", "1 stopped", "2 stopped"],
        )
        self.assertEqual(self.of(told, "present"), self.of(told, "console"))

    def test_of_one_user_with_two_sessions(self):
        told = self.play(
            [
                logon("08:00", "alice"),
                at("09:00", "remote_logon", "away", user="alice", host="h"),
                at("10:00", "logoff", "alice"),
                at("11:00", "disconnect", "away"),
                at("12:00", "reconnect", "away"),
                at("13:00", "logoff", "away"),
            ],
            one="scope = 'user'",
            each="",
        )
        self.assertEqual(self.of(told, "each"), ["1 started", "2 started", "1 stopped", "2 stopped"])
        self.assertEqual(self.of(told, "one"), ["1 started", "1 stopped"], "it is the user's, not the session's")
        ran = {d["agent"]: int(d["duration_us"]) for d in self.details if d.get("result") == "stopped"}
        self.assertEqual(ran["one"], 5 * 3600 * 1_000_000)

    def test_on_which_logind_forgets_the_locks(self):
        lock = "start_on = ['unlocked']\nstop_on = ['logoff', 'locked']\n"
        told = self.play(
            [
                logon("08:00", "alice"),
                at("09:00", "lock", "alice"),
                at("10:00", "lose"),
                at("10:01", "recover", forgetful=True),
                at("11:00", "request_unlock", "alice"),
                at("12:00", "logoff", "alice"),
            ],
            before=lock,
            locked=lock + "unknown_lock = 'locked'",
            unlocked=lock + "unknown_lock = 'unlocked'",
        )
        for name in ("before", "locked", "unlocked"):
            self.assertEqual(self.of(told, name), ["1 started", "1 stopped"] * 2, name)
        order = [line for line in told if line.endswith("started")][3:]
        self.assertEqual(order, ["unlocked@1 started", "before@1 started", "locked@1 started"])


class ADayOfWindows(unittest.TestCase, Played):
    """Section by section the orders in which it tells of its sessions."""

    SWITCHES = {"tray": "", "console": "scope = 'console'\nstart_on = ['logon', 'logon_screen']"}

    def test_begins_at_the_logon_screen_whose_session_becomes_the_users(self):
        told = self.play(
            [
                at("08:00", "logon_screen", "L"),
                at("08:10", "logon_there", "L", user="alice"),
                at("12:00", "lock", "L"),
                at("12:30", "unlock", "L"),
                at("17:00", "logoff", "L"),
                at("17:00:01", "logon_screen", "L"),
                at("18:00", "logoff", "L"),
            ],
            **self.SWITCHES,
        )
        self.assertEqual(self.of(told, "tray"), ["1 started", "1 stopped"])
        self.assertEqual(
            self.of(told, "console"), ["1 started", "1 stopped", "1 started", "1 stopped", "2 started", "2 stopped"]
        )
        self.check_alone(told, "console")

    def test_on_which_users_are_switched(self):
        told = self.play(
            [
                at("08:00", "logon_screen", "a"),
                at("08:10", "logon_there", "a", user="alice"),
                at("09:00", "logon_screen", "L"),   # To the screen and back: the same user returns.
                at("09:01", "switch_to", "a"),
                at("09:01:01", "logoff", "L"),
                at("10:00", "lock", "a"),
                at("10:00:01", "logon_screen", "b"),  # A new user.
                at("10:01", "logon_there", "b", user="bob"),
                at("11:00", "logon_screen", "L"),   # One who is there.
                at("11:01", "switch_to", "a"),
                at("11:01:01", "unlock", "a"),
                at("11:01:02", "logoff", "L"),
                at("12:00", "logoff", "a"),
                at("13:00", "logoff", "b"),
            ],
            **self.SWITCHES,
        )
        self.assertEqual(self.of(told, "tray"), ["1 started", "3 started", "1 stopped", "3 stopped"])
        fronts = ["1", "1", "2", "1", "3", "3", "4", "1"]
        both = [f"{id} {verb}" for id in fronts for verb in ("started", "stopped")]
        self.assertEqual(self.of(told, "console"), both)
        self.check_alone(told, "console")

    def test_on_which_a_session_is_taken_over_remotely(self):
        told = self.play(
            [
                at("08:00", "logon_screen", "a"),
                at("08:10", "logon_there", "a", user="alice"),
                at("08:30", "lock", "a"),
                at("08:59:58", "unlock", "a"),
                at("09:00:00", "switch_away"),
                at("09:00:01", "agent_exits", agent="shy", code=3),
                at("09:00:02", "take_over", "a", host="10.0.0.9"),
                at("09:00:03", "logon_screen", "L"),
                at("10:00", "disconnect", "a"),
                at("11:00", "reconnect", "a"),
                at("12:00", "disconnect", "a"),
                at("13:00", "logoff", "a"),
                at("13:00:01", "logoff", "L"),
            ],
            tray="",
            shy="start_on = ['unlocked']\nstop_on = ['logoff', 'locked']",
            polite="disconnected = 'stop'",
        )
        self.assertEqual(self.of(told, "tray"), ["1 started", "1 stopped"])
        self.assertEqual(
            self.of(told, "shy"),
            ["1 started", "1 stopped", "1 started", "1 exited", "1 started", "1 stopped"],
            "it dies of the disconnection, young, and is not judged for that: it does not back off",
        )
        self.assertEqual(self.of(told, "polite"), ["1 started", "1 stopped"] * 3)


class ADayOfTrouble(unittest.TestCase, Played):
    def test_ends_a_launch_whose_session_ends_meanwhile(self):
        told = self.play(
            [
                at("07:59", "agent_starts_late", agent="slow", by="10 s"),
                logon("08:00", "alice"),
                at("08:00:05", "logoff", "alice"),
                logon("09:00", "alice"),
                at("10:00", "logoff", "alice"),
            ],
            slow="",
        )
        self.assertEqual(told[0], "slow@1 launching")
        self.assertEqual(self.of(told, "slow")[-2:], ["2 started", "2 stopped"])
        self.assertNotIn("slow@1 started", told)
        self.assertNotIn("slow@1 backing off", told)

    def test_has_crashes_that_back_off_give_up_and_are_probed(self):
        told = self.play(
            [
                at("07:59", "agent_runs", agent="poor", code=3, times=6, **{"for": "2 s"}),
                logon("08:00", "alice"),
                at("12:00", "agent_exits", agent="poor", signal=11),
                at("17:00", "logoff", "alice"),
            ],
            poor="give_up.limit = 4\ngive_up.probe = '1 h'",
        )
        crash = ["1 started", "1 exited"]
        self.assertEqual(
            self.of(told, "poor"),
            (crash + ["1 backing off"]) * 3 + crash + ["1 gave up"] + crash + ["1 gave up"] + crash + ["1 gave up"]
            + ["1 started", "1 exited", "1 started", "1 stopped"],
            "in the end it is well, and what kills it then is forgiven",
        )
        waits = [int(d["delay_us"]) // 1_000_000 for d in self.details if "delay_us" in d]
        self.assertEqual(waits, [1, 2, 4, 3600, 3600, 3600])

    def test_has_ends_that_are_final(self):
        told = self.play(
            [
                logon("08:00", "alice"),
                at("09:00", "agent_exits", agent="done", code=0),
                at("09:00", "agent_exits", agent="satisfied", code=17),
                at("09:00", "agent_exits", agent="once", signal=9),
                at("10:00", "agent_exits", agent="stubborn", code=0),
                at("16:59", "agent_ignores_stop", agent="stubborn"),
                at("17:00", "logoff", "alice"),
            ],
            done="restart = 'on-failure'",
            satisfied="no_restart_codes = ['17']",
            once="restart = 'never'",
            stubborn="",
        )
        for name in ("done", "satisfied", "once"):
            self.assertEqual(self.of(told, name), ["1 started", "1 exited"], name)
        self.assertEqual(self.of(told, "stubborn"), ["1 started", "1 exited", "1 started", "1 stopped"])

    def test_has_displays_that_come_late(self):
        told = self.play(
            [
                at("07:59", "agent_fails", agent="tray", stage="environment", call="display", times=2),
                logon("08:00", "alice"),
                at("17:00", "logoff", "alice"),
            ],
            tray="ready_when = ['display']\nready_timeout = '10 s'",
        )
        late = ["1 launching", "1 exited", "1 backing off"]
        self.assertEqual(self.of(told, "tray"), late * 2 + ["1 started", "1 stopped"])
        self.assertIn("no display", self.details[1]["error"])

    def test_judges_who_dies_at_a_disconnection_after_a_while(self):
        told = self.play(
            [
                at("07:59", "agent_runs", agent="tray", code=1, **{"for": "5 s"}),
                logon("08:00", "alice"),
                at("08:00:04", "switch_away"),
                at("09:00", "switch_to", "alice"),
                at("10:00", "logoff", "alice"),
            ],
            tray="",
        )
        self.assertEqual(
            self.of(told, "tray"), ["1 started", "1 exited", "1 started", "1 stopped"], "it waits until somebody is there"
        )


if __name__ == "__main__":
    unittest.main()
