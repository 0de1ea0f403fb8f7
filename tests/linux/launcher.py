"""Drives the launcher of agents in a container: launcher_driver.cc says with which words."""

import json
import subprocess
import threading
import time

from box import PATIENCE, USERS
from boxed import BoxTest

DRIVER = "/usher/build/tests/launcher_driver"

SLEEP = ("/usr/bin/sleep", "infinity")
DEAF = ("/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done")


class Launcher:
    """A launcher in the container, in a service of its own."""

    def __init__(self, box):
        self.box = box
        self.changed = threading.Condition()
        self.seen = []
        self.launches = 0
        self.process = box.service(DRIVER, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.reader = threading.Thread(target=self.follow, daemon=True)
        self.reader.start()

    def follow(self):
        for line in self.process.stdout:
            with self.changed:
                self.seen.append(json.loads(line))
                self.changed.notify_all()

    def tell(self, **command):
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        self.process.stdin.flush()

    def start(self, agent, session, *program, **options):
        """Asks for an agent and answers its launch; ids are given one after the other."""
        order = {"instance": "test", **options}
        self.tell(do="start", agent=agent, session=session, program=program[0],
                  arguments=program[1:], **order)  # fmt: skip
        self.launches += 1
        return self.launches

    def wait_for(self, launch, *news, patience=PATIENCE):
        """The first of these news of a launch; of all launches, if that is None."""
        deadline = time.monotonic() + patience
        with self.changed:
            while True:
                for one in self.seen:
                    if one["news"] in news and launch in (None, one.get("launch")):
                        return one
                if not self.changed.wait(deadline - time.monotonic()):
                    raise AssertionError(f"no {news} of {launch}: {self.seen[-20:]}")

    def end_of(self, launch, **options):
        return self.wait_for(
            launch, "exited", "signaled", "stopped", "lost", "failed", **options
        )

    def wait_for_all(self, launches, *news, patience=PATIENCE):
        """What was told with one of these words of each of the launches, by launch."""
        deadline = time.monotonic() + patience
        with self.changed:
            while True:
                told = {o["launch"]: o for o in self.seen if o["news"] in news}
                if all(launch in told for launch in launches):
                    return {launch: told[launch] for launch in launches}
                if not self.changed.wait(deadline - time.monotonic()):
                    missing = [launch for launch in launches if launch not in told]
                    raise AssertionError(f"no {news} of {missing}: {self.seen[-20:]}")

    def news_of(self, launch):
        with self.changed:
            told = [one["news"] for one in self.seen if one.get("launch") == launch]
        return [news for news in told if news != "asked"]

    def last_of(self, launch):
        with self.changed:
            return [one for one in self.seen if one.get("launch") == launch][-1]

    def close(self):
        """Ends it as the end of the broker would."""
        if not self.process.stdin.closed:
            self.process.stdin.close()
        self.process.wait(timeout=PATIENCE)
        self.reader.join(PATIENCE)
        self.process.stdout.close()

    def kill(self):
        """Ends it as a crash would."""
        self.box.run("systemctl", "kill", "--signal=KILL", self.process.unit)
        self.close()


def facts_of(box, session, user, **others):
    """What the driver has to know of a session."""
    created = int(
        box.run("loginctl", "show-session", session.id, "--property=TimestampMonotonic", "--value")
    )
    return {
        "id": session.id, "user_id": str(USERS[user]), "created_us": created,
        "key": f"boot-{session.id}-{created}", "class": "user", "type": "wayland", **others,
    }  # fmt: skip


def agents_of(box, pattern="usher-agent-*"):
    """The names of the units of agents that run."""
    listing = box.run(
        "systemctl", "list-units", "--plain", "--no-legend", "--state=active,activating", pattern
    )
    return sorted(line.split()[0] for line in listing.splitlines())


class LauncherTest(BoxTest):
    """A BoxTest with `launcher`, ended with each test, and no agent left behind by one."""

    def setUp(self):
        self.launcher = self.new_launcher()
        self.addCleanup(self.end_agents)

    def end_agents(self):
        self.box.run("systemctl", "stop", "usher-agent-*")

    def new_launcher(self):
        launcher = Launcher(self.box)
        self.addCleanup(launcher.close)
        return launcher

    def logon_with_facts(self, user="alice", *options):
        session = self.logon(user, *options)
        return session, facts_of(self.box, session, user)

    def sessions(self):
        """The ids of those that logind knows."""
        listing = self.box.run("loginctl", "--no-legend", "list-sessions")
        return [line.split()[0] for line in listing.splitlines()]

    def start(self, session, *program, agent="tray", **options):
        """Starts an agent and waits until it runs."""
        launch = self.launcher.start(agent, session, *(program or SLEEP), **options)
        return launch, self.launcher.wait_for(launch, "started", "failed")

    def read(self, pid, name):
        return self.box.run("cat", f"/proc/{pid}/{name}")

    def environment_of(self, pid):
        text = self.read(pid, "environ")
        return dict(entry.split("=", 1) for entry in text.split("\0") if entry)
