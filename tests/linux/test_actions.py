"""What a plugin has done to sessions by the real logind, out of the hardened service."""

from box import eventually
from installed import InstalledTest

LOCK, LOG_OFF, DISCONNECT, SWITCH_TO = range(4)


def instance(name, user, action, other=""):
    return f"""
[plugins.{name}]
library = "acts"
grant = ["usher.session/1"]
[plugins.{name}.config]
user = "{user}"
other = "{other}"
action = {action}
"""


class ActedUpon(InstalledTest):
    PLUGINS = "".join(
        (
            instance("locks", "alice", LOCK),
            instance("disconnects", "alice", DISCONNECT),
            instance("logs-off", "bob", LOG_OFF),
            instance("switches", "greeter", SWITCH_TO, other="alice"),
        )
    )

    @classmethod
    def prepare(cls, broker):
        broker.add_plugin("acts")

    def outcome(self, kind, session, instance):
        """What came of what the instance wanted done to the session."""

        def fits(event):
            details = event["details"] if event["type"] == kind else {}
            return (details.get("instance"), details.get("session")) == (instance, session.id)

        found = eventually(
            lambda: next(filter(fits, self.events.all()), None),
            lambda: f"{kind} of {instance} for {session.id}\n{self.broker.says()}",
        )
        return found["details"]

    def test_a_session_is_asked_to_lock_and_cannot_be_disconnected(self):
        mark = self.events.mark()
        alice = self.logon_at_console("alice")
        done = self.outcome("action.done", alice, "locks")
        self.assertEqual(done["action"], "lock")
        self.events.wait_for("session.lock_requested", alice.id, after=mark)
        failed = self.outcome("action.failed", alice, "disconnects")
        self.assertEqual(failed["error"], "logind cannot disconnect a session")
        alice.logoff()

    def test_a_session_is_logged_off(self):
        mark = self.events.mark()
        bob = self.logon_at_console("bob")
        self.assertEqual(self.outcome("action.done", bob, "logs-off")["action"], "log off")
        self.events.wait_for("session.logoff", bob.id, after=mark)
        self.events.wait_for("session.destroyed", bob.id, after=mark)

    def test_the_console_is_switched(self):
        alice = self.logon_at_console("alice")
        self.outcome("action.done", alice, "locks")
        mark = self.events.mark()
        greeter = self.logon_at_console("greeter")
        self.assertEqual(self.outcome("action.done", alice, "switches")["action"], "switch to")
        switched = self.events.wait_for("console.switched", alice.id, after=mark)
        self.assertEqual(switched["details"], {"seat": "seat0", "from": greeter.id, "to": alice.id})
