"""Units of agents that have failed: they wait a moment for their successors, and then are gone."""

import contextlib
import os
import signal
import time
import unittest

from box import eventually
from launcher import DEAF, SLEEP, LauncherTest, agents_of

# How long such a unit waits, in seconds: failed_units.h.
KEPT = 5.0

SHELL = ("/bin/sh", "-c", "sleep infinity; exit $?")


class AUnitThatFailed(LauncherTest):
    def known(self, pattern="usher-agent-*"):
        """The names of the units that are loaded, in whatever state."""
        listing = self.box.run(
            "systemctl", "list-units", "--all", "--plain", "--no-legend", pattern
        )
        return [line.split()[0] for line in listing.splitlines()]

    def ending(self):
        return self.box.run(
            "systemctl", "list-units", "--no-legend", "--state=deactivating", "usher-agent-*"
        )

    def made_at(self, unit):
        """When the unit was made anew last."""
        path = f"/proc/{self.box.init}/root/run/systemd/transient/{unit}"
        return os.stat(path).st_mtime_ns

    def have_killed(self, facts, program=SLEEP, agent="tray", **options):
        """Starts an agent and kills it; the name of its unit."""
        launch, news = self.start(facts, *program, agent=agent, **options)
        (unit,) = agents_of(self.box, f"usher-agent-test_{agent}-*")
        self.box.kill(news["pid"])
        self.assertEqual(self.launcher.end_of(launch)["news"], "signaled")
        return unit

    @contextlib.contextmanager
    def manager_busy(self, number):
        """What the service manager is asked meanwhile comes to it after the signal."""
        os.kill(self.box.init, signal.SIGSTOP)
        try:
            os.kill(self.box.init, number)
            yield
        finally:
            os.kill(self.box.init, signal.SIGCONT)
        eventually(self.manager_answers, "the service manager to answer")

    def manager_replaced(self):
        """The service manager replaces itself, and never reads what it is asked meanwhile."""
        return self.manager_busy(signal.SIGTERM)

    def manager_reloaded(self):
        """The service manager reads its units anew before what it is asked meanwhile."""
        return self.manager_busy(signal.SIGHUP)

    def manager_answers(self):
        return self.box.run("systemctl", "show", "--property=Version", check=False)

    def start_unheard(self, facts, program=SLEEP):
        """Asks for an agent; once another one is known to be missing, that has been sent."""
        launch = self.launcher.start("tray", facts, *program, as_system=1)
        missing = self.launcher.start("missing", facts, "/usr/bin/nothing", as_system=1)
        self.launcher.wait_for(missing, "failed")
        return launch

    def test_is_started_again_as_it_is(self):
        _, facts = self.logon_with_facts()
        unit = self.have_killed(facts)
        made_at = self.made_at(unit)
        for _ in range(3):
            self.assertEqual(self.known(), [unit])
            self.assertEqual(self.have_killed(facts), unit)
        self.assertEqual(self.made_at(unit), made_at)

    def test_is_made_anew_where_it_is_to_be_another(self):
        _, facts = self.logon_with_facts()
        launch, news = self.start(facts)
        (unit,) = agents_of(self.box)
        made_at = self.made_at(unit)
        self.box.run(
            "setpriv", "--reuid=2001", "--regid=2001", "--clear-groups",
            "env", "XDG_RUNTIME_DIR=/run/user/2001", "systemctl", "--user", "set-environment",
            "THEME=dark",
        )  # fmt: skip
        self.box.kill(news["pid"])
        self.launcher.end_of(launch)
        _, news = self.start(facts)
        self.assertFalse(news["adopted"])
        self.assertEqual(self.environment_of(news["pid"]).get("THEME"), "dark")
        self.assertNotEqual(self.made_at(unit), made_at)

    def test_is_made_anew_where_its_file_was_read_meanwhile(self):
        _, facts = self.logon_with_facts()
        for read in ("daemon-reload", "daemon-reexec"):
            with self.subTest(read):
                self.have_killed(facts, SHELL)
                self.box.run("systemctl", read)
                launch, news = self.start(facts, *SHELL)
                self.check_arguments(news["pid"])
                self.box.run("systemctl", read)
                self.box.kill(news["pid"])
                self.launcher.end_of(launch)
                launch, news = self.start(facts, *SHELL)
                self.check_arguments(news["pid"])
                self.launcher.tell(do="stop", launch=launch)
                self.launcher.end_of(launch)

    def test_is_made_anew_where_its_file_is_read_while_it_is_asked_for(self):
        _, facts = self.logon_with_facts()
        self.have_killed(facts, SHELL, as_system=1)
        with self.manager_reloaded():
            launch = self.start_unheard(facts, SHELL)
        news = self.launcher.wait_for(launch, "started", "failed")
        self.assertEqual((news["news"], news["adopted"]), ("started", False), news)
        self.check_arguments(news["pid"])

    def test_is_started_once_where_units_are_read_while_it_is_asked_for_first(self):
        _, facts = self.logon_with_facts()
        self.start(facts, agent="other")
        with self.manager_reloaded():
            launch = self.start_unheard(facts, SHELL)
        news = self.launcher.wait_for(launch, "started", "failed")
        self.assertEqual((news["news"], news["adopted"]), ("started", False), news)
        self.check_arguments(news["pid"])
        self.assertEqual(len(agents_of(self.box)), 2)
        self.launcher.tell(do="stop", launch=launch)
        self.assertEqual(self.launcher.end_of(launch)["news"], "stopped")
        self.assertEqual(self.launcher.news_of(launch), ["started", "stopped"])

    def check_arguments(self, pid):
        self.assertEqual(self.read(pid, "cmdline").split("\0")[:-1], list(SHELL))

    def test_that_nobody_starts_again_is_gone_soon(self):
        _, facts = self.logon_with_facts()
        self.have_killed(facts)
        eventually(lambda: not self.known(), "it to be gone")

    def test_is_gone_with_the_launcher(self):
        _, facts = self.logon_with_facts()
        unit = self.have_killed(facts)
        self.assertEqual(self.known(), [unit])
        self.launcher.close()
        eventually(lambda: not self.known(), "it to be gone", 3.0)

    def test_of_an_earlier_launcher_is_in_nobodys_way(self):
        _, facts = self.logon_with_facts()
        units = [self.have_killed(facts), self.have_killed(facts, agent="other")]
        self.assertEqual(sorted(self.known()), sorted(units))
        self.launcher.kill()
        self.launcher = self.new_launcher()
        _, news = self.start(facts)
        self.assertEqual((news["news"], news["adopted"]), ("started", False))
        eventually(lambda: self.known() == agents_of(self.box), self.known)

    def test_does_not_hold_its_session(self):
        session, facts = self.logon_with_facts()
        unit = self.have_killed(facts)
        self.assertEqual(self.known(), [unit])
        session.logoff()
        eventually(lambda: session.id not in self.sessions(), "the session to be gone", 2.0)
        scope = f"session-{session.id}.scope"
        eventually(lambda: not self.known(scope), "its name to be free", KEPT - 1.0)

    def test_that_was_asked_to_end_does_not_stay(self):
        _, facts = self.logon_with_facts()
        launch, _ = self.start(facts, *DEAF, stop_ms=500)
        eventually(lambda: "sleep" in self.box.run("ps", "-eo", "args"), "it to be deaf")
        self.launcher.tell(do="stop", launch=launch)
        self.assertEqual(self.launcher.end_of(launch)["news"], "stopped")
        eventually(lambda: not self.known(), "it to be gone", 3.0)

    def test_at_the_end_of_the_launcher_does_not_stay(self):
        _, facts = self.logon_with_facts()
        self.start(facts, *DEAF, stop_ms=1000, keep=0)
        eventually(lambda: "sleep" in self.box.run("ps", "-eo", "args"), "it to be deaf")
        self.launcher.close()
        eventually(lambda: not self.known(), self.known, 10.0)

    def test_that_was_left_over_does_not_stay(self):
        _, facts = self.logon_with_facts()
        self.start(facts, *DEAF, stop_ms=500)
        eventually(lambda: "sleep" in self.box.run("ps", "-eo", "args"), "it to be deaf")
        self.launcher.kill()
        self.launcher = self.new_launcher()
        self.launcher.tell(do="settle", instance="test")
        eventually(lambda: not self.known(), self.known, 4.0)

    def test_that_was_left_while_it_ended_does_not_stay(self):
        _, facts = self.logon_with_facts()
        # Longer than the next launcher has a connection for nothing.
        launch, _ = self.start(facts, *DEAF, stop_ms=7000)
        eventually(lambda: "sleep" in self.box.run("ps", "-eo", "args"), "it to be deaf")
        self.launcher.tell(do="stop", launch=launch)
        eventually(self.ending, "it to be asked to end")
        self.launcher.kill()
        self.launcher = self.new_launcher()
        self.launcher.tell(do="settle", instance="test")
        eventually(lambda: not self.known(), self.known, 20.0)

    def test_that_somebody_else_starts_is_followed(self):
        _, facts = self.logon_with_facts()
        unit = self.have_killed(facts)
        self.box.run("systemctl", "start", unit)
        pid = int(self.box.run("systemctl", "show", "-PMainPID", unit))
        launch, news = self.start(facts)
        self.assertEqual((news["pid"], news["adopted"]), (pid, True), news)
        self.box.kill(pid)
        self.assertEqual(self.launcher.end_of(launch)["news"], "signaled")

    def test_that_somebody_else_has_reset_is_made_anew(self):
        _, facts = self.logon_with_facts()
        unit = self.have_killed(facts)
        self.box.run("systemctl", "reset-failed", unit)
        self.assertEqual(self.known(), [])
        _, news = self.start(facts)
        self.assertEqual((news["news"], news["adopted"]), ("started", False), news)

    def test_that_cannot_be_started_again_says_why(self):
        _, facts = self.logon_with_facts()
        script = "/opt/comes-and-goes"
        self.box.run("mkdir", "-p", "/opt")
        text = r"#!/bin/sh\nsleep infinity\n"
        self.box.run("sh", "-c", f"printf '{text}' > {script} && chmod 755 {script}")
        launch, news = self.start(facts, script)
        self.box.kill(news["pid"])
        self.assertEqual(self.launcher.end_of(launch)["code"], 9)
        self.box.run("sh", "-c", f"echo nonsense > {script}")
        for _ in range(2):
            end = self.launcher.end_of(self.launcher.start("tray", facts, script))
            self.assertEqual((end["news"], end["call"], end["code"]), ("failed", "exec", 203), end)

    def test_is_started_although_that_was_not_heard(self):
        _, facts = self.logon_with_facts()
        unit = self.have_killed(facts, as_system=1)
        with self.manager_replaced():
            launch = self.start_unheard(facts)
        self.assertEqual(self.launcher.wait_for(launch, "started", "failed")["news"], "started")
        self.assertEqual(agents_of(self.box), [unit])

    def test_is_gone_where_its_start_was_not_heard_and_is_not_wanted_any_more(self):
        _, facts = self.logon_with_facts()
        self.have_killed(facts, as_system=1)
        with self.manager_replaced():
            launch = self.start_unheard(facts)
            self.launcher.tell(do="stop", launch=launch)
        self.assertEqual(self.launcher.end_of(launch)["news"], "stopped")
        eventually(lambda: not self.known(), self.known)

    def test_is_gone_although_its_reset_was_not_heard(self):
        _, facts = self.logon_with_facts()
        self.have_killed(facts)
        with self.manager_replaced():
            time.sleep(KEPT + 0.5)
        eventually(lambda: not self.known(), self.known)

    def test_is_told_of_as_often_as_it_fails(self):
        _, facts = self.logon_with_facts()
        for code in (3, 4, 4):
            launch, _ = self.start(facts, "/bin/sh", "-c", f"exit {code}")
            end = self.launcher.end_of(launch)
            self.assertEqual((end["news"], end["code"]), ("exited", code))
        began_at = time.monotonic()
        launch, _ = self.start(facts, "/bin/sh", "-c", "sleep 0.3; exit 4")
        self.assertEqual(self.launcher.end_of(launch)["code"], 4)
        self.assertGreater(time.monotonic() - began_at, 0.25)


if __name__ == "__main__":
    unittest.main()
