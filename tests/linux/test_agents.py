"""Agents that the plugin keeps running in sessions of the real logind, out of the hardened service."""

import unittest

from box import USERS, eventually
from supervised import SupervisedTest, agent, may_launch

SLEEP = 'args = ["1000000"]\n'

QUICKLY = """\
backoff.initial = "100 ms"
backoff.max = "200 ms"
give_up.limit = 3
"""


class AnAgentOfTheBrokers(SupervisedTest):
    PLUGINS = (
        may_launch("/usr/bin/sleep", "/usr/bin/false")
        + agent("tray", "/usr/bin/sleep", SLEEP + 'sessions.user = ["alice"]')
        + agent("broken", "/usr/bin/false", QUICKLY + 'sessions.user = ["bob"]')
    )

    def logon_with_tray(self):
        alice = self.logon_at_console("alice")
        return alice, self.wait_until_it_runs("tray", alice)

    def test_has_its_user_slice_and_session(self):
        alice, pid = self.logon_with_tray()
        self.assertIn("Uid:\t2001\t2001\t2001\t2001", self.read(pid, "status"))
        group = self.read(pid, "cgroup")
        self.assertRegex(group, r"0::.*/user-2001\.slice/usher-agent-agents_tray-[0-9a-f]{16}\.service")
        environment = self.read(pid, "environ").split("\0")
        self.assertIn(f"XDG_SESSION_ID={alice.id}", environment)
        self.assertIn("USER=alice", environment)
        self.assertFalse([entry for entry in environment if entry.startswith("NOTIFY_SOCKET")])

    def test_that_is_killed_comes_back(self):
        alice, pid = self.logon_with_tray()
        self.box.kill(pid)
        again = self.wait_for_row(agent="tray", session=alice.id, state="running", restarts=1)
        self.assertNotEqual(again["pid"], pid)
        self.assertIn("signal 9", again["last_exit"])

    def test_that_somebody_else_starts_once_more_is_told_of_as_ever(self):
        alice, pid = self.logon_with_tray()
        mark = self.events.mark()
        self.box.run("systemctl", "start", self.unit_of(pid))
        self.box.kill(pid)
        self.wait_until_told("agent.exited", "tray", alice, after=mark, result="signaled")

    def test_that_somebody_else_stops_comes_back(self):
        alice, pid = self.logon_with_tray()
        self.box.run("systemctl", "stop", self.unit_of(pid))
        again = self.wait_for_row(agent="tray", session=alice.id, state="running", restarts=1)
        self.assertNotEqual(again["pid"], pid)

    def test_has_a_unit_that_can_be_read_anew(self):
        _, pid = self.logon_with_tray()
        self.box.run("systemctl", "daemon-reload")
        state = self.box.run("systemctl", "show", "-P", "LoadState", self.unit_of(pid))
        self.assertEqual(state.strip(), "loaded")

    def test_is_adopted_by_the_next_broker_and_not_doubled(self):
        alice, pid = self.logon_with_tray()
        before = self.broker.restarts()
        self.box.kill(self.broker.main_pid())
        self.broker.wait_until_restarted(before)
        row = self.wait_for_row(agent="tray", session=alice.id, state="running")
        self.assertEqual(row["pid"], pid)
        self.assertEqual(self.box.run("pgrep", "-c", "-x", "-u", "alice", "sleep").strip(), "1")
        adopted = [e for e in self.events.all() if e.get("details", {}).get("adopted") == "yes"]
        self.assertEqual(adopted[-1]["details"]["pid"], str(pid))

    def test_is_stopped_and_started_by_root_only(self):
        alice, pid = self.logon_with_tray()
        code, said = self.broker.exit_code_as("", *self.broker.usherctl, "agents", "stop", "tray")
        self.assertNotEqual(code, 0, said)
        self.broker.ctl("agents", "stop", "tray", "--session", alice.id)
        self.wait_for_row(agent="tray", session=alice.id, state="stopped")
        self.assertFalse(self.lives(pid))
        self.broker.ctl("agents", "start", "tray", "--session", alice.id)
        self.wait_until_it_runs("tray", alice)

    def test_obeys_what_was_asked_before_its_instance_was_disabled(self):
        alice, _ = self.logon_with_tray()
        self.broker.ctl("agents", "stop", "tray")
        self.broker.ctl("agents", "start", "tray")
        self.broker.ctl("plugins", "disable", "agents")
        self.broker.ctl("plugins", "enable", "agents")
        self.wait_until_it_runs("tray", alice)

    def test_that_always_fails_is_given_up_and_says_so(self):
        bob = self.logon_at_console("bob")
        row = self.wait_for_row(agent="broken", session=bob.id, state="gave up")
        self.assertIsNotNone(row["next_try"])
        self.wait_until_told("agent.gave_up", "broken", bob)


class UsersTest(SupervisedTest):
    def as_user(self, user, *command):
        uid = f"{USERS[user]}"
        self.box.run(
            "setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups",
            "env", f"XDG_RUNTIME_DIR=/run/user/{uid}", *command,
        )  # fmt: skip

    def set_variables(self, user, *variables):
        self.as_user(user, "systemctl", "--user", "set-environment", *variables)

    def variables_of(self, pid):
        return set(self.read(pid, "environ").split("\0"))


class ADesktop(UsersTest):
    PLUGINS = may_launch("/usr/bin/sleep") + agent(
        "tray",
        "/usr/bin/sleep",
        SLEEP + 'sessions.type = ["x11", "wayland"]\nready_when = ["display", "user_bus"]',
    )

    def make_socket(self, user, path):
        """What a display server would make."""
        code = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])"
        self.as_user(user, "python3", "-c", code, path)

    def test_has_its_agent_once_its_display_is_there_and_known(self):
        alice = self.logon_at_console("alice")
        self.wait_for_row(agent="tray", session=alice.id, state="launching")
        self.make_socket("alice", "/run/user/2001/wayland-7")
        self.set_variables("alice", "WAYLAND_DISPLAY=wayland-7", "THEME=dark")
        pid = self.wait_until_it_runs("tray", alice, restarts=0)
        self.assertLessEqual({"WAYLAND_DISPLAY=wayland-7", "THEME=dark"}, self.variables_of(pid))
        self.assertNotIn("starts without", self.broker.says())

    def test_of_x_has_its_agent_once_its_display_is_there(self):
        bob = self.logon("bob", "--type=x11", "--display=:7")
        self.wait_for_row(agent="tray", session=bob.id, state="launching")
        self.make_socket("bob", "/tmp/.X11-unix/X7")
        pid = self.wait_until_it_runs("tray", bob, restarts=0)
        self.assertIn("DISPLAY=:7", self.variables_of(pid))

    def test_has_none_in_a_session_without_one(self):
        remote = self.logon("bob", "--rhost=10.1.2.3", "--type=tty")
        alice = self.logon_at_console("alice")
        self.wait_for_row(agent="tray", session=alice.id)
        self.assertEqual(self.rows(session=remote.id), [])


class TheNextAgent(UsersTest):
    PLUGINS = may_launch("/usr/bin/sleep") + agent(
        "tray", "/usr/bin/sleep", SLEEP + 'backoff.healthy_after = "0 s"\ngive_up.limit = 1000'
    )

    def kill(self, pid, session, restarts):
        self.box.kill(pid)
        return self.wait_until_it_runs("tray", session, restarts=restarts)

    def connections_to(self, manager):
        """Those that the broker has to this service manager. Source: proc(5), /proc/net/unix."""
        connected = "03"
        said = self.read(self.broker.main_pid(), "net/unix")  # It has a network of its own.
        lines = [line.split() for line in said.splitlines()]
        return {line[6] for line in lines if line[5:6] == [connected] and line[7:] == [manager]}

    def the_connection_to(self, manager):
        """The one that is kept, once there is no other: those are a question's own, and go."""
        def only():
            found = self.connections_to(manager)
            return found if len(found) == 1 else None

        return eventually(only, f"one connection to {manager}")

    def test_has_the_variables_of_now(self):
        alice = self.logon_at_console("alice")
        pid = self.wait_until_it_runs("tray", alice)
        for restarts in range(1, 9):
            self.set_variables("alice", f"THEME={restarts}")
            pid = self.kill(pid, alice, restarts)
            self.assertIn(f"THEME={restarts}", self.variables_of(pid))

    def test_has_the_variables_of_a_manager_that_has_replaced_itself(self):
        alice = self.logon_at_console("alice")
        pid = self.kill(self.wait_until_it_runs("tray", alice), alice, 1)
        self.as_user("alice", "systemctl", "--user", "daemon-reexec")
        self.set_variables("alice", "THEME=light")
        pid = self.kill(pid, alice, 2)
        self.assertIn("THEME=light", self.variables_of(pid))
        self.assertNotIn("starts without", self.broker.says())

    def test_needs_no_new_connections(self):
        bob = self.logon_at_console("bob")
        pid = self.wait_until_it_runs("tray", bob)
        managers = ("/run/systemd/private", "/run/user/2002/systemd/private")
        before = {manager: self.the_connection_to(manager) for manager in managers}
        for restarts in range(1, 9):
            pid = self.kill(pid, bob, restarts)
        for manager in managers:
            self.assertEqual(self.the_connection_to(manager), before[manager], manager)


if __name__ == "__main__":
    unittest.main()
