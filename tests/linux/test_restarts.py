"""The broker lives on when logind, the bus, or the broker itself does not."""

import unittest

from boxed import BoxedBroker, BoxTest, BrokerTest, EventStream
from box import eventually


class LogindRestarts(BrokerTest):
    def test_a_session_that_died_meanwhile_is_reconciled(self):
        alice = self.logon_at_console("alice")
        bob = self.logon("bob", "--rhost=10.1.2.3", "--type=tty")
        self.events.wait_for("session.logon", alice.id)
        self.events.wait_for("session.logon", bob.id)
        known = self.events.types_of(alice.id)
        mark = self.events.mark()
        self.stop_logind()
        self.events.wait_for("source.lost", after=mark)
        self.box.kill(bob.leader)
        bob.holder.wait()
        self.box.run("systemctl", "start", "systemd-logind")
        self.events.wait_for("source.resynced", after=mark)
        for event_type in ("session.logoff", "session.destroyed"):
            event = self.events.wait_for(event_type, bob.id, after=mark)
            self.assertEqual(event["origin"], "reconciled")
            self.assertEqual(event["reason"], "logind restarted")
        self.assertRegex(self.broker.says(), r"(?s)warning logind: logind left the bus.*logind: logind is back")
        self.assertIn(alice.id, self.broker.sessions())
        # Whoever stayed is not told of again, though logind announces every session anew.
        self.witness()
        self.assertEqual(self.events.types_of(alice.id), known)

    def test_a_lock_that_logind_forgot_is_in_doubt_but_not_undone(self):
        alice = self.logon_at_console("alice")
        self.events.wait_for("session.logon", alice.id)
        alice.set_locked_hint(True)
        self.events.wait_for("session.locked", alice.id)
        mark = self.events.mark()
        self.box.run("systemctl", "restart", "systemd-logind")
        self.events.wait_for("source.resynced", after=mark)
        self.broker.wait_until_shown(
            lambda shown: shown[alice.id]["locked"] == "unknown", "the lock in doubt"
        )
        self.witness()
        self.assertNotIn("session.unlocked", self.events.types_of(alice.id))

    def stop_logind(self):
        # The bus would start it again for whoever asks it something: nobody does before the end.
        self.box.run("systemctl", "stop", "systemd-logind")

    def witness(self):
        """A logon after everything else: what it was behind has been told by then."""
        session = self.logon("greeter", "--rhost=10.1.2.4", "--type=tty")
        self.events.wait_for("session.logon", session.id)
        session.logoff()
        self.events.wait_for("session.destroyed", session.id)


class BusKilled(BrokerTest):
    def test_the_broker_lives_on_and_sees_later_logons(self):
        alice = self.logon_at_console("alice")
        self.events.wait_for("session.logon", alice.id)
        known = self.events.types_of(alice.id)
        broker = self.broker.main_pid()
        mark = self.events.mark()
        self.box.run("systemctl", "kill", "--signal=KILL", "--kill-who=main", "dbus.service")
        self.events.wait_for("source.lost", after=mark)
        self.events.wait_for("source.resynced", after=mark)
        bob = self.logon("bob", "--rhost=10.1.2.3", "--type=tty")
        self.events.wait_for("session.logon", bob.id, after=mark)
        self.assertEqual(self.broker.main_pid(), broker)
        self.assertEqual(self.events.types_of(alice.id), known)


class StartedBeforeTheBus(BoxTest):
    def test_the_broker_waits_for_logind_and_then_tells_who_is_there(self):
        alice = self.logon_at_console("alice")
        self.box.run("systemctl", "stop", "dbus.socket", "dbus.service", "systemd-logind.service")
        broker = BoxedBroker(self.box)
        broker.start()
        eventually(lambda: "trying again" in broker.says(), "usherd to miss the bus")
        self.box.run("systemctl", "start", "dbus.socket", "systemd-logind.service")
        events = EventStream(broker)
        self.addCleanup(events.close)
        events.wait_for("source.lost")
        events.wait_for("source.resynced")
        events.wait_for("session.logon", alice.id)
        self.assertEqual(broker.says().count("trying again"), 1, broker.says())


class BrokerKilled(BrokerTest):
    def test_the_differences_are_told_by_the_next_one(self):
        alice = self.logon_at_console("alice")
        bob = self.logon("bob", "--rhost=10.1.2.3", "--type=tty")
        self.events.wait_for("session.logon", alice.id)
        self.events.wait_for("session.logon", bob.id)
        known = self.events.types_of(alice.id)
        mark = self.events.mark()
        self.broker.kill()
        bob.logoff()
        greeter = self.logon("greeter", "--rhost=10.1.2.4", "--type=tty")
        passing = self.logon("bob", "--rhost=10.1.2.5", "--type=tty")
        passing.logoff()
        eventually(lambda: passing.id not in self.box.run("loginctl").split(), "logind to forget")
        self.broker.start()

        started = self.events.wait_for("broker.started", after=mark)
        self.assertEqual(started["details"]["clean"], "no")
        for event_type, session in (
            ("session.logoff", bob),
            ("session.destroyed", bob),
            ("session.created", greeter),
            ("session.logon", greeter),
        ):
            event = self.events.wait_for(event_type, session.id, after=mark)
            self.assertEqual(event["origin"], "reconciled", event)
        self.assertEqual(self.events.types_of(alice.id), known)
        # Nobody watched while it came and went.
        self.assertEqual(self.events.types_of(passing.id), [])
        self.check_log()

    def check_log(self):
        self.broker.ctl("verify")
        seqs = [event["seq"] for event in self.events.all()]
        self.assertEqual(seqs, sorted(set(seqs)))


if __name__ == "__main__":
    unittest.main()
