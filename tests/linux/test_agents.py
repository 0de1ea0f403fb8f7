"""Agents that the plugin keeps running in sessions of the real logind, out of the hardened service."""

import json

from box import eventually
from installed import InstalledTest

AGENTS = """
[plugins.agents]
library = "agents"
grant = ["usher.launch/1"]
[plugins.agents.launch]
programs = ["/usr/bin/sleep", "/usr/bin/false"]
[[plugins.agents.config.agent]]
name = "tray"
program = "/usr/bin/sleep"
args = ["1000000"]
sessions.user = ["alice"]
[[plugins.agents.config.agent]]
name = "broken"
program = "/usr/bin/false"
sessions.user = ["bob"]
backoff.initial = "100 ms"
backoff.max = "200 ms"
give_up.limit = 3
"""


class AnAgentOfTheBrokers(InstalledTest):
    PLUGINS = AGENTS

    def rows(self, **wanted):
        """What `usherctl agents` shows of those with these values."""
        rows = json.loads(self.broker.ctl("agents", "--json"))["agents"]
        return [row for row in rows if wanted.items() <= row.items()]

    def wait_for_row(self, **wanted):
        found = eventually(
            lambda: self.rows(**wanted),
            lambda: f"{wanted} in {self.rows()}\n{self.broker.says()}",
        )
        self.assertEqual(len(found), 1)
        return found[0]

    def logon_with_tray(self):
        alice = self.logon_at_console("alice")
        return alice, self.wait_for_row(agent="tray", session=alice.id, state="running")["pid"]

    def lives(self, pid):
        return self.box.run("sh", "-c", f"[ -d /proc/{pid} ] && echo yes || true").strip() == "yes"

    def test_has_its_user_slice_and_session(self):
        alice, pid = self.logon_with_tray()
        status = self.box.run("cat", f"/proc/{pid}/status")
        self.assertIn("Uid:\t2001\t2001\t2001\t2001", status)
        group = self.box.run("cat", f"/proc/{pid}/cgroup")
        self.assertRegex(group, r"0::.*/user-2001\.slice/usher-agent-agents_tray-[0-9a-f]{16}\.service")
        environment = self.box.run("cat", f"/proc/{pid}/environ").split("\0")
        self.assertIn(f"XDG_SESSION_ID={alice.id}", environment)
        self.assertIn("USER=alice", environment)
        self.assertFalse([entry for entry in environment if entry.startswith("NOTIFY_SOCKET")])

    def test_that_is_killed_comes_back(self):
        alice, pid = self.logon_with_tray()
        self.box.kill(pid)
        again = self.wait_for_row(agent="tray", session=alice.id, state="running", restarts=1)
        self.assertNotEqual(again["pid"], pid)
        self.assertIn("signal 9", again["last_exit"])

    def test_is_gone_after_the_logoff_and_does_not_hold_the_session(self):
        alice, pid = self.logon_with_tray()
        mark = self.events.mark()
        alice.logoff()
        self.events.wait_for("session.destroyed", alice.id, after=mark)
        eventually(lambda: not self.lives(pid), "the agent to be gone")
        eventually(lambda: not self.rows(session=alice.id), "its row to be gone")

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
        self.wait_for_row(agent="tray", session=alice.id, state="running")

    def test_that_always_fails_is_given_up_and_says_so(self):
        bob = self.logon_at_console("bob")
        row = self.wait_for_row(agent="broken", session=bob.id, state="gave up")
        self.assertIsNotNone(row["next_try"])
        gave_up = [e for e in self.events.all() if e["type"] == "agent.gave_up"]
        self.assertEqual(gave_up[-1]["details"]["agent"], "broken")
