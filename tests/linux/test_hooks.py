"""Programs that the hooks plugin runs, as units of the real systemd, out of the hardened service."""

import unittest

from box import eventually
from installed import InstalledTest

SCRIPT = """#!/bin/sh
id -u
sed -n s/^0:://p /proc/self/cgroup
env
cat
"""

HOOKS = """
[plugins.hooks]
library = "hooks"
grant = ["usher.run/1"]
[[plugins.hooks.config.hook]]
on = ["session.logon"]
program = "/etc/usher/on-logon"
[[plugins.hooks.config.hook]]
on = ["session.logon", "session.logoff"]
program = "/etc/usher/on-logon"
run_as = "session_user"
users = ["alice"]
[[plugins.hooks.config.hook]]
on = ["session.locked"]
shell = true
timeout = "1 s"
program = '''
trap '' TERM
setsid sh -c "trap '' TERM; exec sleep 4711" &
while :; do sleep 1; done
'''
[[plugins.hooks.config.hook]]
on = ["session.unlocked"]
program = "/etc/usher/nowhere"
[[plugins.hooks.config.hook]]
on = ["session.unlocked"]
program = "/etc/usher/no-interpreter"
[[plugins.hooks.config.hook]]
on = ["session.unlocked"]
program = "/etc/usher/others-write"
[[plugins.hooks.config.hook]]
on = ["session.lock_requested"]
shell = true
timeout = "10 min"
program = 'echo "again: $USHER_REDELIVERED"; [ "$USHER_REDELIVERED" = 1 ] || sleep 600'
[[plugins.hooks.config.hook]]
on = ["session.unlock_requested"]
shell = true
program = 'printf "%s|" "${USHER_REMOTE_HOST}" "$USHER_USER_ID" $0 "$@"'
args = ["${USHER_USER_ID}", "$USHER_USER_ID", "%n"]
[[plugins.hooks.config.hook]]
on = ["system.shutting_down"]
shell = true
program = "sleep 1; echo done"
"""


class Hooked(InstalledTest):
    PLUGINS = HOOKS

    @classmethod
    def prepare(cls, broker):
        cls.box.run("mkdir", "-p", "/etc/usher")
        for name, text, mode in (
            ("on-logon", SCRIPT, "755"),
            ("no-interpreter", "#!/nowhere/sh\n", "755"),
            ("others-write", SCRIPT, "757"),
        ):
            broker.write(f"/etc/usher/{name}", text)
            cls.box.run("chmod", mode, f"/etc/usher/{name}")

    def ended(self, cause, run_as="root", kind="run.ended"):
        """The end of the event's run."""
        return eventually(
            lambda: next(
                (
                    event["details"]
                    for event in self.events.all()
                    if event["type"] == kind
                    and event.get("cause") == cause["seq"]
                    and event["details"]["run_as"] == run_as
                ),
                None,
            ),
            lambda: f"{kind} of {cause}\n{self.broker.says()}",
        )

    def output(self, cause, run_as):
        """User id, control group, environment and input of /etc/usher/on-logon."""
        details = self.ended(cause, run_as)
        self.assertEqual((details["result"], details["code"]), ("exited", "0"))
        uid, group, *lines = details["output"].splitlines()
        return uid, group, dict(line.split("=", 1) for line in lines[:-1]), lines[-1]

    def wait_until_gone(self, program):
        """Waits until neither a process of the program's nor a unit is left."""
        units = ("systemctl", "list-units", "--all", "--no-legend", "usher-run-*")
        eventually(
            lambda: program not in self.box.run("ps", "-eo", "args") and not self.box.run(*units),
            lambda: f"the program to be gone: {self.box.run(*units)}",
        )

    def test_runs_as_root_in_a_unit_of_its_own(self):
        alice = self.logon_at_console("alice")
        logon = self.events.wait_for("session.logon", alice.id)
        uid, group, environment, event = self.output(logon, "root")
        self.assertEqual(uid, "0")
        self.assertRegex(group, r"^/system.slice/usher-run-[0-9a-f]{16}-[0-9]+.service$")
        self.assertEqual(environment["USHER_SESSION_ID"], alice.id)
        self.assertEqual(environment["USHER_USER_ID"], "2001")
        self.assertEqual(environment["HOME"], "/root")
        self.assertIn(f'"seq":{logon["seq"]}', event)
        self.assertEqual(self.ended(logon, kind="run.started")["run_as"], "root")

    def test_runs_as_the_sessions_user_with_an_environment_made_from_nothing(self):
        alice = self.logon_at_console("alice")
        logon = self.events.wait_for("session.logon", alice.id)
        uid, group, environment, _ = self.output(logon, "session_user")
        self.assertEqual(uid, "2001")
        self.assertRegex(group, r"^/user.slice/user-2001.slice/usher-run-[0-9a-f]{16}-[0-9]+.service$")
        expected = {
            "HOME": "/home/alice", "USER": "alice", "LOGNAME": "alice", "SHELL": "/bin/bash",
            "PWD": "/home/alice", "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": "/run/user/2001",
            "XDG_SESSION_ID": alice.id,
        }  # fmt: skip
        self.assertLessEqual(expected.items(), environment.items())
        systemds = {"INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID"}
        others = {name for name in environment if not name.startswith("USHER_")}
        self.assertLessEqual(others - expected.keys(), systemds | {"PATH", "_", "SHLVL", "OLDPWD"})

    def test_runs_at_a_logoff(self):
        alice = self.logon_at_console("alice")
        self.events.wait_for("session.logon", alice.id)
        alice.logoff()
        logoff = self.events.wait_for("session.logoff", alice.id)
        uid, _, environment, _ = self.output(logoff, "session_user")
        self.assertEqual((uid, environment["XDG_SESSION_ID"]), ("2001", alice.id))

    def test_gets_no_value_pasted_into_its_text_or_its_arguments(self):
        name = 'x"; echo hacked; echo "$(echo hacked)'
        bob = self.logon("bob", f"--rhost={name}", "--type=tty")
        self.events.wait_for("session.logon", bob.id)
        self.box.run("loginctl", "unlock-session", bob.id)
        asked = self.events.wait_for("session.unlock_requested", bob.id)
        details = self.ended(asked)
        expected = f"{name}|2002|sh|${{USHER_USER_ID}}|$USHER_USER_ID|%n|"
        self.assertEqual(details["output"], expected)

    def test_is_not_for_other_users(self):
        bob = self.logon_at_console("bob")
        logon = self.events.wait_for("session.logon", bob.id)
        self.output(logon, "root")
        bob.logoff()
        self.events.wait_for("session.destroyed", bob.id)
        runs = [e["details"] for e in self.events.all() if e["type"] == "run.started"]
        self.assertNotIn(("session_user", bob.id), [(r["run_as"], r.get("session")) for r in runs])

    def test_is_ended_with_its_children_at_its_limit(self):
        alice = self.logon_at_console("alice")
        self.events.wait_for("session.logon", alice.id)
        alice.set_locked_hint(True)
        locked = self.events.wait_for("session.locked", alice.id)
        details = self.ended(locked)
        self.assertEqual(details["result"], "timed_out")
        self.assertEqual(self.box.run("pgrep", "-f", "sleep 4711", check=False), "")
        units = self.box.run("systemctl", "list-units", "--all", "--no-legend", "usher-run-*")
        self.assertEqual(units, "")

    def test_that_cannot_be_started_says_why(self):
        alice = self.logon_at_console("alice")
        self.events.wait_for("session.logon", alice.id)
        alice.set_locked_hint(True)
        self.events.wait_for("session.locked", alice.id)
        alice.set_locked_hint(False)
        unlocked = self.events.wait_for("session.unlocked", alice.id)

        def failures():
            failed = [e for e in self.events.all() if e["type"] == "run.failed"]
            mine = [e["details"] for e in failed if e["cause"] == unlocked["seq"]]
            return {each["program"]: each for each in mine} if len(mine) == 3 else None

        failed = eventually(failures, lambda: f"three failures\n{self.broker.says()}")
        self.assertEqual(failed["/etc/usher/nowhere"]["stage"], "policy")
        self.assertIn("no such file", failed["/etc/usher/nowhere"]["error"])
        self.assertEqual(failed["/etc/usher/no-interpreter"]["stage"], "start")
        self.assertEqual(failed["/etc/usher/no-interpreter"]["call"], "execve")
        self.assertIn("is not trusted", failed["/etc/usher/others-write"]["error"])

    def test_is_run_again_where_the_broker_crashed_meanwhile(self):
        alice = self.logon_at_console("alice")
        self.events.wait_for("session.logon", alice.id)
        self.box.run("loginctl", "lock-session", alice.id)
        asked = self.events.wait_for("session.lock_requested", alice.id)
        self.ended(asked, kind="run.started")
        cursors = ("ls", "/var/lib/usher/cursors")  # Without one it would be new again.
        eventually(lambda: "hooks" in self.box.run(*cursors, check=False), "a first cursor")
        before = self.broker.restarts()
        self.broker.systemctl("kill", "--signal=KILL", "usherd")
        self.broker.wait_until_restarted(before)
        details = self.ended(asked)
        self.assertEqual((details["result"], details["output"]), ("exited", "again: 1\n"))
        self.wait_until_gone("sleep 600")

    def test_ends_with_the_broker(self):
        alice = self.logon_at_console("alice")
        self.events.wait_for("session.logon", alice.id)
        self.box.run("loginctl", "lock-session", alice.id)
        asked = self.events.wait_for("session.lock_requested", alice.id)
        self.ended(asked, kind="run.started")
        mark = self.events.mark()
        self.broker.systemctl("stop", "usherd")
        self.wait_until_gone("sleep 600")  # Else the next broker would see to it.
        self.broker.systemctl("start", "usherd")
        ended = self.events.wait_for("run.ended", after=mark)
        self.assertEqual((ended["cause"], ended["details"]["result"]), (asked["seq"], "cancelled"))

    def test_is_done_before_the_machine_goes_down(self):
        self.box.run(
            "sh", "-c", "printf '[Unit]\\n' >/run/systemd/system/poweroff.target; "
            "systemctl daemon-reload",
        )  # fmt: skip
        mark = self.events.mark()
        self.box.run(
            "busctl", "--quiet", "call", "org.freedesktop.login1", "/org/freedesktop/login1",
            "org.freedesktop.login1.Manager", "PowerOff", "b", "false",
        )  # fmt: skip
        told = self.events.wait_for("system.shutting_down", after=mark)
        resumed = self.events.wait_for("system.resumed", after=mark)
        self.assertEqual(self.ended(told)["output"], "done\n")
        ended = self.events.wait_for("run.ended", after=mark)
        self.assertLess(ended["mono"], resumed["mono"])
        self.assertGreater(resumed["mono"] - told["mono"], 1_000_000, "it waited for the hook")


if __name__ == "__main__":
    unittest.main()
