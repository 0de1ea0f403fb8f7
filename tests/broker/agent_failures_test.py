"""Every row of the table of failures, from the launcher through the plugin to the log."""

import collections
import json
import subprocess
import unittest

from broker import PATIENCE, USHERCTL, Broker, eventually, scenario

# Stands for any code where a row does not say one.
SOME_CODE = 4242

# What happens to an agent whose first launch goes wrong; those that ran for a moment started, too.
FATES = {
    "retry": ["agent.exited", "agent.backing_off", "agent.launching", "agent.started", "agent.stopped"],
    "defer": ["agent.exited", "agent.launching", "agent.started", "agent.stopped"],
    "fix": ["agent.exited", "agent.gave_up", "agent.launching", "agent.started", "agent.stopped"],
    "drop": ["agent.exited"],
}


def table_of_failures():
    """Each row as a dictionary, with what its agent is called."""
    done = subprocess.run([USHERCTL, "explain", "--json"], capture_output=True, timeout=PATIENCE, check=True)
    rows = json.loads(done.stdout)
    for row in rows:
        row["agent"] = f"{row['system']}-{row['id']}"
    return rows


def twist(row):
    """The step that has the row's agent fail at its next launch."""
    step = {"after": "10 min", "agent": row["agent"]}
    code = SOME_CODE if row["code"] is None else row["code"] & 0xFFFFFFFF
    if row["system"] == "windows":
        step["system"] = "windows"
    if row["session"] == "gone":
        return {**step, "do": "agent_starts_late", "by": "1 h"}
    if row["stage"] == "early exit":
        end = "signal" if row["call"] == "signal" else "code"
        return {**step, "do": "agent_runs", "for": "1 s", end: code}
    stage = row["stage"] or "token"
    return {**step, "do": "agent_fails", "stage": stage, "call": row["call"], "code": code}


def day(row):
    """Its session's: on a seat of its own, with whatever it takes to bring the agent up after all."""
    name, seat = row["agent"], f"seat-{row['agent']}"
    logon = {"after": "1 s", "do": "logon", "user": name, "seat": seat}
    there = [{"after": "1 s", "do": "switch_to", "session": name}]
    away = [{"after": "1 h", "do": "switch_away", "seat": seat}]
    logoff = [{"after": "1 h", "do": "logoff", "session": name}]
    if row["until"] == "session.logon":
        screen = {"after": "1 s", "do": "logon_screen", "session": name, "seat": seat}
        return [screen, {"after": "1 h", "do": "logon_there", "session": name, "user": name}, *logoff]
    if row["until"] == "console.switched":
        return [logon, *away, *there, *logoff]
    if row["session"] == "away":
        return [{**logon, "background": True}, {**there[0], "after": "1 h"}, *logoff]
    if row["remedy"] == "fix":
        return [logon, *logoff, logon, *logoff]
    if row["session"] == "gone":
        return [logon, {**logoff[0], "after": "1 min"}]
    return [logon, *logoff]


def agent(row):
    start = '["logon_screen", "logon"]' if row["until"] == "session.logon" else '["logon"]'
    return f"""
[[plugins.agents.config.agent]]
name = "{row['agent']}"
program = "/bin/true"
sessions.seat = ["seat-{row['agent']}"]
start_on = {start}
give_up.probe = "24 h"
"""


class EveryRowOfTheTableOfFailures(unittest.TestCase):
    def play(self, rows):
        """What became of each agent: its events, and all events by their numbers."""
        steps = [step for row in rows for step in [twist(row), *day(row)]]
        end = [{"after": "1 h", "do": "logon", "user": "the-last-one"}]
        config = '[plugins.agents]\nlibrary = "agents"\ngrant = ["usher.launch/1"]\n'
        config += '[plugins.agents.launch]\nprograms = ["/bin/"]\n'
        last = {"agent": "the-end", "until": None}
        config += "".join(agent(row) for row in rows) + agent(last).replace("seat-the-end", "seat0")
        with Broker(scenario(*steps, *end), config) as broker:
            broker.start()
            eventually(lambda: broker.ctl("tail", "-n", "1", "--type", "agent.started", "--json").stdout
                       .find("the-end") > 0, "the plugin to be through")
            events = broker.events()
            self.assertEqual(broker.stop(), 0)
        own = collections.defaultdict(list)
        for event in events:
            if event["type"].startswith("agent."):
                own[event["details"]["agent"]].append(event)
        return own, {event["seq"]: event for event in events}

    def test_is_told_and_has_its_remedy(self):
        rows = table_of_failures()
        self.assertGreater(len(rows), 100)
        own, by_seq = self.play(rows)
        for row in rows:
            with self.subTest(row["agent"]):
                self.check_fate(row, own[row["agent"]], by_seq)
                self.check_story(row, next(e["details"] for e in own[row["agent"]] if e["type"] == "agent.exited"))

    def check_fate(self, row, events, by_seq):
        begun = ["agent.launching"] + (["agent.started"] if row["stage"] == "early exit" else [])
        self.assertEqual([event["type"] for event in events], begun + FATES[row["remedy"]])
        if row["remedy"] == "defer":
            again = [event for event in events if event["type"] == "agent.launching"][1]
            self.assertEqual(by_seq[again["cause"]]["type"], row["until"])

    def check_story(self, row, told):
        early = row["stage"] == "early exit"
        signaled = row["call"] == "signal"
        self.assertEqual(told["result"], ("signaled" if signaled else "exited") if early else "failed")
        self.assertEqual(told["error"], row["meaning"])
        self.assertEqual(told["advice"], row["advice"])
        self.assertEqual(told["remedy"], row["remedy"])
        self.assertEqual(told.get("until", ""), row["until"])
        if row["stage"]:
            self.assertEqual(told["stage"], row["stage"])
        if row["call"]:
            self.assertEqual(told["call"], row["call"])
        if row["code"]:
            self.assertEqual(int(told["code"]), row["code"])


if __name__ == "__main__":
    unittest.main()
