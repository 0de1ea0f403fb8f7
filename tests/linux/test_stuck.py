"""Sessions that logind does not drop though nothing runs in them."""

import os
import signal
import unittest

from box import eventually
from boxed import CONFIGURATION_FILE, BrokerTest


class Stuck(BrokerTest):
    def test_an_empty_session_is_ended_one_in_which_something_runs_is_not(self):
        alice = self.logon("alice", "--rhost=10.1.2.4", "--type=tty", "--child")
        bob = self.logon("bob", "--rhost=10.1.2.3", "--type=tty", "--child")
        for session in (alice, bob):
            self.events.wait_for("session.logon", session.id)
            session.logoff()
            self.events.wait_for("session.logoff", session.id)
        usherd = self.broker.main_pid()
        # Logind waits for systemd to say that the scope has ended; which says nothing for now.
        self.stop_systemd()
        self.box.kill(bob.child)
        gone = self.events.wait_for("session.destroyed", bob.id)
        self.assertEqual(gone["origin"], "reconciled")
        self.assertEqual(gone["reason"], "stuck in closing")
        self.assertEqual(self.state_of(bob), "closing")
        self.assertEqual(self.state_of(alice), "closing")
        self.broker.wait_until_shown(
            lambda shown: bob.id not in shown and alice.id in shown, "alice alone"
        )
        mark = self.events.mark()
        self.replace_broker(usherd)
        self.broker.wait_until_shown(lambda shown: alice.id in shown, "alice")
        self.assertEqual(self.state_of(bob), "closing")
        self.go_on()
        eventually(lambda: self.state_of(bob) == "", "the end of bob's session")
        self.box.kill(alice.child)
        self.events.wait_for("session.destroyed", alice.id, origin="os", after=mark)
        self.assertEqual(self.events.types_of(bob.id, after=mark), [])

    def stop_systemd(self):
        os.kill(self.box.init, signal.SIGSTOP)
        self.addCleanup(self.go_on)

    def go_on(self):
        os.kill(self.box.init, signal.SIGCONT)

    def replace_broker(self, pid):
        """Has the next one begin, as systemd would."""
        self.box.kill(pid)
        state = ("ps", "-ostat=", f"-p{pid}")
        eventually(lambda: self.box.run(*state).startswith("Z"), "usherd to be dead")
        usherd = self.box.popen("/usher/build/bin/usherd", "--config", CONFIGURATION_FILE)
        self.addCleanup(usherd.wait)
        self.addCleanup(usherd.terminate)
        eventually(lambda: self.broker.ctl("status", check=False), "the next broker to answer")

    def state_of(self, session):
        return self.box.run("loginctl", "show-session", "-PState", session.id, check=False).strip()


if __name__ == "__main__":
    unittest.main()
