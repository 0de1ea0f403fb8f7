"""usherd as it is installed: under the real systemd, with all of its unit's hardening."""

import json
import subprocess
import unittest

from box import PATIENCE, eventually
from installed import CONFIGURATION, PRESENCE, InstalledTest, WatchedTest

class Hardened(InstalledTest):
    PLUGINS = PRESENCE + '[plugins.journald]\nlibrary = "journald"\n'

    def test_sees_a_logon_and_so_does_its_plugin(self):
        alice = self.logon_at_console("alice")
        self.events.wait_for("session.logon", alice.id)
        eventually(
            lambda: "alice" in self.box.run("cat", "/run/usher/presence.json", check=False),
            lambda: f"alice to be present\n{self.broker.says()}",
        )
        plugins = json.loads(self.broker.ctl("plugins", "--json"))["plugins"]
        self.assertEqual([plugin["state"] for plugin in plugins], ["running"] * 2)

    def test_tells_the_journal(self):
        bob = self.logon("bob", "--rhost=10.1.2.3", "--type=tty")
        logon = self.events.wait_for("session.logon", bob.id)
        query = ("journalctl", "-q", "-o", "json", "_SYSTEMD_UNIT=usherd.service")
        said = eventually(
            lambda: self.box.run(*query, f"USHER_SEQ={logon['seq']}"),
            lambda: f"the journal to have it\n{self.broker.says()}",
        )
        self.assertEqual(json.loads(said)["USHER_REMOTE_HOST"], "10.1.2.3")

    def test_runs_with_what_the_unit_leaves_it(self):
        self.assertEqual(self.broker.show("StatusText"), "following logind")
        status = self.box.run("cat", f"/proc/{self.broker.main_pid()}/status")
        facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        cap_chown, cap_dac_override = 1 << 0, 1 << 1
        self.assertEqual(int(facts["CapEff"], 16), cap_chown | cap_dac_override)
        self.assertEqual(int(facts["CapBnd"], 16), cap_chown | cap_dac_override)
        self.assertEqual((facts["NoNewPrivs"], facts["Seccomp"]), ("1", "2"))

    def test_sees_the_runtime_directories_of_users(self):
        alice = self.logon_at_console("alice")
        self.events.wait_for("session.logon", alice.id)
        self.box.run("ls", f"/proc/{self.broker.main_pid()}/root/run/user/2001")

    def test_has_a_unit_that_the_real_systemd_has_nothing_against(self):
        unit = "/usr/local/lib/systemd/system/usherd.service"
        process = self.box.run("sh", "-c", f"systemd-analyze --man=no verify {unit} 2>&1")
        self.assertNotIn("usherd", process)
        self.assertEqual(self.broker.show("NeedDaemonReload"), "no")
        self.assertNotIn("usherd.service:", self.box.run("journalctl", "--no-pager", "_PID=1"))

    def test_shows_its_log_to_its_group_and_to_nobody_else(self):
        modes = self.box.run("stat", "-c", "%U:%G %a", "/var/log/usher", "/var/lib/usher", "/run/usher")
        self.assertEqual(modes.split("\n")[:3], ["root:usher 2750", "root:root 750", "root:root 755"])
        tail = (*self.broker.usherctl, "tail", "--json", "-n", "all")
        code, said = self.broker.exit_code_as("usher", *tail)
        self.assertEqual(code, 0, said)
        self.assertIn("broker.started", said)
        code, said = self.broker.exit_code_as("", *tail)
        self.assertEqual(code, 5, said)
        self.assertEqual(self.broker.exit_code_as("usher", *self.broker.usherctl, "status")[0], 0)
        self.assertNotEqual(self.broker.exit_code_as("", *self.broker.usherctl, "status")[0], 0)


class Restarted(InstalledTest):
    def test_goes_on_after_a_restart(self):
        alice = self.logon_at_console("alice")
        self.events.wait_for("session.logon", alice.id)
        mark = self.events.mark()
        self.broker.systemctl("restart", "usherd")
        started = self.events.wait_for("broker.started", after=mark)
        self.assertEqual(started["details"]["clean"], "yes")
        self.assertIn(alice.id, self.broker.ctl("sessions"))
        self.assertNotIn("session.created", self.events.types_of(alice.id, mark))
        self.broker.ctl("verify")

    def test_is_started_again_when_it_is_killed(self):
        for _ in range(3):
            mark = self.events.mark()
            before = self.broker.restarts()
            self.box.kill(self.broker.main_pid())
            started = self.events.wait_for("broker.started", after=mark)
            self.assertEqual(started["details"]["clean"], "no")
            self.broker.wait_until_restarted(before)
        self.broker.ctl("verify")
        bob = self.logon("bob", "--rhost=10.1.2.3", "--type=tty")
        self.events.wait_for("session.logon", bob.id)

    def test_waits_for_a_mended_configuration_instead_of_trying_again_and_again(self):
        good = self.box.run("cat", CONFIGURATION)
        self.addCleanup(lambda: self.broker.systemctl("start", "usherd"))
        self.addCleanup(lambda: self.broker.write(CONFIGURATION, good))
        self.broker.write(CONFIGURATION, "[lgo]\n")
        self.broker.systemctl("restart", "usherd", check=False)
        eventually(lambda: self.broker.show("ActiveState") == "failed", self.broker.says)
        self.assertEqual(self.broker.show("ExecMainStatus"), "3")
        self.assertEqual(self.broker.show("SubState"), "failed")
        self.assertIn('did you mean "log"?', self.broker.says())


class Reloaded(InstalledTest):
    def reload(self, text):
        """How systemctl ends that reloads the service with this configuration."""
        self.broker.write(CONFIGURATION, text)
        process = self.box.popen(
            "systemctl", "reload", "usherd",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        said, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, said

    def test_takes_a_changed_configuration_and_refuses_a_wrong_one(self):
        pid = self.broker.main_pid()
        good = self.box.run("cat", CONFIGURATION)
        code, said = self.reload(good + '[plugins.null]\nlibrary = "null"\n')
        self.assertEqual(code, 0, f"{said}\n{self.broker.says()}")
        reloaded = self.events.wait_for("config.reloaded")
        self.assertEqual(reloaded["details"]["started"], "null")
        mark = self.events.mark()
        code, said = self.reload(good + '[plugins.null]\nlibrary = "nul"\n')
        self.assertEqual(code, 1, said)
        rejected = self.events.wait_for("config.rejected", after=mark)
        self.assertIn("nul.so", rejected["details"]["error"])
        self.assertIn(rejected["details"]["error"], self.broker.says())
        plugins = json.loads(self.broker.ctl("plugins", "--json"))["plugins"]
        self.assertEqual([plugin["state"] for plugin in plugins], ["running", "running"])
        self.assertEqual((self.broker.main_pid(), self.broker.show("ActiveState")), (pid, "active"))
        code, said = self.reload(good)
        self.assertEqual(code, 0, said)

    def test_takes_a_changed_configuration_at_a_hangup(self):
        mark = self.events.mark()
        self.box.kill(self.broker.main_pid(), "HUP")
        self.events.wait_for("config.reloaded", after=mark)


class Watched(WatchedTest):
    def test_is_left_alone_where_nothing_happens(self):
        self.wait_while_it_is_fed()

    def test_is_left_alone_while_the_disk_hangs(self):
        for call in ("sync", "write"):
            with self.subTest(call):
                mark = self.events.mark()
                (self.hang / call).touch()
                alice = self.logon_at_console("alice")
                eventually(lambda: alice.id in self.broker.ctl("sessions"), "the session")
                self.wait_while_it_is_fed()
                (self.hang / call).unlink()
                self.events.wait_for("session.logon", alice.id, after=mark)

    def test_is_ended_and_started_again_when_the_whole_process_hangs(self):
        mark = self.events.mark()
        self.box.kill(self.broker.main_pid(), "STOP")
        self.check_restart(mark)


class WatchedWithoutSyncing(WatchedTest):
    """Then the pump writes itself."""

    @classmethod
    def prepare(cls, broker):
        text = cls.box.run("cat", CONFIGURATION)
        broker.write(CONFIGURATION, text.replace("[log]\n", '[log]\nsync = "never"\n', 1))

    def test_is_ended_and_started_again_when_a_write_hangs(self):
        mark = self.events.mark()
        (self.hang / "write").touch()
        bob = self.logon("bob", "--rhost=10.1.2.3", "--type=tty")
        self.check_restart(mark)
        logon = self.events.wait_for("session.logon", bob.id, after=mark)
        self.assertEqual(logon["origin"], "reconciled")


class WatchedWithAHangingPlugin(WatchedTest):
    PLUGINS = PRESENCE + """
[plugins.hanging]
library = "hang_in_on_event"
event_timeout = "100 ms"
"""

    @classmethod
    def prepare(cls, broker):
        broker.add_plugin("hang_in_on_event")

    def test_is_left_alone(self):
        alice = self.logon_at_console("alice")
        self.events.wait_for("plugin.overdue")
        self.wait_while_it_is_fed()
        self.assertIn("alice", self.box.run("cat", "/run/usher/presence.json"))
        self.assertIn(alice.id, self.broker.ctl("sessions"))


if __name__ == "__main__":
    unittest.main()
