"""What logind does now and then, and what the broker makes of it."""

import unittest

from box import eventually
from boxed import BrokerTest, id_of


class Situation(BrokerTest):
    def test_a_user_who_lingers_is_no_session(self):
        mark = self.events.mark()
        self.box.run("loginctl", "enable-linger", "bob")
        self.addCleanup(self.box.run, "loginctl", "disable-linger", "bob")
        state = ("loginctl", "show-user", "-PState", "bob")
        eventually(lambda: self.box.run(*state, check=False).strip() == "lingering", "bob to linger")
        alice = self.logon_at_console("alice")
        self.events.wait_for("session.logon", alice.id)
        told = self.events.all()[mark:]
        self.assertEqual({id_of(e) for e in told if e["type"] == "session.created"}, {alice.id})
        self.assertNotIn("source.lost", [e["type"] for e in told])
        self.assertNotIn("bob", [each["user"] for each in self.broker.sessions().values()])

    def test_a_session_from_localhost_is_a_local_one(self):
        alice = self.logon("alice", "--rhost=localhost", "--type=tty")
        session = self.events.wait_for("session.logon", alice.id)["session"]
        self.assertFalse(session.get("remote"))
        self.assertEqual(session["remote_host"], "localhost")
        self.assertNotIn("session.connected", self.events.types_of(alice.id))

    def test_a_logon_screen_gives_the_console_to_the_user(self):
        greeter = self.logon_at_console("greeter", "--class=greeter")
        self.events.wait_for("console.switched", greeter.id)
        mark = self.events.mark()
        alice = self.logon_at_console("alice")
        switched = self.events.wait_for("console.switched", alice.id, after=mark)
        self.assertEqual(switched["details"], {"seat": "seat0", "from": greeter.id, "to": alice.id})
        greeter.logoff()
        self.events.wait_for("session.destroyed", greeter.id)
        self.events.wait_for("session.logon", alice.id)
        told = [(e["type"], id_of(e)) for e in self.events.all()[mark:]]
        self.assertLess(
            told.index(("session.disconnected", greeter.id)),
            told.index(("session.connected", alice.id)),
        )
        self.assertNotIn("session.logon", self.events.types_of(greeter.id))
        self.assertNotIn("session.disconnected", self.events.types_of(alice.id))

    def test_a_session_that_is_terminated_logs_off_long_before_its_last_process_ends(self):
        alice = self.logon("alice", "--rhost=10.1.2.3", "--type=tty", "--child", "--stubborn")
        self.events.wait_for("session.logon", alice.id)
        self.box.run("loginctl", "terminate-session", alice.id)
        logoff = self.events.wait_for("session.logoff", alice.id)
        self.assertEqual((logoff["origin"], logoff["session"]["state"]), ("os", "closing"))
        self.broker.wait_until_shown(
            lambda shown: shown[alice.id]["state"] == "closing", "the session, closing"
        )
        self.box.kill(alice.child)
        self.events.wait_for("session.destroyed", alice.id)
        self.assertEqual(self.events.types_of(alice.id).count("session.logoff"), 1)

    def test_many_switches_of_the_console_end_where_they_end(self):
        alice = self.logon_at_console("alice")
        self.events.wait_for("session.logon", alice.id)
        bob = self.logon_at_console("bob")
        self.events.wait_for("console.switched", bob.id)
        activate = f"loginctl activate {alice.id}; loginctl activate {bob.id}; "
        self.box.run("sh", "-c", activate * 20 + f"loginctl activate {alice.id}")
        self.broker.wait_until_shown(
            lambda shown: shown[alice.id]["active"] and not shown[bob.id]["active"], "alice in front"
        )
        switches = [e for e in self.events.all() if e["type"] == "console.switched"]
        self.assertEqual(switches[-1]["details"]["to"], alice.id)
        for before, after in zip(switches, switches[1:]):
            self.assertEqual(before["details"]["to"], after["details"]["from"])


if __name__ == "__main__":
    unittest.main()
