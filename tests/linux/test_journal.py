"""The journald plugin and the container's own journal."""

import unittest

from box import eventually
from boxed_journal import JournalTest, message_id, text_of

JOURNALD = (
    "systemd-journald.service",
    "systemd-journald.socket",
    "systemd-journald-dev-log.socket",
    "systemd-journald-audit.socket",
)


class AnEvent(JournalTest):
    def test_is_found_by_its_id_with_a_field_for_each_fact(self):
        alice = self.logon_at_console("alice")
        logon = self.events.wait_for("session.logon", alice.id)
        record = self.wait_for_record(
            f"MESSAGE_ID={message_id('A user has logged on')}", f"USHER_SEQ={logon['seq']}"
        )
        expected = {
            "USHER_TYPE": "session.logon",
            "USHER_USER": "alice",
            "USHER_UID": "2001",
            "USHER_SESSION": alice.id,
            "USHER_SESSION_KEY": logon["session"]["key"],
            "USHER_SEAT": "seat0",
            "USHER_TIME": logon["time"],
            "USHER_ORIGIN": "os",
            "PRIORITY": "5",
            "SYSLOG_IDENTIFIER": "usher",
            "SYSLOG_FACILITY": "10",
            "_SYSTEMD_UNIT": "usherd.service",
            "_UID": "0",
        }
        self.assertEqual({key: record.get(key) for key in expected}, expected)
        self.assertRegex(record["MESSAGE"], f"^alice logged on at seat0.*, session {alice.id}$")

    def test_is_explained(self):
        alice = self.logon_at_console("alice")
        record = self.record_of(self.events.wait_for("session.logon", alice.id))
        said = self.box.run("journalctl", "-x", "-o", "short", f"USHER_SEQ={record['USHER_SEQ']}")
        self.assertIn("Subject: A user has logged on", said)
        self.assertIn("Defined-By: Usher", said)
        self.assertIn(f"Session {alice.id} of the user with the id 2001 is ready to be used", said)
        self.assertIn(f"journalctl USHER_SESSION_KEY={record['USHER_SESSION_KEY']}", said)
        self.assertNotRegex(said, "@[A-Z_]+@")

    def test_stands_beside_what_logind_says_of_the_session(self):
        alice = self.logon_at_console("alice")
        self.record_of(self.events.wait_for("session.logon", alice.id))
        said = {record["SYSLOG_IDENTIFIER"] for record in self.journal(f"SESSION_ID={alice.id}")}
        self.assertLessEqual({"usher", "systemd-logind"}, said)

    def test_of_a_host_with_a_hostile_name_is_readable_and_keeps_the_name(self):
        name = "a\x1b[2J b\nMESSAGE=root logged on"
        bob = self.logon("bob", f"--rhost={name}", "--type=tty")
        logon = self.events.wait_for("session.logon", bob.id)
        record = self.record_of(logon)
        self.assertEqual(text_of(record["USHER_REMOTE_HOST"]), logon["session"]["remote_host"])
        shown = self.box.run("journalctl", "-x", "-o", "short", f"USHER_SEQ={logon['seq']}")
        self.assertIn(r'bob logged on from "a\x1b[2J b\x0aMESSAGE=root logged on"', shown)
        self.assertNotIn("\x1b", shown)


class TheJournalStops(JournalTest):
    def test_and_gets_all_in_order_when_it_is_back(self):
        alice = self.logon_at_console("alice")
        self.record_of(self.events.wait_for("session.logon", alice.id))
        self.box.run("systemctl", "stop", *JOURNALD)
        self.lock_and_unlock(alice, times=20)
        eventually(lambda: "takes no events" in self.broker.says(), "a word about it")
        self.box.run("systemctl", "start", *reversed(JOURNALD))
        self.check_that_all_is_told()

    def test_does_not_answer_for_a_while(self):
        alice = self.logon_at_console("alice")
        self.record_of(self.events.wait_for("session.logon", alice.id))
        self.box.run("systemctl", "kill", "--signal=STOP", "systemd-journald")
        self.lock_and_unlock(alice, times=20)
        self.box.run("systemctl", "kill", "--signal=CONT", "systemd-journald")
        self.check_that_all_is_told()

    def test_is_restarted_in_the_middle_of_it(self):
        alice = self.logon_at_console("alice")
        for _ in range(3):
            self.lock_and_unlock(alice, times=3)
            self.box.run("systemctl", "reset-failed", "systemd-journald")
            self.box.run("systemctl", "restart", "systemd-journald")
        self.check_that_all_is_told()

    def lock_and_unlock(self, session, times):
        for _ in range(times):
            for locked in (True, False):
                mark = self.events.mark()
                session.set_locked_hint(locked)
                wanted = "session.locked" if locked else "session.unlocked"
                self.events.wait_for(wanted, session.id, after=mark)

    def check_that_all_is_told(self):
        """From the plugin's first event on, in the log's order; nothing twice, as nothing crashed."""
        bob = self.logon("bob", "--rhost=10.1.2.3", "--type=tty")
        last = self.events.wait_for("session.logon", bob.id)
        self.record_of(last)
        told = [int(record["USHER_SEQ"]) for record in self.journal("-t", "usher")]
        logged = [event["seq"] for event in self.events.all()]
        self.assertEqual([seq for seq in told if seq <= last["seq"]],
                         [seq for seq in logged if told[0] <= seq <= last["seq"]])
        self.assertEqual(self.events.types_of(None).count("plugin.failed"), 0)


if __name__ == "__main__":
    unittest.main()
