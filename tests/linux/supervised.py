"""What the tests of agents share: the installed service with the plugin that keeps them running."""

import json
import os
import re
import signal

from box import eventually
from installed import InstalledTest

# Source: systemd.journal-fields(7); `journalctl --catalog` has the messages by their ids.
UNIT_STARTED = "39f53479d3a045ac8e11786248231fbf"
UNIT_STOPPED = "9d1aaa27d60140bd96365438aad20286"

DEAF = """["-c", "trap '' TERM; while :; do sleep 1; done"]"""


def may_launch(*programs, classes=("user",)):
    """The instance, and what it may launch."""
    return f"""
[plugins.agents]
library = "agents"
grant = ["usher.launch/1"]
[plugins.agents.launch]
programs = {json.dumps(programs)}
classes = {json.dumps(classes)}
"""


def agent(name, program, settings):
    return f"""
[[plugins.agents.config.agent]]
name = "{name}"
program = "{program}"
{settings}
"""


class SupervisedTest(InstalledTest):
    """An InstalledTest whose PLUGINS are the plugin agents."""

    def rows(self, **wanted):
        """What `usherctl agents` shows of those with these values."""
        rows = json.loads(self.broker.ctl("agents", "--json"))["agents"]
        return [row for row in rows if wanted.items() <= row.items()]

    def wait_for_row(self, **wanted):
        found = eventually(
            lambda: self.rows(**wanted),
            lambda: f"{wanted} in {self.rows()}\n{self.broker.says()}",
        )
        self.assertEqual(len(found), 1)
        return found[0]

    def wait_until_it_runs(self, name, session, **wanted):
        """The process of this agent in this session."""
        row = self.wait_for_row(agent=name, session=session.id, state="running", **wanted)
        return row["pid"]

    def lives(self, pid):
        return os.path.exists(self.in_proc(pid))

    def wait_until_gone(self, pid):
        eventually(lambda: not self.lives(pid), f"the end of {pid}")

    def read(self, pid, name):
        with open(self.in_proc(pid, name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def in_proc(self, *path):
        return os.path.join(f"/proc/{self.box.init}/root/proc", *map(str, path))

    def ignores_term(self, pid):
        ignored = re.search(r"SigIgn:\t([0-9a-f]+)", self.read(pid, "status"))[1]
        return int(ignored, 16) & (1 << (signal.SIGTERM - 1))

    def unit_of(self, pid):
        return self.read(pid, "cgroup").strip().rsplit("/", 1)[1]

    def told(self, name, session, after=0):
        """The events of this agent in this session."""

        def fits(event):
            details = event.get("details", {})
            return event["type"].startswith("agent.") and (
                details.get("agent"), details.get("session")) == (name, session.id)  # fmt: skip

        return [event for event in self.events.all()[after:] if fits(event)]

    def wait_until_told(self, event_type, name, session, after=0, **details):
        """The first such event of this agent in this session."""

        def found():
            for event in self.told(name, session, after):
                if event["type"] == event_type and details.items() <= event["details"].items():
                    return event
            return None

        return eventually(
            found,
            lambda: f"{event_type} {details} in {self.told(name, session)}\n{self.broker.says()}",
        )

    def says_systemd(self, *units):
        """When which of these units was started and stopped: (seconds, MESSAGE_ID, unit)."""
        names = [f"UNIT={unit}" for unit in units]
        lines = self.box.run("journalctl", "--sync", check=False) + self.box.run(
            "journalctl", "--no-pager", "-o", "json", "_PID=1", *names
        )
        entries = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
        kept = [e for e in entries if e.get("MESSAGE_ID") in (UNIT_STARTED, UNIT_STOPPED)]
        return [
            (int(e["_SOURCE_REALTIME_TIMESTAMP"]) / 1e6, e["MESSAGE_ID"], e["UNIT"]) for e in kept
        ]

    def time_of(self, what, unit):
        """When the unit was started or stopped last."""

        def times():
            return [at for at, said, _ in self.says_systemd(unit) if said == what]

        return eventually(times, lambda: f"{what} of {unit}")[-1]


def seconds_between(one, other):
    """From one event to the other."""
    return (other["mono"] - one["mono"]) / 1e6
