"""Agents that the launcher runs in sessions of the real logind, as units of the real systemd."""

import json
import os
import subprocess
import time
import unittest

from box import eventually
from launcher import DEAF, SLEEP, LauncherTest, agents_of, facts_of

LONG = 180.0


class AnAgent(LauncherTest):
    def test_has_its_user_slice_environment_and_session(self):
        _, facts = self.logon_with_facts()
        _, news = self.start(facts, variables={"COLOUR": "$HOME %n"})
        self.assertEqual(news["news"], "started", news)
        self.assertFalse(news["adopted"])
        status = self.read(news["pid"], "status")
        self.assertIn("Uid:\t2001\t2001\t2001\t2001\n", status)
        self.assertIn("Gid:\t2001\t2001\t2001\t2001\n", status)
        (unit,) = agents_of(self.box)
        self.assertIn(f"/user.slice/user-2001.slice/{unit}", self.read(news["pid"], "cgroup"))
        environment = self.environment_of(news["pid"])
        expected = {
            "XDG_SESSION_ID": facts["id"], "XDG_SESSION_TYPE": "wayland",
            "XDG_RUNTIME_DIR": "/run/user/2001", "COLOUR": "$HOME %n",
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/2001/bus",
            "HOME": "/home/alice", "USER": "alice", "LOGNAME": "alice", "SHELL": "/bin/bash",
            "USHER_AGENT": "tray", "USHER_INSTANCE": "test", "USHER_SESSION_KEY": facts["key"],
        }  # fmt: skip
        self.assertEqual({name: environment.get(name) for name in expected}, expected)
        directory = self.box.run("readlink", f"/proc/{news['pid']}/cwd").strip()
        self.assertEqual(directory, "/home/alice")
        descriptors = self.box.run("ls", "-l", f"/proc/{news['pid']}/fd").splitlines()[1:]
        self.assertEqual(len(descriptors), 3, descriptors)

    def test_has_what_its_user_manager_and_leader_have_of_a_desktop(self):
        session, facts = self.logon_with_facts()
        self.box.run(
            "setpriv", "--reuid=2001", "--regid=2001", "--clear-groups",
            "env", "XDG_RUNTIME_DIR=/run/user/2001", "systemctl", "--user", "set-environment",
            "WAYLAND_DISPLAY=wayland-7", "LD_PRELOAD=/tmp/evil.so", "THEME=dark",
        )  # fmt: skip
        _, news = self.start(facts)
        environment = self.environment_of(news["pid"])
        self.assertEqual(environment.get("WAYLAND_DISPLAY"), "wayland-7")
        self.assertEqual(environment.get("THEME"), "dark")
        self.assertNotIn("LD_PRELOAD", environment)
        _, news = self.start(facts, agent="root", as_system=1)
        environment = self.environment_of(news["pid"])
        self.assertNotIn("WAYLAND_DISPLAY", environment)
        self.assertNotIn("THEME", environment)
        self.assertIn("0::/system.slice/", self.read(news["pid"], "cgroup"))
        self.assertIn("Uid:\t0\t0\t0\t0", self.read(news["pid"], "status"))

    def test_has_the_limits_that_it_is_given(self):
        _, facts = self.logon_with_facts()
        _, news = self.start(facts, memory=64 << 20, tasks=7, files=99, cpu=150)
        (unit,) = agents_of(self.box)
        properties = "--property=MemoryMax,TasksMax,CPUQuotaPerSecUSec"
        shown = self.box.run("systemctl", "show", unit, properties)
        self.assertEqual(
            set(shown.split()), {"MemoryMax=67108864", "TasksMax=7", "CPUQuotaPerSecUSec=1.500000s"}
        )
        limits = self.read(news["pid"], "limits")
        self.assertRegex(limits, r"Max open files +99 +99 ")
        # One of them holds the agent to its memory.
        controllers = self.box.run("cat", "/sys/fs/cgroup/cgroup.controllers").split()
        data = "unlimited" if "memory" in controllers else "67108864"
        self.assertRegex(limits, rf"Max data size +{data} +{data} ")

    def test_that_is_killed_or_exits_is_told_at_once(self):
        _, facts = self.logon_with_facts()
        launch, news = self.start(facts)
        killed_at = time.monotonic()
        self.box.kill(news["pid"])
        end = self.launcher.end_of(launch)
        self.assertEqual((end["news"], end["code"]), ("signaled", 9))
        self.assertLess(end["at_us"] / 1e6 - killed_at, 2.0)
        launch, _ = self.start(facts, "/bin/sh", "-c", "exit 3")
        end = self.launcher.end_of(launch)
        self.assertEqual((end["news"], end["code"]), ("exited", 3))
        self.assertEqual(agents_of(self.box), [])

    def test_is_the_same_one_again_and_again(self):
        _, facts = self.logon_with_facts()
        for _ in range(20):
            launch, news = self.start(facts)
            self.assertEqual(news["news"], "started", news)
            self.assertFalse(news["adopted"])
            self.assertEqual(len(agents_of(self.box)), 1)
            self.box.kill(news["pid"])
            self.assertEqual(self.launcher.end_of(launch)["news"], "signaled")

    def test_that_is_asked_to_end_ends_or_is_made_to(self):
        _, facts = self.logon_with_facts()
        launch, _ = self.start(facts)
        self.launcher.tell(do="stop", launch=launch)
        self.assertEqual(self.launcher.end_of(launch)["news"], "stopped")
        launch, news = self.start(facts, *DEAF, stop_ms=1500)
        eventually(lambda: "sleep" in self.box.run("ps", "-eo", "args"), "it to be deaf")
        asked_at = time.monotonic()
        self.launcher.tell(do="stop", launch=launch)
        end = self.launcher.end_of(launch)
        self.assertEqual(end["news"], "stopped")
        self.assertGreater(end["at_us"] / 1e6 - asked_at, 1.3)
        # The service manager may tell of it a moment before it lets go of the process.
        entry = f"/proc/{self.box.init}/root/proc/{news['pid']}"
        eventually(lambda: not os.path.exists(entry), "its process to be gone")

    def test_that_is_given_no_time_to_end_has_none_after_a_reload_of_the_units_either(self):
        _, facts = self.logon_with_facts()
        launch, _ = self.start(facts, *DEAF, stop_ms=0)
        eventually(lambda: "sleep" in self.box.run("ps", "-eo", "args"), "it to be deaf")
        self.box.run("systemctl", "daemon-reload")
        self.launcher.tell(do="stop", launch=launch)
        self.assertEqual(self.launcher.end_of(launch)["news"], "stopped")

    def test_that_somebody_else_stops_is_told_as_stopped(self):
        _, facts = self.logon_with_facts()
        launch, _ = self.start(facts)
        self.box.run("systemctl", "stop", *agents_of(self.box))
        self.assertEqual(self.launcher.end_of(launch)["news"], "stopped")

    def test_that_somebody_else_restarts_is_told_so_and_still_ends_when_asked(self):
        _, facts = self.logon_with_facts()
        launch, news = self.start(facts)
        self.box.run("systemctl", "restart", *agents_of(self.box))
        eventually(lambda: len(self.launcher.news_of(launch)) > 1, "news of it")
        again = self.launcher.last_of(launch)
        self.assertEqual((again["news"], again["adopted"]), ("started", True))
        self.assertNotEqual(again["pid"], news["pid"])
        self.launcher.tell(do="stop", launch=launch)
        self.assertEqual(self.launcher.end_of(launch)["news"], "stopped")
        self.assertEqual(agents_of(self.box), [])

    def test_of_a_session_ends_with_it_and_does_not_hold_it(self):
        session, facts = self.logon_with_facts()
        other, other_facts = self.logon_with_facts("bob")
        launch, _ = self.start(facts)
        bobs, _ = self.start(other_facts)
        left_at = time.monotonic()
        session.logoff()
        end = self.launcher.end_of(launch)
        self.assertEqual(end["news"], "stopped")
        self.assertLess(end["at_us"] / 1e6 - left_at, 2.0)
        eventually(lambda: session.id not in self.sessions(), "the session to be gone", 2.0)
        self.assertEqual(self.launcher.news_of(bobs), ["started"])

    def test_of_a_session_that_is_over_is_dropped(self):
        session, facts = self.logon_with_facts()
        session.logoff()
        eventually(lambda: session.id not in self.sessions(), "the logoff")
        launch = self.launcher.start("tray", facts, *SLEEP)
        end = self.launcher.end_of(launch)
        self.assertEqual((end["news"], end["remedy"]), ("failed", "drop"), end)
        again, facts = self.logon_with_facts()
        facts["created_us"] -= 1
        launch = self.launcher.start("tray", facts, *SLEEP)
        end = self.launcher.end_of(launch)
        self.assertEqual((end["stage"], end["remedy"]), ("session", "drop"), end)
        self.assertEqual(agents_of(self.box), [])

    def test_of_a_session_that_ends_meanwhile_leaves_nothing(self):
        for delay in (0, 0.002, 0.005, 0.01, 0.02, 0.03):
            session, facts = self.logon_with_facts()
            launch = self.launcher.start("tray", facts, *SLEEP)
            time.sleep(delay)
            session.logoff()
            end = self.launcher.end_of(launch)
            if end.get("call") == "JobRemoved: canceled" and end["remedy"] == "retry":
                # systemd knew of the end before logind did: the next try is told of it.
                eventually(lambda: session.id not in self.sessions(), "the logoff")
                end = self.launcher.end_of(self.launcher.start("tray", facts, *SLEEP))
                self.assertEqual(end["news"], "failed", end)
            if end["news"] == "failed":
                self.assertEqual(end["remedy"], "drop", end)
            else:
                self.assertEqual(end["news"], "stopped", end)
            eventually(lambda: not agents_of(self.box), "nothing to be left")

    def test_of_a_user_goes_on_while_a_session_of_theirs_does(self):
        session, facts = self.logon_with_facts()
        second = self.logon("alice")
        launch, _ = self.start(facts, of_user=1)
        session.logoff()
        eventually(lambda: session.id not in self.sessions(), "the logoff")
        self.assertEqual(self.launcher.news_of(launch), ["started"])
        self.launcher.tell(do="release", launch=launch)
        others = facts_of(self.box, second, "alice")
        again, news = self.start(others, of_user=1)
        self.assertTrue(news["adopted"])
        self.launcher.tell(do="stop", launch=again)
        self.assertEqual(self.launcher.end_of(again)["news"], "stopped")


class Failures(LauncherTest):
    def failure_of(self, facts, *program, **options):
        launch = self.launcher.start("tray", facts, *program, **options)
        end = self.launcher.end_of(launch)
        self.assertEqual(self.launcher.news_of(launch)[0], "failed", end)
        return end["stage"], end["call"], end["code"], end["remedy"]

    def script(self, name, text, mode=0o755):
        path = self.box.work / name
        path.write_text(text)
        path.chmod(mode)
        self.box.run("sh", "-c", f"mkdir -p /opt && cp -p /usher/work/{name} /opt/{name}")
        return f"/opt/{name}"

    def test_of_programs_say_what_to_do(self):
        _, facts = self.logon_with_facts()
        self.assertEqual(self.failure_of(facts, "/usr/bin/nothing"), ("spawn", "execve", 2, "fix"))
        plain = self.script("plain", "text", 0o644)
        self.assertEqual(self.failure_of(facts, plain), ("spawn", "execve", 13, "fix"))
        orphan = self.script("orphan", "#!/usr/bin/nothing\n")
        self.assertEqual(self.failure_of(facts, orphan), ("spawn", "execve", 2, "fix"))
        nonsense = self.script("nonsense", "text")
        self.assertEqual(self.failure_of(facts, nonsense), ("spawn", "exec", 203, "fix"))
        anybodys = self.script("anybodys", "#!/bin/sh\n", 0o777)
        self.assertEqual(self.failure_of(facts, anybodys)[0], "policy")
        self.assertEqual(
            self.failure_of(facts, *SLEEP, directory="/nothing")[:3], ("spawn", "exec", 200)
        )
        nobody = {**facts, "user_id": "2999"}
        self.assertEqual(self.failure_of(nobody, *SLEEP)[3], "drop")
        self.assertEqual(agents_of(self.box), [])

    def test_what_is_waited_for_is_named(self):
        _, facts = self.logon_with_facts()
        asked_at = time.monotonic()
        failed = self.failure_of(facts, *SLEEP, ready_display=1, ready_ms=400)
        self.assertEqual(failed[:2], ("environment", "display"))
        self.assertGreater(time.monotonic() - asked_at, 0.4)
        self.box.run("mv", "/run/user/2001/bus", "/run/user/2001/bus.away")
        self.assertEqual(self.failure_of(facts, *SLEEP, ready_bus=1, ready_ms=300)[1], "user bus")
        wanted = {"ready_bus": 1, "ready_profile": 1, "ready_runtime": 1, "ready_ms": 30000}
        launch = self.launcher.start("tray", facts, *SLEEP, **wanted)
        self.box.run("mv", "/run/user/2001/bus.away", "/run/user/2001/bus")
        self.assertEqual(self.launcher.wait_for(launch, "started", "failed")["news"], "started")

    def test_a_missing_runtime_directory_is_named(self):
        _, facts = self.logon_with_facts("bob")
        self.box.run("sh", "-c", "umount -l /run/user/2002 && rmdir /run/user/2002")
        failed = self.failure_of(facts, *SLEEP, ready_runtime=1, ready_ms=300)
        self.assertEqual(failed[:2], ("environment", "runtime directory"))
        # Who does not want it is started without.
        _, news = self.start(facts)
        self.assertEqual(news["news"], "started", news)

    def test_a_user_manager_that_hangs_costs_a_second(self):
        _, facts = self.logon_with_facts()
        _, others = self.logon_with_facts("bob")
        pid = self.box.run("systemctl", "show", "-PMainPID", "user@2001.service").strip()
        self.box.kill(pid, "STOP")
        self.addCleanup(self.box.kill, pid, "CONT")
        launch = self.launcher.start("tray", facts, *SLEEP)
        bobs = self.launcher.start("tray", others, *SLEEP)
        first = self.launcher.wait_for(bobs, "started")
        news = self.launcher.wait_for(launch, "started")
        self.assertLess(first["at_us"], news["at_us"])
        self.assertGreater(news["duration_us"], 900_000)
        self.assertLess(news["duration_us"], 10_000_000)
        self.box.kill(pid, "CONT")

    def test_programs_that_misbehave_end_as_defined(self):
        _, facts = self.logon_with_facts()
        launch, _ = self.start(facts, "/bin/sh", "-c", "sleep 1000 & exit 0")
        end = self.launcher.end_of(launch)
        self.assertEqual((end["news"], end["code"]), ("exited", 0))
        eventually(
            lambda: "sleep 1000" not in self.box.run("ps", "-eo", "args"), "what it left to end"
        )
        noisy = "head -c 1000000000 /dev/zero | tr '\\0' 'x'; sleep infinity"
        launch, _ = self.start(facts, "/bin/sh", "-c", noisy)
        quiet, news = self.start(facts, agent="quiet")
        self.assertLess(news["duration_us"], 20_000_000)
        self.assertEqual(self.launcher.news_of(launch), ["started"])
        self.launcher.tell(do="stop", launch=launch)
        self.assertEqual(self.launcher.end_of(launch)["news"], "stopped")


class AStormOfAgents(LauncherTest):
    SESSIONS = 200
    AGENTS = ("one", "two", "three")

    def storm(self):
        """What the driver has to know of many sessions, all of them just opened."""
        storm = self.box.service(
            "/usr/bin/python3", "/usher/tests/pam_storm.py", str(self.SESSIONS), "100",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            properties=["TasksMax=infinity"],
        )  # fmt: skip
        self.addCleanup(self.close, storm)
        opened = json.loads(storm.stdout.readline())
        return storm, [self.facts_in_record(session) for session in opened]

    def close(self, storm):
        storm.stdin.close()
        storm.wait()
        storm.stdout.close()

    def facts_in_record(self, session):
        path = f"/proc/{self.box.init}/root/run/systemd/sessions/{session}"
        with open(path) as record:
            known = dict(line.rstrip().split("=", 1) for line in record if "=" in line)
        created = int(known["MONOTONIC"])
        return {"id": session, "user_id": known["UID"], "created_us": created, "type": "tty",
                "key": f"boot-{session}-{created}", "class": "user"}  # fmt: skip

    def test_all_run_soon_and_end_with_their_sessions(self):
        storm, sessions = self.storm()
        self.assertGreater(len(sessions), self.SESSIONS / 2)
        asked_at = time.monotonic()
        launches = [
            self.launcher.start(agent, session, *SLEEP, ready_runtime=1, ready_ms=30000)
            for session in sessions for agent in self.AGENTS
        ]  # fmt: skip
        news = self.launcher.wait_for_all(launches, "started", "failed", patience=LONG)
        self.assertEqual({one["news"] for one in news.values()}, {"started"})
        last = max(one["at_us"] for one in news.values()) / 1e6 - asked_at
        print(f"{len(launches)} agents of {len(sessions)} sessions ran after {last:.2f} s")
        self.assertEqual(len(agents_of(self.box)), len(launches))
        storm.stdin.close()
        words = ("stopped", "exited", "signaled", "lost")
        ends = self.launcher.wait_for_all(launches, *words, patience=LONG)
        self.assertEqual({one["news"] for one in ends.values()}, {"stopped"})
        eventually(lambda: not agents_of(self.box), "nothing to be left")


if __name__ == "__main__":
    unittest.main()
