"""What the tests of this folder share: a container per test class, sessions in it, a broker in it."""

import json
import pathlib
import subprocess
import threading
import time
import unittest

from box import PATIENCE, Box, eventually

CONFIGURATION = """\
state_directory = "/var/lib/usher"
runtime_directory = "/run/usher"
plugin_directory = "/usher/build/lib/usher/plugins"
[source]
type = "logind"
[log]
directory = "/usher/work/log"
[control]
socket = "/run/usher/control.sock"
"""
CONFIGURATION_FILE = "/usher/work/usher.toml"


class BoxTest(unittest.TestCase):
    """A test with `box`, a container that all tests of the class share."""

    @classmethod
    def setUpClass(cls):
        cls.box = Box().boot()
        cls.addClassCleanup(cls.box.remove)

    def logon(self, user, *options):
        """Opens a session that the end of the test closes; options as of pam_session.py."""
        session = Session(self.box, user, *options)
        self.addCleanup(session.logoff)
        return session

    def logon_at_console(self, user, *options):
        return self.logon(user, "--seat=seat0", "--type=wayland", *options)


class BrokerTest(BoxTest):
    """A BoxTest with `broker`, a usherd in the container, and `events`, the stream of its events."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broker = BoxedBroker(cls.box)
        cls.broker.start()
        cls.events = EventStream(cls.broker)
        cls.addClassCleanup(cls.events.close)


class Session:
    """A real PAM session, held by a process of its own until logoff()."""

    def __init__(self, box, user, *options):
        self.box = box
        self.holder = box.service(
            "/usr/bin/python3", "/usher/tests/pam_session.py", user, *options,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        line = self.holder.stdout.readline()
        if not line:
            self.logoff()
            raise AssertionError(f"no session was opened for {user}")
        answer = json.loads(line)
        self.id, self.leader, self.child = answer["id"], answer["leader"], answer["child"]

    def logoff(self):
        if not self.holder.stdin.closed:
            self.holder.stdin.close()
        self.holder.wait(timeout=PATIENCE)
        self.holder.stdout.close()

    def set_locked_hint(self, locked):
        self.box.run(
            "busctl", "--quiet", "call", "org.freedesktop.login1", self.path(),
            "org.freedesktop.login1.Session", "SetLockedHint", "b", str(locked).lower(),
        )  # fmt: skip

    def path(self):
        answer = self.box.run(
            "busctl", "--json=short", "call", "org.freedesktop.login1", "/org/freedesktop/login1",
            "org.freedesktop.login1.Manager", "GetSession", "s", self.id,
        )  # fmt: skip
        return json.loads(answer)["data"][0]


class BoxedBroker:
    """usherd as a service of the container."""

    usherctl = ("/usher/build/bin/usherctl", "--config", CONFIGURATION_FILE)

    def __init__(self, box):
        self.box = box
        self.diagnostics = box.work / "usherd.log"
        (box.work / "usher.toml").write_text(CONFIGURATION)

    def start(self):
        """Starts usherd and waits until it says that it is ready."""
        self.box.run(
            "systemd-run", "--quiet", "--collect", "--unit=usherd", "--service-type=notify",
            "--property=StandardError=append:/usher/work/usherd.log",
            "/usher/build/bin/usherd", "--config", CONFIGURATION_FILE,
        )  # fmt: skip

    def kill(self):
        """Ends usherd as a crash would."""
        self.box.run("systemctl", "kill", "--signal=KILL", "usherd")
        eventually(lambda: not self.runs(), "usherd to be dead")

    def runs(self):
        return self.box.run("systemctl", "show", "-PLoadState", "usherd").strip() == "loaded"

    def main_pid(self):
        return int(self.box.run("systemctl", "show", "-PMainPID", "usherd"))

    def ctl(self, *arguments, check=True):
        return self.box.run(*self.usherctl, *arguments, check=check)

    def sessions(self):
        """The sessions as the broker shows them, by id."""
        sessions = json.loads(self.ctl("sessions", "--json"))["sessions"]
        return {session["id"]: session for session in sessions}

    def wait_until_shown(self, condition, what):
        """Waits until the sessions, by id, satisfy the condition: the log is a little ahead of them."""
        eventually(lambda: condition(self.sessions()), lambda: f"{what} in {self.sessions()}")

    def says(self):
        """What usherd wrote to standard error so far."""
        return self.diagnostics.read_text(errors="replace") if self.diagnostics.exists() else ""


class EventStream:
    """The broker's events as `usherctl tail -f` shows them, from the log's beginning on."""

    def __init__(self, broker):
        self.broker = broker
        self.changed = threading.Condition()
        self.seen = []
        self.tail = broker.box.service(
            *broker.usherctl, "tail", "--json", "-f", "-n", "all",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.reader = threading.Thread(target=self.follow, daemon=True)
        self.reader.start()

    def follow(self):
        for line in self.tail.stdout:
            with self.changed:
                self.seen.append(json.loads(line))
                self.changed.notify_all()

    def close(self):
        self.broker.box.stop(self.tail)
        self.reader.join(PATIENCE)
        self.tail.stdout.close()

    def all(self):
        with self.changed:
            return list(self.seen)

    def mark(self):
        """A position: what comes from now on is behind it."""
        with self.changed:
            return len(self.seen)

    def types_of(self, session_id, after=0):
        """The types of the session's events, in their order."""
        return [e["type"] for e in self.all()[after:] if id_of(e) == session_id]

    def wait_for(self, event_type, session_id=None, after=0, **members):
        """Waits for an event of this type, of this session, with these members, behind a mark."""

        def matches(event):
            return (
                event["type"] == event_type
                and (session_id is None or id_of(event) == session_id)
                and all(event.get(key) == value for key, value in members.items())
            )

        deadline = time.monotonic() + PATIENCE
        with self.changed:
            while True:
                found = [event for event in self.seen[after:] if matches(event)]
                if found:
                    return found[0]
                if not self.changed.wait(deadline - time.monotonic()):
                    break
        raise AssertionError(
            f"waited in vain for {event_type} of session {session_id} {members or ''}; came:\n"
            + "\n".join(brief(event) for event in self.all()[after:])
            + f"\nusherd says:\n{self.broker.says()}"
        )


def id_of(event):
    return (event.get("session") or event.get("before") or {}).get("id")


def brief(event):
    session = event.get("session") or {}
    facts = {key: session.get(key) for key in ("id", "user", "state", "active", "locked")}
    return f"{event['seq']} {event['type']} {event['origin']} {facts} {event.get('details')}"
