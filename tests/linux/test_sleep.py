"""The machine sleeps and goes down once the plugins are done with it; on a real logind."""

import unittest

from box import eventually
from boxed import CONFIGURATION, BoxedBroker, BoxTest, EventStream

# What is written to it is all that happens of a sleep.
POWER = {"state": "freeze mem disk", "mem_sleep": "s2idle [deep]", "disk": "[platform] shutdown"}

PLUGINS = """
[plugins.gated]
library = "/usher/build/tests/plugins/gated.so"
event_timeout = "60 s"
[plugins.gated.config]
gate = "/usher/work/gate"
[plugins.null]
library = "null.so"
"""


class TheMachine(BoxTest):
    """In a container that can be put to sleep, with a plugin that is done when a test says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_power()
        cls.gate = cls.box.work / "gate"
        cls.gate.mkdir()
        cls.broker = BoxedBroker(cls.box)
        (cls.box.work / "usher.toml").write_text(CONFIGURATION + PLUGINS)
        cls.broker.start()
        cls.events = EventStream(cls.broker)
        cls.addClassCleanup(cls.events.close)

    @classmethod
    def make_power(cls):
        cls.box.run("mount", "-o", "remount,rw", "/sys")
        cls.box.run("mkdir", "/sys/power")
        # A file system of its own, so that logind, which sees /sys read-only, gets it, too.
        cls.box.run("mount", "-t", "tmpfs", "tmpfs", "/sys/power")

    def setUp(self):
        for name, text in POWER.items():
            self.box.run("sh", "-c", f"echo '{text}' >/sys/power/{name}")

    def sleeps(self):
        return self.box.run("cat", "/sys/power/state").strip() == "mem"

    def ask(self, method):
        """Asks logind for a sleep, a shutdown; answers a mark in the events before it."""
        mark = self.events.mark()
        self.box.run(
            "busctl", "--quiet", "call", "org.freedesktop.login1", "/org/freedesktop/login1",
            "org.freedesktop.login1.Manager", method, "b", "false",
        )  # fmt: skip
        return mark

    def wait_until_told(self, seq):
        notes = self.gate / "notes"
        eventually(
            lambda: notes.exists() and str(seq) in notes.read_text().split(), "the plugin's note"
        )

    def finish(self, seq):
        (self.gate / str(seq)).touch()

    def inhibitors(self):
        lines = self.box.run("systemd-inhibit", "--list", "--no-legend").splitlines()
        return sum(line.startswith("usherd ") for line in lines)

    def test_sleeps_once_the_plugin_is_done_and_is_held_back_again_afterwards(self):
        for _ in range(2):
            self.setUp()
            mark = self.ask("Suspend")
            told = self.events.wait_for("system.suspending", after=mark)
            self.assertEqual(told["details"]["delay_us"], "5000000")
            self.wait_until_told(told["seq"])
            self.assertFalse(self.sleeps(), "it waits")
            self.assertEqual(self.inhibitors(), 1)
            self.finish(told["seq"])
            resumed = self.events.wait_for("system.resumed", after=mark)
            self.assertTrue(self.sleeps())
            spent = resumed["mono"] - told["mono"]
            self.assertLess(spent, 4_000_000, "it did not wait for the inhibitor's end")
            eventually(lambda: self.inhibitors() == 1, "the next inhibitor")

    def test_does_not_wait_for_ever_and_names_who_is_late(self):
        mark = self.ask("Suspend")
        told = self.events.wait_for("system.suspending", after=mark)
        late = self.events.wait_for("plugin.overdue", after=mark)
        self.assertEqual(late["details"]["instance"], "gated")
        self.assertEqual(late["details"]["id"], "org.example.gated")
        self.assertEqual(late["cause"], told["seq"])
        self.assertEqual(late["reason"], "system.suspending")
        resumed = self.events.wait_for("system.resumed", after=mark)
        self.assertLess(late["seq"], resumed["seq"])
        self.assertTrue(self.sleeps())
        self.finish(told["seq"])

    def test_goes_down_once_the_plugin_is_done(self):
        # A shutdown that brings nothing down.
        self.box.run(
            "sh", "-c", "printf '[Unit]\\n' >/run/systemd/system/poweroff.target; "
            "systemctl daemon-reload",
        )  # fmt: skip
        mark = self.ask("PowerOff")
        told = self.events.wait_for("system.shutting_down", after=mark)
        self.wait_until_told(told["seq"])
        self.assertEqual(self.inhibitors(), 1)
        self.finish(told["seq"])
        back = self.events.wait_for("system.resumed", after=mark)
        self.assertEqual(back["reason"], "shutdown called off")
        spent = back["mono"] - told["mono"]
        self.assertLess(spent, 4_000_000, "it did not wait for the inhibitor's end")
        eventually(lambda: self.inhibitors() == 1, "the next inhibitor")


if __name__ == "__main__":
    unittest.main()
