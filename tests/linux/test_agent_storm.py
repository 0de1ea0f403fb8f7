"""Hundreds of people log on at once, and each is to have agents."""

import collections
import json
import os
import subprocess
import time
import unittest

from box import eventually
from launcher import agents_of
from supervised import SupervisedTest, agent, may_launch

SESSIONS = int(os.environ.get("USHER_STORM_SESSIONS", "200"))
AGENTS = ("one", "two", "three")
PATIENCE = 240.0


class AStormOfLogons(SupervisedTest):
    PLUGINS = may_launch("/usr/bin/sleep") + "".join(
        agent(name, "/usr/bin/sleep", 'args = ["1000000"]\nready_when = ["runtime_directory"]')
        for name in AGENTS
    )

    def storm(self):
        """Many sessions at once: their ids, and who holds them."""
        holder = self.box.service(
            "/usr/bin/python3", "/usher/tests/pam_storm.py", str(SESSIONS), str(SESSIONS),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            properties=["TasksMax=infinity"],
        )  # fmt: skip
        self.addCleanup(self.end, holder)
        return holder, json.loads(holder.stdout.readline())

    def end(self, holder):
        if not holder.stdin.closed:
            holder.stdin.close()
        holder.wait()
        holder.stdout.close()

    def running(self):
        """The processes of all that run, by agent and session."""
        return {(row["agent"], row["session"]): row["pid"] for row in self.rows(state="running")}

    def test_has_all_its_agents_running_and_none_doubled(self):
        began_at = time.monotonic()
        holder, opened = self.storm()
        opened_at = time.monotonic()
        self.assertGreater(len(opened), SESSIONS / 2)
        wanted = {(name, session) for session in opened for name in AGENTS}
        eventually(
            lambda: wanted <= set(self.running()),
            lambda: f"{wanted - set(self.running())}\n{self.broker.says()}",
            PATIENCE,
        )
        print(
            f"{len(opened)} sessions opened in {opened_at - began_at:.2f} s, "
            f"their {len(wanted)} agents ran {time.monotonic() - opened_at:.2f} s later"
        )
        pids = self.running()
        self.assertEqual(set(pids), wanted)
        self.assertEqual(len(agents_of(self.box)), len(wanted))
        processes = map(int, self.box.run("pgrep", "-x", "sleep").split())
        self.assertEqual(collections.Counter(processes), collections.Counter(pids.values()))
        self.end(holder)
        eventually(
            lambda: all(row["session"] == "" for row in self.rows()), "nobody to have any", PATIENCE
        )
        self.assertEqual(agents_of(self.box), [])
        self.assertNotIn("plugin.failed", {event["type"] for event in self.events.all()})


if __name__ == "__main__":
    unittest.main()
