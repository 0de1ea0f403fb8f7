"""Agents whose instance, or what it wants of them, changes: none is doubled, none left without an owner."""

import unittest

from box import eventually
from installed import CONFIGURATION
from supervised import DEAF, SupervisedTest, agent, may_launch

TRAY = may_launch("/usr/bin/sleep") + agent("tray", "/usr/bin/sleep", 'args = ["1000000"]')
OF_USER = TRAY + 'scope = "user"\n'
RENAMED = TRAY.replace("plugins.agents", "plugins.office")


class AgentsThatAreSomebodyElses(SupervisedTest):
    PLUGINS = TRAY

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settings = cls.box.run("cat", CONFIGURATION).removesuffix(TRAY)

    def setUp(self):
        super().setUp()
        self.addCleanup(self.configure, TRAY)
        self.alice = self.logon_at_console("alice")
        self.tray = self.wait_until_it_runs("tray", self.alice)
        self.mark = self.events.mark()

    def configure(self, plugins):
        self.broker.write(CONFIGURATION, self.settings + plugins)
        self.broker.systemctl("start", "usherd")
        self.broker.ctl("reload")

    def running(self):
        found = self.box.run("pgrep", "-x", "-u", "alice", "sleep", check=False)
        return list(map(int, found.split()))

    def check_one_is_left(self, instance):
        self.wait_until_gone(self.tray)
        row = self.wait_for_row(instance=instance, agent="tray", state="running")
        self.assertEqual(self.running(), [row["pid"]])

    def test_by_another_name_are_ended_and_started_anew(self):
        self.configure(RENAMED)
        self.check_one_is_left("office")
        self.wait_until_told(
            "agent.stopped", "tray", self.alice, after=self.mark, instance="agents"
        )

    def test_by_another_name_since_the_broker_was_stopped_are_ended_too(self):
        self.broker.systemctl("stop", "usherd")
        self.assertTrue(self.lives(self.tray))
        self.configure(RENAMED)
        self.check_one_is_left("office")

    def test_by_nobody_s_name_are_ended(self):
        self.configure("")
        self.wait_until_gone(self.tray)

    def test_of_an_instance_that_is_disabled_are_ended_until_it_is_enabled(self):
        self.broker.ctl("plugins", "disable", "agents")
        self.addCleanup(self.broker.ctl, "plugins", "enable", "agents", check=False)
        self.wait_until_gone(self.tray)
        self.wait_until_told("agent.stopped", "tray", self.alice, after=self.mark)
        self.broker.ctl("plugins", "enable", "agents")
        self.check_one_is_left("agents")

    def test_of_the_user_instead_of_the_session_are_not_doubled(self):
        self.configure(OF_USER)
        self.check_one_is_left("agents")

    def test_of_the_user_since_the_broker_was_stopped_are_not_doubled(self):
        self.broker.systemctl("stop", "usherd")
        self.configure(OF_USER)
        self.check_one_is_left("agents")


class AnAgentThatTakesItsTime(SupervisedTest):
    PLUGINS = may_launch("/bin/sh") + agent("deaf", "/bin/sh", f'args = {DEAF}\nstop = "2 s"')

    def setUp(self):
        super().setUp()
        text = self.box.run("cat", CONFIGURATION)
        self.of_user = text + '\nscope = "user"\n'
        self.addCleanup(self.configure, text)
        self.alice = self.logon_at_console("alice")
        self.pid = self.wait_until_deaf(self.alice)

    def configure(self, text):
        self.broker.write(CONFIGURATION, text)
        self.broker.systemctl("start", "usherd")
        self.broker.ctl("reload")

    def wait_until_deaf(self, session):
        pid = self.wait_until_it_runs("deaf", session)
        eventually(lambda: self.ignores_term(pid), "it to be deaf")
        return pid

    def test_has_ended_before_that_of_the_other_scope_begins(self):
        mark = self.events.mark()
        self.configure(self.of_user)
        started = self.wait_until_told("agent.started", "deaf", self.alice, after=mark)
        stopped = self.wait_until_told("agent.stopped", "deaf", self.alice, after=mark)
        self.assertLess(stopped["seq"], started["seq"])
        self.assertFalse(self.lives(self.pid))

    def test_has_ended_in_all_sessions_before_that_of_the_user_begins(self):
        remote = self.logon("alice", "--rhost=10.1.2.3", "--type=tty")
        other = self.wait_until_deaf(remote)
        self.broker.systemctl("stop", "usherd")
        self.box.kill(self.pid)
        self.wait_until_gone(self.pid)
        mark = self.events.mark()
        self.configure(self.of_user)
        eventually(
            lambda: any(event["type"] == "agent.started" for event in self.events.all()[mark:]),
            "the start of the user's",
        )
        self.assertFalse(self.lives(other))


if __name__ == "__main__":
    unittest.main()
