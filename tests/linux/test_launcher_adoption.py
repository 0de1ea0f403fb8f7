"""Agents that run already when they are asked for, or still: they are found and never doubled."""

import os
import unittest

from box import eventually
from launcher import DEAF, SLEEP, LauncherTest, agents_of


class Adoption(LauncherTest):
    COUNT = 20

    def test_after_a_crash_all_are_found_and_none_is_doubled(self):
        _, facts = self.logon_with_facts()
        names = [f"agent-{number}" for number in range(self.COUNT)]
        launches = [self.launcher.start(name, facts, *SLEEP) for name in names]
        started = self.launcher.wait_for_all(launches, "started", "failed")
        self.launcher.kill()
        self.launcher = self.new_launcher()
        again = [self.launcher.start(name, facts, "/usr/bin/nothing") for name in names]
        adopted = self.launcher.wait_for_all(again, "started", "failed")
        self.assertTrue(all(news["adopted"] for news in adopted.values()), adopted)
        self.assertEqual(
            [news["pid"] for news in started.values()], [news["pid"] for news in adopted.values()]
        )
        self.assertTrue(all(0 < news["duration_us"] < 60e6 for news in adopted.values()))
        self.assertEqual(len(agents_of(self.box)), self.COUNT)
        pid = adopted[again[3]]["pid"]
        self.box.kill(pid)
        end = self.launcher.end_of(again[3])
        self.assertEqual((end["news"], end["code"]), ("signaled", 9))
        self.launcher.tell(do="stop", launch=again[4])
        self.assertEqual(self.launcher.end_of(again[4])["news"], "stopped")

    def test_settling_ends_those_that_nobody_asked_for(self):
        _, facts = self.logon_with_facts()
        for name in ("one", "two", "three"):
            self.start(facts, agent=name)
        self.start(facts, agent="one", instance="test-2")
        self.launcher.kill()
        self.launcher = self.new_launcher()
        launch, news = self.start(facts, agent="two")
        self.assertTrue(news["adopted"])
        self.launcher.tell(do="settle", instance="test")
        eventually(lambda: len(agents_of(self.box)) == 2, lambda: agents_of(self.box))
        left = agents_of(self.box)
        self.assertTrue(left[0].startswith("usher-agent-test-2_one-"), left)
        self.assertTrue(left[1].startswith("usher-agent-test_two-"), left)
        self.assertEqual(self.launcher.news_of(launch), ["started"])

    def test_one_of_the_other_scope_ends_before_it(self):
        _, facts = self.logon_with_facts()
        _, one = self.start(facts, *DEAF, stop_ms=2000)
        self.launcher.kill()
        self.launcher = self.new_launcher()
        _, other = self.start(facts, of_user=1)
        self.assertFalse(other["adopted"])
        self.assertFalse(self.lives(one["pid"]))
        self.assertEqual(len(agents_of(self.box)), 1)

    def test_those_of_all_the_users_sessions_end_before_the_users_own(self):
        _, facts = self.logon_with_facts()
        _, other = self.logon_with_facts("alice", "--rhost=10.1.2.3", "--type=tty")
        _, deaf = self.start(other, *DEAF, stop_ms=2000)
        self.launcher.kill()
        self.launcher = self.new_launcher()
        _, news = self.start(facts, of_user=1, others=[other])
        self.assertFalse(news["adopted"])
        self.assertFalse(self.lives(deaf["pid"]))

    def lives(self, pid):
        return os.path.exists(f"/proc/{self.box.init}/root/proc/{pid}")

    def start_waiting_beside_its_unit(self, facts, stop_ms):
        """Asks for an agent that runs, and has to wait for one of the other scope to end; the launch,
        and both processes."""
        self.start(facts)
        (unit,) = agents_of(self.box)
        self.box.run("systemctl", "stop", unit)
        _, deaf = self.start(facts, *DEAF, stop_ms=stop_ms, of_user=1)
        self.launcher.kill()
        self.box.run("systemd-run", f"--unit={unit}", *SLEEP)
        pid = int(self.box.run("systemctl", "show", "-P", "MainPID", unit))
        self.launcher = self.new_launcher()
        launch = self.launcher.start("tray", facts, *SLEEP)
        self.launcher.tell(do="settle", instance="test")
        return launch, pid, deaf["pid"]

    def test_one_that_has_to_wait_and_is_not_wanted_any_more_ends(self):
        _, facts = self.logon_with_facts()
        launch, pid, deaf = self.start_waiting_beside_its_unit(facts, stop_ms=60_000)
        self.addCleanup(self.box.kill, deaf)
        eventually(lambda: "deactivating" in self.states(), self.states)
        self.launcher.tell(do="stop", launch=launch)
        self.assertEqual(self.launcher.end_of(launch)["news"], "stopped")
        # systemd tells of an end before it has waited for the process.
        eventually(lambda: not self.lives(pid), f"the end of {pid}")
        self.assertTrue(self.lives(deaf), "nobody has waited for it")

    def states(self):
        return self.box.run("systemctl", "list-units", "--no-legend", "usher-agent-*")

    def test_one_that_has_to_wait_is_not_taken_for_left_over(self):
        _, facts = self.logon_with_facts()
        launch, pid, deaf = self.start_waiting_beside_its_unit(facts, stop_ms=2000)
        news = self.launcher.wait_for(launch, "started", "failed")
        self.assertEqual((news["adopted"], news["pid"]), (True, pid), news)
        self.assertFalse(self.lives(deaf))

    def test_at_the_end_those_to_be_kept_stay(self):
        _, facts = self.logon_with_facts()
        self.start(facts, agent="kept")
        self.start(facts, agent="not-kept", keep=0)
        self.launcher.close()
        eventually(lambda: len(agents_of(self.box)) == 1, lambda: agents_of(self.box))
        self.assertTrue(agents_of(self.box)[0].startswith("usher-agent-test_kept-"))

    def test_one_that_is_released_is_the_next_ones(self):
        _, facts = self.logon_with_facts()
        launch, news = self.start(facts)
        self.launcher.tell(do="release", launch=launch)
        again, taken = self.start(facts)
        self.assertTrue(taken["adopted"])
        self.assertEqual(taken["pid"], news["pid"])
        self.box.kill(news["pid"])
        self.assertEqual(self.launcher.end_of(again)["news"], "signaled")
        self.assertEqual(self.launcher.news_of(launch), ["started"])

    def test_one_that_is_asked_for_while_it_ends_comes_after_it(self):
        _, facts = self.logon_with_facts()
        launch, old = self.start(facts, *DEAF, stop_ms=800)
        self.launcher.tell(do="stop", launch=launch)
        again = self.launcher.start("tray", facts, *SLEEP)
        news = self.launcher.wait_for(again, "started", "failed")
        self.assertEqual((news["news"], news.get("adopted")), ("started", False), news)
        self.assertEqual(self.launcher.end_of(launch)["news"], "stopped")
        self.assertEqual(len(agents_of(self.box)), 1)

    def test_after_the_service_manager_replaced_itself_they_go_on(self):
        _, facts = self.logon_with_facts()
        launch, news = self.start(facts)
        self.box.run("systemctl", "daemon-reexec")
        other, _ = self.start(facts, agent="other")
        self.assertEqual(self.launcher.news_of(launch), ["started"])
        self.box.kill(news["pid"])
        self.assertEqual(self.launcher.end_of(launch)["news"], "signaled")
        self.launcher.tell(do="stop", launch=other)
        self.assertEqual(self.launcher.end_of(other)["news"], "stopped")

    def test_without_logind_they_start_and_end(self):
        _, facts = self.logon_with_facts()
        self.box.run("systemctl", "stop", "systemd-logind")
        self.addCleanup(self.box.run, "systemctl", "start", "systemd-logind")
        launch, news = self.start(facts)
        self.assertEqual(news["news"], "started", news)
        self.launcher.tell(do="stop", launch=launch)
        self.assertEqual(self.launcher.end_of(launch)["news"], "stopped")


if __name__ == "__main__":
    unittest.main()
