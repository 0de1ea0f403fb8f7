"""What people do at a machine with a real logind, as the broker's events tell it."""

import json
import unittest

from boxed import BrokerTest, id_of


class Logon(BrokerTest):
    def life_of(self, session, after=0):
        types = self.events.types_of(session.id, after)
        return [t for t in types if t.startswith("session.")]

    def test_a_logon_at_the_console_is_told_step_by_step(self):
        alice = self.logon_at_console("alice")
        logon = self.events.wait_for("session.logon", alice.id)
        self.assertEqual(
            self.life_of(alice), ["session.created", "session.connected", "session.logon"]
        )
        self.assertEqual((logon["origin"], logon["source"]), ("os", "logind"))
        session = logon["session"]
        expected = {
            "user": "alice",
            "user_id": "2001",
            "class": "user",
            "type": "wayland",
            "seat": "seat0",
            "state": "active",
            "active": True,
            "locked": "no",
        }
        self.assertEqual({key: session[key] for key in expected}, expected)
        self.assertFalse(session.get("remote"))

    def test_the_console_is_said_to_show_the_session(self):
        alice = self.logon_at_console("alice")
        connected = self.events.wait_for("session.connected", alice.id)
        self.assertEqual(connected["details"]["via"], "console")
        switched = self.events.wait_for("console.switched", alice.id)
        self.assertEqual(switched["details"]["seat"], "seat0")
        self.assertEqual(switched["details"]["to"], alice.id)

    def test_a_logoff_is_told_step_by_step(self):
        alice = self.logon_at_console("alice")
        self.events.wait_for("session.logon", alice.id)
        mark = self.events.mark()
        alice.logoff()
        self.events.wait_for("session.destroyed", alice.id)
        self.assertEqual(
            self.life_of(alice, mark),
            ["session.logoff", "session.disconnected", "session.destroyed"],
        )
        self.broker.wait_until_shown(lambda shown: alice.id not in shown, "no such session")

    def test_the_broker_shows_who_is_there(self):
        alice = self.logon_at_console("alice")
        self.events.wait_for("session.logon", alice.id)
        self.broker.wait_until_shown(
            lambda shown: shown.get(alice.id, {}).get("user") == "alice", "the session of alice"
        )


class OtherClasses(BrokerTest):
    def end_of(self, session):
        session.logoff()
        self.events.wait_for("session.destroyed", session.id)
        return self.events.types_of(session.id)

    def test_a_greeter_never_logs_on(self):
        greeter = self.logon_at_console("greeter", "--class=greeter")
        created = self.events.wait_for("session.created", greeter.id)
        self.assertEqual(created["session"]["class"], "greeter")
        types = self.end_of(greeter)
        self.assertNotIn("session.logon", types)
        self.assertNotIn("session.logoff", types)

    def test_a_job_in_the_background_never_logs_on(self):
        job = self.logon("bob", "--class=background")
        self.events.wait_for("session.created", job.id)
        types = self.end_of(job)
        self.assertNotIn("session.logon", types)
        self.assertNotIn("session.connected", types)


class Lock(BrokerTest):
    def test_the_hint_locks_and_unlocks(self):
        alice = self.logon_at_console("alice")
        self.events.wait_for("session.logon", alice.id)
        alice.set_locked_hint(True)
        locked = self.events.wait_for("session.locked", alice.id)
        self.assertEqual(locked["before"]["locked"], "no")
        self.assertEqual(locked["session"]["locked"], "yes")
        alice.set_locked_hint(False)
        unlocked = self.events.wait_for("session.unlocked", alice.id)
        self.assertEqual(unlocked["session"]["locked"], "no")

    def test_a_request_to_lock_locks_nothing(self):
        bob = self.logon_at_console("bob")
        self.events.wait_for("session.logon", bob.id)
        self.box.run("loginctl", "lock-session", bob.id)
        asked = self.events.wait_for("session.lock_requested", bob.id)
        self.assertEqual(asked["session"]["locked"], "no")
        self.assertNotIn("session.locked", self.events.types_of(bob.id))


class ConsoleSwitch(BrokerTest):
    def test_a_switch_takes_the_console_from_one_and_gives_it_to_the_other(self):
        alice = self.logon_at_console("alice")
        self.events.wait_for("session.logon", alice.id)
        bob = self.logon_at_console("bob")
        self.events.wait_for("session.logon", bob.id)
        self.events.wait_for("console.switched", bob.id)
        mark = self.events.mark()
        self.box.run("loginctl", "activate", alice.id)
        switched = self.events.wait_for("console.switched", alice.id, after=mark)
        self.assertEqual(switched["details"], {"seat": "seat0", "from": bob.id, "to": alice.id})
        told = [(e["type"], id_of(e), e["details"].get("via")) for e in self.events.all()[mark:]]
        self.assertEqual(
            told,
            [
                ("session.disconnected", bob.id, "console"),
                ("session.connected", alice.id, "console"),
                ("console.switched", alice.id, None),
            ],
        )


class Impostor(BrokerTest):
    def test_a_signal_that_is_not_from_logind_is_not_believed(self):
        alice = self.logon_at_console("alice")
        self.events.wait_for("session.logon", alice.id)
        mark = self.events.mark()
        self.pretend(alice.path(), "org.freedesktop.login1.Session", "Lock")
        self.pretend(
            "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "SessionRemoved",
            "so", alice.id, alice.path(),
        )  # fmt: skip
        self.box.run("loginctl", "unlock-session", alice.id)
        self.events.wait_for("session.unlock_requested", alice.id, after=mark)
        self.assertEqual(self.events.types_of(alice.id, mark), ["session.unlock_requested"])

    def pretend(self, path, interface, member, *arguments):
        """bob sends a signal straight to the broker, as the bus lets everybody do."""
        self.box.run(
            "setpriv", "--reuid=bob", "--regid=bob", "--clear-groups",
            "busctl", "emit", f"--destination={self.bus_name()}", path, interface, member,
            *arguments,
        )  # fmt: skip

    def bus_name(self):
        """The name of the broker's connection to the bus, of which it has one."""
        clients = json.loads(self.box.run("busctl", "list", "--unique", "--json=short"))
        pid = self.broker.main_pid()
        [name] = [client["name"] for client in clients if client["pid"] == pid]
        return name


class LeftBehind(BrokerTest):
    def test_a_session_whose_leader_dies_is_logged_off_long_before_it_is_gone(self):
        alice = self.logon_at_console("alice", "--child")
        self.events.wait_for("session.logon", alice.id)
        self.box.kill(alice.leader)
        logoff = self.events.wait_for("session.logoff", alice.id)
        self.assertEqual(logoff["session"]["state"], "closing")
        self.assertNotIn("session.destroyed", self.events.types_of(alice.id))
        self.broker.wait_until_shown(
            lambda shown: shown[alice.id]["state"] == "closing", "the session, closing"
        )
        self.box.kill(alice.child)
        self.events.wait_for("session.destroyed", alice.id)
        self.assertEqual(self.events.types_of(alice.id).count("session.logoff"), 1)
        self.broker.wait_until_shown(lambda shown: alice.id not in shown, "no such session")


if __name__ == "__main__":
    unittest.main()
