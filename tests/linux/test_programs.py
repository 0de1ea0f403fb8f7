"""Sessions that programs open: su, cron, and a display manager on a second seat."""

import os
import subprocess
import unittest

from box import BoxError, eventually
from boxed import BoxedBroker, BoxTest, BrokerTest, EventStream

CRON = "/usr/sbin/cron"


class Su(BrokerTest):
    def test_su_on_a_terminal_is_a_logon_one_without_is_not(self):
        terminal = self.run_su("script", "-qec", "su -l alice -c 'echo in; cat'", "/dev/null")
        logon = self.events.wait_for("session.logon")
        self.assertEqual(logon["session"]["user"], "alice")
        self.assertEqual(logon["session"]["type"], "tty")
        self.assertTrue(logon["session"]["tty"])
        self.end(terminal)
        self.events.wait_for("session.destroyed", logon["session"]["id"])

        mark = self.events.mark()
        job = self.run_su("su", "-l", "bob", "-c", "echo in; cat")
        created = self.events.wait_for("session.created", after=mark)
        self.assertEqual(created["session"]["class"], "background")
        self.end(job)
        gone = self.events.wait_for("session.destroyed", created["session"]["id"])
        types = [event["type"] for event in self.events.all()[mark:] if event["seq"] <= gone["seq"]]
        self.assertNotIn("session.logon", types)

    def run_su(self, *command):
        process = self.box.service(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.assertIn(b"in", process.stdout.readline())
        return process

    def end(self, process):
        process.stdin.close()
        self.box.stop(process)
        process.stdout.close()


class Cron(BrokerTest):
    @classmethod
    def setUpClass(cls):
        if not os.path.exists(CRON):
            raise BoxError("install cron: this test has a job run by a real one")
        super().setUpClass()

    def test_a_job_of_cron_never_logs_on(self):
        self.box.run(
            "sh", "-c", "mkdir -p /etc/cron.d /var/spool/cron/crontabs && "
            "echo '@reboot alice sleep 1' >/etc/cron.d/job && chmod 644 /etc/cron.d/job",
        )  # fmt: skip
        daemon = self.box.service(CRON, "-f", "-L", "0", stdin=subprocess.DEVNULL)
        self.addCleanup(self.box.stop, daemon)
        created = self.events.wait_for("session.created")
        self.assertEqual(created["session"]["user"], "alice")
        self.assertEqual(created["session"]["class"], "background")
        self.events.wait_for("session.destroyed", created["session"]["id"])
        self.assertNotIn("session.logon", [event["type"] for event in self.events.all()])


class SecondSeat(BoxTest):
    """A seat is there once udev says so of a device; which one does not matter."""

    DEVICE = "c1:3"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_seat()
        cls.broker = BoxedBroker(cls.box)
        cls.broker.start()
        cls.events = EventStream(cls.broker)
        cls.addClassCleanup(cls.events.close)

    @classmethod
    def add_seat(cls):
        tags = "".join(f"G:{tag}\nQ:{tag}\n" for tag in ("seat", "master-of-seat"))
        (cls.box.work / "udev").write_text(f"I:1\nE:ID_SEAT=seat-1\n{tags}V:1\n")
        cls.box.run(
            "sh", "-c", "mkdir -p /run/udev/data /run/udev/tags/seat /run/udev/tags/master-of-seat; "
            f"cp /usher/work/udev /run/udev/data/{cls.DEVICE}; "
            f"touch /run/udev/control /run/udev/tags/seat/{cls.DEVICE} "
            f"/run/udev/tags/master-of-seat/{cls.DEVICE}; systemctl restart systemd-logind",
        )  # fmt: skip
        eventually(
            lambda: "seat-1" in cls.box.run("loginctl", "list-seats", check=False), "the seat"
        )

    def test_each_seat_shows_a_session_of_its_own(self):
        alice = self.logon_at_console("alice")
        bob = self.logon("bob", "--seat=seat-1", "--type=wayland")
        for session, seat in ((alice, "seat0"), (bob, "seat-1")):
            logon = self.events.wait_for("session.logon", session.id)
            self.assertEqual(logon["session"]["seat"], seat)
            switched = self.events.wait_for(
                "console.switched", session.id, details={"seat": seat, "from": "", "to": session.id}
            )
            self.assertTrue(switched["session"]["active"])
        shown = self.broker.sessions()
        self.assertTrue(shown[alice.id]["active"] and shown[bob.id]["active"])
        mark = self.events.mark()
        bob.logoff()
        self.events.wait_for("session.destroyed", bob.id)
        self.assertEqual(self.events.types_of(alice.id, after=mark), [])


if __name__ == "__main__":
    unittest.main()
