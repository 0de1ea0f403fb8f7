"""Hundreds of logons at once, on a real logind."""

import collections
import json
import subprocess
import unittest

from box import PATIENCE
from boxed import BrokerTest

# More than the 256 connections that a dbus-daemon takes of one user, unless it is told otherwise:
# PAM comes as root, and so does the broker.
COUNT = 300

LIMITS = """\
<busconfig>
  <limit name="max_connections_per_user">2048</limit>
  <limit name="max_match_rules_per_connection">4096</limit>
  <limit name="max_completed_connections">4096</limit>
</busconfig>
"""


class Storming:
    """Tells of each session once what happened to it, and of no other."""

    def storm(self, parallel):
        """Opens sessions, so many at a time; answers the ids of those that PAM could open."""
        storm = self.box.service(
            "/usr/bin/python3", "/usher/tests/pam_storm.py", str(COUNT), str(parallel),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            properties=["TasksMax=infinity"],
        )  # fmt: skip
        opened = json.loads(storm.stdout.readline())
        for session in opened:
            self.events.wait_for("session.logon", session)
        storm.stdin.close()
        storm.stdout.close()
        storm.wait(timeout=PATIENCE)
        for session in opened:
            self.events.wait_for("session.destroyed", session)
        return opened

    def check(self, opened):
        told = collections.defaultdict(list)
        for event in self.events.all():
            about = event.get("session") or event.get("before")
            if about:
                told[about["id"]].append(event["type"].removeprefix("session."))
        for session in opened:
            # Logind may drop a session before it was ever seen closing.
            self.assertEqual(
                [each for each in told.pop(session) if each not in ("connected", "disconnected")],
                ["created", "logon", "logoff", "destroyed"],
            )
        # A logon that PAM was refused may have come as far as to a session.
        for session, types in told.items():
            self.assertEqual((types[0], types[-1]), ("created", "destroyed"), session)
        self.assertEqual(self.broker.sessions(), {})
        # On a machine that is busy enough logind itself may not answer in time, which costs nobody.
        losses = [event["reason"] for event in self.events.all() if event["type"] == "source.lost"]
        self.assertEqual([reason for reason in losses if "logind did not answer" not in reason], [])
        self.broker.ctl("verify")


class AStormThroughARaisedLimit(Storming, BrokerTest):
    def test_loses_nobody(self):
        write = f"mkdir -p /etc/dbus-1; printf '%s' '{LIMITS}' >/etc/dbus-1/system-local.conf"
        self.box.run("sh", "-c", write)
        self.box.run(
            "busctl", "--quiet", "call", "org.freedesktop.DBus", "/org/freedesktop/DBus",
            "org.freedesktop.DBus", "ReloadConfig",
        )  # fmt: skip
        opened = self.storm(COUNT)
        self.assertEqual(len(opened), COUNT)
        self.check(opened)


class AStormThroughTheDefaultLimit(Storming, BrokerTest):
    def test_loses_nobody_who_could_log_on(self):
        opened = self.storm(COUNT)
        self.assertGreater(len(opened), 0)
        self.check(opened)


if __name__ == "__main__":
    unittest.main()
