"""A day of random sessions on a real logind: whatever happens, what is told makes sense."""

import collections
import json
import os
import random
import time
import unittest

from box import eventually
from boxed import BrokerTest

SECONDS = float(os.environ.get("USHER_DAY_SECONDS", "45"))
SEED = int(os.environ.get("USHER_DAY_SEED", time.time_ns() % 1_000_000))
MOST_SESSIONS = 12

WAYS = (
    ("--seat=seat0", "--type=wayland"),
    ("--seat=seat0", "--type=x11", "--display=:1"),
    ("--rhost=10.1.2.3", "--type=tty"),
    ("--class=background",),
    ("--seat=seat0", "--type=wayland", "--class=greeter"),
    ("--rhost=10.1.2.4", "--type=tty", "--child"),
)

# What an event says of the session before and after it. A lock may be in doubt in between, after
# logind or the broker was restarted.
EDGES = {
    "session.locked": ("locked", ("no", "unknown"), "yes"),
    "session.unlocked": ("locked", ("yes", "unknown"), "no"),
}


class Day(BrokerTest):
    """The seed is printed with every failure; USHER_DAY_SEED repeats the same steps."""

    def setUp(self):
        self.random = random.Random(SEED)
        self.open = []
        self.steps = []

    def test_of_random_sessions_is_told_as_it_was(self):
        deadline = time.monotonic() + SECONDS
        try:
            while time.monotonic() < deadline:
                self.step()
                time.sleep(self.random.uniform(0, 0.2))
            self.check_shown()
            for session in list(self.open):
                self.log_off(session)
            self.check_shown()
            self.check_told()
            self.broker.ctl("verify")
        except Exception as error:
            steps = "\n".join(self.steps[-40:])
            told = f"{error}\nUSHER_DAY_SEED={SEED}; the last steps:\n{steps}"
            raise AssertionError(told) from error

    def step(self):
        does = self.random.choices(
            (self.log_on, self.log_off, self.lock, self.ask_to_lock, self.switch, self.terminate,
             self.restart_logind, self.kill_broker),
            (30, 25, 20, 5, 15, 5, 1, 1),
        )[0]  # fmt: skip
        if does == self.log_on:
            return does() if len(self.open) < MOST_SESSIONS else None
        if does in (self.restart_logind, self.kill_broker):
            return does()
        if self.open:
            does(self.random.choice(self.open))
        return None

    def note(self, what, session=None):
        self.steps.append(f"{what} {session.id if session else ''}")

    def log_on(self):
        user = self.random.choice(("alice", "bob"))
        way = self.random.choice(WAYS)
        user = "greeter" if "--class=greeter" in way else user
        session = self.logon(user, *way)
        self.note(f"log on {user} {' '.join(way)}", session)
        self.open.append(session)

    def log_off(self, session):
        self.note("log off", session)
        self.open.remove(session)
        session.logoff()
        if session.child:
            self.box.run("kill", "-KILL", str(session.child), check=False)

    def lock(self, session):
        locked = self.random.random() < 0.5
        self.note(f"locked {locked}", session)
        self.loginctl_call(session, "SetLockedHint", "b", str(locked).lower())

    def ask_to_lock(self, session):
        self.note("ask to lock", session)
        self.box.run("loginctl", "lock-session", session.id, check=False)

    def switch(self, session):
        self.note("activate", session)
        self.box.run("loginctl", "activate", session.id, check=False)

    def terminate(self, session):
        self.note("terminate", session)
        self.box.run("loginctl", "terminate-session", session.id, check=False)

    def restart_logind(self):
        self.note("restart logind")
        self.box.run("systemctl", "restart", "systemd-logind")

    def kill_broker(self):
        self.note("kill the broker")
        self.broker.kill()
        self.broker.start()

    def loginctl_call(self, session, *call):
        path = "/org/freedesktop/login1/session/" + escaped(session.id)
        self.box.run(
            "busctl", "--quiet", "call", "org.freedesktop.login1", path,
            "org.freedesktop.login1.Session", *call, check=False,
        )  # fmt: skip

    def check_shown(self):
        """The broker's sessions are logind's."""
        last = {}

        def same():
            last["logind"], last["broker"] = self.of_logind(), self.of_broker()
            return last["logind"] == last["broker"]

        eventually(same, lambda: f"the same sessions in {last}")

    def of_logind(self):
        listed = json.loads(self.box.run("loginctl", "list-sessions", "--output=json"))
        shown = {}
        for row in listed:
            lines = self.box.run(
                "loginctl", "show-session", row["session"], "-PName", "-PActive", "-PState",
                check=False,
            ).splitlines()  # fmt: skip
            if len(lines) == 3:
                shown[row["session"]] = (lines[0], lines[1] == "yes", lines[2] == "closing")
        return shown

    def of_broker(self):
        return {
            id: (session["user"], session["active"], session["state"] == "closing")
            for id, session in self.broker.sessions().items()
        }

    def check_told(self):
        told = collections.defaultdict(list)
        for event in self.events.all():
            about = event.get("session") or event.get("before")
            if event["type"] in EDGES:
                member, before, after = EDGES[event["type"]]
                self.assertIn(event["before"][member], before, event)
                self.assertEqual(event["session"][member], after, event)
            if about and event["type"].startswith("session."):
                told[about["key"]].append(event["type"].removeprefix("session."))
        for key, types in told.items():
            self.assertEqual((types[0], types[-1]), ("created", "destroyed"), (key, types))
            for once in ("created", "destroyed", "logon", "logoff"):
                self.assertLessEqual(types.count(once), 1, (key, types))
            self.assertEqual(types.count("logon"), types.count("logoff"), (key, types))
            edges = [each for each in types if each in ("connected", "disconnected")]
            self.assertNotIn(True, map(str.__eq__, edges, edges[1:]), (key, types))


def escaped(session_id):
    """As the last element of logind's object paths: sd_bus_path_encode(3)."""
    first = session_id[0]
    return f"_{ord(first):02x}{session_id[1:]}" if first.isdigit() else session_id


if __name__ == "__main__":
    unittest.main()
