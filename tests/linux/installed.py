"""A container in which usherd is installed and enabled as an administrator would do it."""

import json
import os
import shutil
import subprocess

from box import PATIENCE, eventually
from boxed import BoxTest, EventStream

CONFIGURATION = "/etc/usher/usher.toml"
DROP_IN = "/etc/systemd/system/usherd.service.d/test.conf"

PRESENCE = """
[plugins.presence]
library = "presence"
[plugins.presence.config]
file = "/run/usher/presence.json"
"""


class InstalledTest(BoxTest):
    """A BoxTest with `broker`, the installed service with `PLUGINS` and the drop-in `CHANGES`, and
    `events`, the stream of its events."""

    PLUGINS = PRESENCE
    CHANGES = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broker = InstalledBroker(cls.box)
        cls.prepare(cls.broker)
        cls.broker.write(CONFIGURATION, cls.box.run("cat", CONFIGURATION) + cls.PLUGINS)
        cls.broker.write(DROP_IN, cls.CHANGES)
        cls.broker.systemctl("daemon-reload")
        cls.broker.systemctl("enable", "--now", "usherd")
        cls.events = EventStream(cls.broker)
        cls.addClassCleanup(cls.events.close)

    def setUp(self):
        """The stream has all that was logged: what comes behind a mark is new."""
        last = json.loads(self.broker.ctl("status", "--json", check=False))["log"]["last_seq"]
        eventually(lambda: self.events.all()[-1:] and self.events.all()[-1]["seq"] >= last, "events")

    @classmethod
    def prepare(cls, broker):
        """What else the class needs before the first start."""


# The watchdog as tests have the patience for, on a disk that hangs on command.
WATCHED = """\
[Service]
ExecStartPre=/usr/bin/rm -f /usher/work/hang/write /usher/work/hang/sync
ExecStart=
ExecStart=/usher/build/tests/usherd_hangs /etc/usher/usher.toml /usher/work/hang
ReadWritePaths=-/usher/work/hang
WatchdogSec=2s
"""
SEVERAL_PERIODS_US = 5_000_000


class WatchedTest(InstalledTest):
    CHANGES = WATCHED

    def setUp(self):
        super().setUp()
        self.hang = self.box.work / "hang"
        self.hang.mkdir(exist_ok=True)
        self.before = self.broker.restarts()

    def wait_while_it_is_fed(self):
        """Waits until the watchdog was fed for longer than it waits; the broker is the same then."""
        began = int(self.broker.show("WatchdogTimestampMonotonic"))
        eventually(
            lambda: int(self.broker.show("WatchdogTimestampMonotonic")) > began + SEVERAL_PERIODS_US,
            lambda: f"the watchdog to be fed\n{self.broker.says()}",
        )
        self.assertEqual(self.broker.restarts(), self.before, self.broker.says())

    def check_restart(self, mark):
        started = self.events.wait_for("broker.started", after=mark)
        self.assertEqual(started["details"]["clean"], "no")
        self.broker.wait_until_restarted(self.before)
        self.assertIn("Watchdog timeout", self.broker.says())
        self.broker.ctl("verify")
        # Nobody but systemd ended it.
        self.assertNotIn("plugin.failed", {event["type"] for event in self.events.all()[mark:]})


class InstalledBroker:
    """usherd below /usr/local, under the unit that was installed with it."""

    usherctl = ("/usr/local/bin/usherctl",)

    def __init__(self, box):
        self.box = box
        self.install()
        box.run("systemd-sysusers", "/usr/local/lib/sysusers.d/usher.conf")
        box.run("systemd-tmpfiles", "--create", "/usr/local/lib/tmpfiles.d/usher.conf")

    def install(self):
        subprocess.run(
            ["cmake", "--install", self.box.build, "--strip"],
            env=dict(os.environ, DESTDIR=str(self.box.work / "installed")),
            umask=0o022, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        # The container has the host's /usr, read-only.
        self.box.run("mount", "--bind", "/usher/work/installed/usr/local", "/usr/local")
        self.box.run("cp", "-r", "/usher/work/installed/etc/usher", "/etc/")

    def add_plugin(self, name):
        """Puts one of the build's test plugins where the configuration finds it by its name."""
        plugins = next((self.box.work / "installed/usr/local").glob("lib/**/usher/plugins"))
        shutil.copy(f"{self.box.build}/tests/plugins/{name}.so", plugins)

    def systemctl(self, *arguments, check=True):
        return self.box.run("systemctl", *arguments, check=check)

    def write(self, file, text):
        """Writes a file in the container."""
        staged = self.box.work / "staged"
        staged.write_text(text)
        self.box.run("install", "-D", "-m", "644", "/usher/work/staged", file)

    def show(self, name):
        """A property of the unit."""
        return self.systemctl("show", f"--property={name}", "--value", "usherd").strip()

    def main_pid(self):
        return int(self.show("MainPID"))

    def restarts(self):
        return int(self.show("NRestarts"))

    def wait_until_restarted(self, before):
        """Waits until systemd has started it again, where it had done so `before` times."""
        eventually(
            lambda: self.restarts() > before and self.show("ActiveState") == "active",
            lambda: f"a restart\n{self.says()}",
        )

    def ctl(self, *arguments, check=True):
        return self.box.run(*self.usherctl, *arguments, check=check)

    def exit_code_as(self, groups, *command):
        """How a command ends for bob, a member of the group of his own and of these."""
        process = self.box.popen(
            "setpriv", "--reuid=bob", "--regid=bob", f"--groups={groups or 'bob'}", *command,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        said, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, said

    def says(self):
        """What usherd and systemd wrote about it into the container's journal."""
        return self.box.run("journalctl", "--no-pager", "-u", "usherd", check=False)
