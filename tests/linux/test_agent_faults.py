"""Programs that misbehave, and a system that does, while the plugin keeps agents running."""

import re
import time
import unittest

from box import USERS, eventually
from supervised import DEAF, SupervisedTest, agent, may_launch

SLEEP = 'args = ["1000000"]\n'
FOR_BOB = 'sessions.user = ["bob"]\n'
FORKS = """args = ["-c", "sleep 7654321 & exit 0"]\n"""
FILLS_MEMORY = "filled = [b'x' * 2**20 for _ in range(400)]; import time; time.sleep(1000000)"
GREEDY = f'''args = ["-c", "{FILLS_MEMORY}"]
limits.memory = "96 MiB"
backoff.initial = "50 ms"
give_up.limit = 3
'''
A_GIGABYTE = 'args = ["-c", "head -c 1000000000 /dev/zero | tr \'\\\\0\' x"]\n'


class APoorProgram(SupervisedTest):
    PLUGINS = (
        may_launch("/opt/", "/usr/bin/sleep", "/bin/sh", "/usr/bin/false", "/usr/bin/python3")
        + agent("missing", "/opt/missing", "")
        + agent("plain", "/opt/plain", "")
        + agent("orphan", "/opt/orphan", "")
        + agent("puppet", "/opt/puppet", "")
        + agent("anybodys", "/opt/anybodys", "")
        + agent("forbidden", "/usr/bin/true", "")
        + agent("brief", "/usr/bin/false", 'backoff.initial = "50 ms"\ngive_up.limit = 4')
        + agent("forks", "/bin/sh", FORKS + 'backoff.initial = "100 ms"\nbackoff.factor = 1.0')
        + agent("deaf", "/bin/sh", f'args = {DEAF}\nstop = "1500 ms"')
        + agent("noisy", "/bin/sh", A_GIGABYTE + FOR_BOB)
        + agent("greedy", "/usr/bin/python3", GREEDY + FOR_BOB)
        + agent("good", "/usr/bin/sleep", SLEEP)
    )

    @classmethod
    def prepare(cls, broker):
        cls.script("plain", "text\n", "644")
        cls.script("orphan", "#!/usr/bin/nothing\n")
        cls.script("puppet", "#!/opt/theirs\n")
        cls.box.run("install", "-o", "bob", "-m", "755", "/bin/sh", "/opt/theirs")
        cls.script("anybodys", "#!/bin/sh\n", "777")

    @classmethod
    def script(cls, name, text, mode="755"):
        (cls.box.work / name).write_text(text)
        cls.box.run("install", "-D", "-m", mode, f"/usher/work/{name}", f"/opt/{name}")

    def test_that_cannot_be_run_waits_for_who_mends_it(self):
        alice = self.logon_at_console("alice")
        told = {
            "missing": ("spawn", "execve", "install it"),
            "plain": ("spawn", "execve", "chmod +x"),
            "orphan": ("spawn", "execve", "asks for the interpreter '/usr/bin/nothing', which"),
            "puppet": ("policy", "CheckProgram", "'/opt/theirs' is not trusted: it belongs to user"),
            "anybodys": ("policy", "CheckProgram", "others than its owner can write to it"),
            "forbidden": ("policy", "programs", 'add "/usr/bin/true" to programs'),
        }
        for name, (stage, call, words) in told.items():
            with self.subTest(name):
                row = self.wait_for_row(agent=name, session=alice.id, state="gave up")
                self.assertIsNotNone(row["next_try"])
                self.assertEqual(row["restarts"], 0)
                end = self.wait_until_told("agent.exited", name, alice)["details"]
                how = (end["result"], end["stage"], end.get("call"))
                self.assertEqual(how, ("failed", stage, call), end)
                self.assertTrue(end["code"] and end["error"] and end["advice"], end)
                self.assertIn(words, row["reason"])
        self.script("missing", "#!/bin/sh\nexec sleep 1000000\n")
        self.broker.ctl("agents", "reset", "missing")
        self.wait_until_it_runs("missing", alice)
        self.box.run("rm", "/opt/missing")
        self.wait_until_it_runs("good", alice, restarts=0)

    def test_that_exits_at_once_costs_nobody_else(self):
        alice = self.logon_at_console("alice")
        self.wait_until_told("agent.gave_up", "brief", alice)
        row = self.wait_for_row(agent="brief", session=alice.id, state="gave up")
        self.assertEqual((row["restarts"], row["last_exit"]), (3, "it exited with code 1"))
        self.wait_until_it_runs("good", alice, restarts=0)

    def test_that_forks_away_leaves_nothing_behind(self):
        alice = self.logon_at_console("alice")
        end = self.wait_until_told("agent.exited", "forks", alice, result="exited")
        self.assertEqual(end["details"]["code"], "0")
        eventually(lambda: self.rows(agent="forks", session=alice.id)[0]["restarts"] >= 3, "3 more")
        self.broker.ctl("agents", "stop", "forks", "--session", alice.id)
        self.wait_for_row(agent="forks", session=alice.id, state="stopped")
        self.assertNotIn("sleep 7654321", self.box.run("ps", "-eo", "args"))

    def test_that_ignores_its_end_is_made_to(self):
        alice = self.logon_at_console("alice")
        pid = self.wait_until_it_runs("deaf", alice)
        eventually(lambda: self.ignores_term(pid), "it to be deaf")
        asked_at = time.monotonic()
        self.broker.ctl("agents", "stop", "deaf", "--session", alice.id)
        self.wait_for_row(agent="deaf", session=alice.id, state="stopped")
        self.assertGreater(time.monotonic() - asked_at, 1.3)
        self.assertFalse(self.lives(pid))

    def test_that_prints_a_gigabyte_costs_neither_the_broker_nor_others(self):
        bob = self.logon_at_console("bob")
        self.wait_until_told("agent.started", "noisy", bob)
        self.wait_until_it_runs("good", bob, restarts=0)
        pid = self.rows(agent="noisy", session=bob.id)[0]["pid"]
        eventually(lambda: self.printed_by(pid) > 20_000_000, "it to print")
        last = ("journalctl", "--no-pager", "-o", "cat", "-n", "1", "-t", "usher-agent-noisy")
        eventually(lambda: "xxx" in self.box.run(*last), "the journal to have it")
        alice = self.logon_at_console("alice")
        self.wait_until_it_runs("good", alice)
        self.broker.ctl("agents", "stop", "noisy")
        self.wait_for_row(agent="noisy", session=bob.id, state="stopped", restarts=0)
        self.wait_until_it_runs("good", bob, restarts=0)
        peak = re.search(r"VmHWM:\s*(\d+) kB", self.read(self.broker.main_pid(), "status"))[1]
        self.assertLess(int(peak), 100_000)

    def test_that_fills_its_memory_is_ended_by_its_limit_and_costs_nobody_else(self):
        alice, bob = self.logon_at_console("alice"), self.logon_at_console("bob")
        row = self.wait_for_row(agent="greedy", session=bob.id, state="gave up", restarts=2)
        ends = [e["details"] for e in self.told("greedy", bob) if e["type"] == "agent.exited"]
        self.assertEqual(len(ends), 3)
        for end in ends:
            # Without a memory controller it is told that there is no more; with one it is killed.
            how = (end["result"], end["code"], end["stage"], end["call"])
            self.assertIn(how, {
                ("exited", "1", "early exit", "exit"),
                ("signaled", "9", "early exit", "signal"),
            })  # fmt: skip
            self.assertIn(end["error"], row["last_exit"])
        told = [event["type"] for event in self.told("greedy", bob)]
        self.assertEqual(told.count("agent.backing_off"), 2)
        self.assertEqual(told[-1], "agent.gave_up")
        self.wait_until_it_runs("good", bob, restarts=0)
        self.wait_until_it_runs("good", alice, restarts=0)

    def printed_by(self, pid):
        """So many bytes, by the last of its children."""
        child = self.read(pid, f"task/{pid}/children").split()[-1]
        return int(re.search(r"wchar: (\d+)", self.read(child, "io"))[1])


class APoorSystem(SupervisedTest):
    PLUGINS = (
        may_launch("/usr/bin/sleep")
        + agent("tray", "/usr/bin/sleep", SLEEP + 'backoff.initial = "100 ms"')
        + agent(
            "waits", "/usr/bin/sleep", SLEEP + 'ready_when = ["display"]\nready_timeout = "5 min"'
        )
        + agent(
            "needs",
            "/usr/bin/sleep",
            SLEEP + 'ready_when = ["runtime_directory"]\nready_timeout = "300 ms"\n'
            'backoff.initial = "100 ms"\nbackoff.max = "200 ms"',
        )
    )

    def stop_logind(self):
        """And keeps the bus from starting it anew."""
        self.box.run("systemctl", "mask", "--runtime", "--now", "systemd-logind")
        self.addCleanup(self.start_logind)

    def start_logind(self):
        self.box.run("systemctl", "unmask", "--runtime", "systemd-logind")
        self.box.run("systemctl", "start", "systemd-logind")

    def test_without_logind_starts_and_keeps_agents(self):
        alice = self.logon("alice", "--type=x11", "--display=:8")
        pid = self.wait_until_it_runs("tray", alice)
        self.wait_for_row(agent="waits", session=alice.id, state="launching")
        self.stop_logind()
        self.events.wait_for("source.lost")
        self.box.kill(pid)
        again = self.wait_until_it_runs("tray", alice, restarts=1)
        code = "import socket; socket.socket(socket.AF_UNIX).bind('/tmp/.X11-unix/X8')"
        self.box.run("python3", "-c", code)
        waited = self.wait_until_it_runs("waits", alice, restarts=0)
        mark = self.events.mark()
        self.start_logind()
        self.events.wait_for("source.resynced", after=mark)
        self.assertEqual(self.wait_until_it_runs("tray", alice, restarts=1), again)
        self.assertEqual(self.wait_until_it_runs("waits", alice, restarts=0), waited)
        alice.logoff()
        eventually(lambda: not self.rows(session=alice.id), "the rows to be gone")
        self.assertFalse(self.lives(again) or self.lives(waited))

    def test_without_a_runtime_directory_is_named_and_tried_until_it_is_there(self):
        bob = self.logon_at_console("bob")
        self.wait_until_it_runs("needs", bob)
        self.broker.ctl("agents", "stop", "needs")
        self.wait_for_row(agent="needs", session=bob.id, state="stopped")
        folder, uid = f"/run/user/{USERS['bob']}", str(USERS["bob"])
        self.box.run("sh", "-c", f"umount -l {folder} && rmdir {folder}")
        self.broker.ctl("agents", "start", "needs")
        end = self.wait_until_told("agent.exited", "needs", bob)["details"]
        self.assertEqual((end["stage"], end["call"]), ("environment", "runtime directory"))
        eventually(lambda: self.rows(agent="needs", session=bob.id)[0]["restarts"] >= 3, "3 more")
        self.box.run("install", "-d", "-m", "700", "-o", uid, "-g", uid, folder)
        self.wait_until_it_runs("needs", bob)
        self.wait_until_it_runs("tray", bob, restarts=0)


if __name__ == "__main__":
    unittest.main()
