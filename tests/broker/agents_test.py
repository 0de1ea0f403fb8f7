"""The agents plugin in a broker: its configuration, what its pages show, and who may move it."""

import json
import os
import re
import subprocess
import tempfile
import unittest

from broker import BUILD, PATIENCE, SOURCE, Broker, eventually, scenario

# A line of an agent's table, its key, and what is said of it.
MISTAKES = [
    ("program = 'bin/true'", "program", 'must be an absolute path; it is "bin/true"'),
    ("directory = 'srv'", "directory", 'must be an absolute path; it is "srv"'),
    ("args = ['${session.usr}']", "args", "there is no variable ${session.usr}; there are ${session.id}"),
    ("environment = ['A=${HOME}']", "environment", "there is no variable ${HOME}"),
    ("environment = ['=x']", "environment", 'must be texts as "NAME=value"; one is "=x"'),
    ("start_on = ['login']", "start_on", 'must be a list of "logon", "connected", "unlocked", "logon_screen"'),
    ("start_on = []", "start_on", "must not be empty: nothing would start the agent"),
    ("stop_on = ['logon']", "stop_on", '"logon" is in start_on, too: what it starts it would stop at once'),
    ("start_on = ['logoff']", "start_on", '"logoff" is in stop_on, too: what it starts it would stop at once'),
    ("sessions.class = ['greeter']", "start_on", '"logon_screen" is what it waits for'),
    ("sessions.user = 'anna'", "sessions.user", "must be a list of texts"),
    ("sessions.user = ['[ab]*']", "sessions.user", 'and no more; one is "[ab]*"'),
    ("sessions.via = 'ssh'", "sessions.via", 'must be one of "console", "remote"; it is "ssh"'),
    ("scope = 'seat'", "scope", 'must be one of "session", "user", "console"; it is "seat"'),
    ("token = 'root'", "token", 'must be one of "user", "elevated", "system"; it is "root"'),
    ("desktop = 'main'", "desktop", 'must be one of "default", "winlogon"; it is "main"'),
    ("restart = 'yes'", "restart", 'must be one of "always", "on-failure", "never"; it is "yes"'),
    ("no_restart_codes = ['three']", "no_restart_codes", 'one is "three"'),
    ("backoff.initial = '10'", "backoff.initial", "must be a time from 0 s to 1 h"),
    ("backoff.max = '-1 s'", "backoff.max", "must be a time from 1 ms to 24 h"),
    ("backoff.factor = 0.5", "backoff.factor", "must be from 1 to 100; it is 0.5"),
    ("give_up.limit = 0", "give_up.limit", "must be from 1 to 1000; it is 0"),
    ("stop = '-5 s'", "stop", "must be a time from 0 s to 10 min"),
    ("ready_when = ['network']", "ready_when", 'one is "network"'),
    ("ready_timeout = '-1 s'", "ready_timeout", "must be a time from 100 ms to 10 min"),
    ("on_broker_exit = 'kill'", "on_broker_exit", 'must be one of "keep", "stop"; it is "kill"'),
    ("disconnected = 'drop'", "disconnected", 'must be one of "keep", "stop"; it is "drop"'),
    ("unknown_lock = 'maybe'", "unknown_lock", 'must be one of "locked", "unlocked"; it is "maybe"'),
    ("limits.memory = 'much'", "limits.memory", 'must be a size, as "64 KiB"'),
    ("limits.memory = '512 KiB'", "limits.memory", 'must be at least "1 MiB", as nothing starts with less; it is "512 KiB"'),
    ("limits.open_files = 1", "limits.open_files", "must be from 5 to 4000000; it is 1"),
    ("directory = '/home/${session.user}'", "directory", 'must be without "${": variables are for args and environment'),
    ("environment = ['USHER_AGENT=x']", "environment", "may not set USHER_AGENT: choose another"),
    ("environment = ['A=1', 'A=2']", "environment", "sets A twice; remove one of the two"),
    ("limits.tasks = -1", "limits.tasks", "must be from 1 to 4000000; it is -1"),
    ("colour = 'red'", "colour", "the plugin knows no such key"),
]


def agents(*tables):
    text = '[plugins.agents]\nlibrary = "agents"\ngrant = ["usher.launch/1"]\n'
    text += '[plugins.agents.launch]\nprograms = ["/bin/"]\n'
    return text + "".join(f"[[plugins.agents.config.agent]]\n{table}\n" for table in tables)


class AnAgentsConfiguration(unittest.TestCase):
    def check(self, text):
        with Broker() as broker:
            broker.write_config(text)
            checked = broker.ctl("check-config", broker.config)
            lines = broker.config.read_text().splitlines()
            return checked.stderr.replace(f"{broker.config}:", ""), lines, checked.returncode

    def test_that_shows_every_key_is_taken(self):
        text = (SOURCE / "plugins/agents/agents.toml").read_text()
        self.assertEqual(self.check(text)[::2], ("", 0))

    def test_that_the_readme_shows_is_taken(self):
        page = (SOURCE / "plugins/agents/README.md").read_text()
        examples = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        self.assertEqual(len(examples), 3)
        for example in examples:
            self.assertEqual(self.check(example)[::2], ("", 0), example)

    def test_may_be_tried_as_the_readme_says(self):
        page = (SOURCE / "plugins/agents/README.md").read_text()
        script = re.search(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)[1]
        # What is installed finds its plugins; and a busy machine takes longer than a person waits.
        script = script.replace("state_directory", f'plugin_directory = "{BUILD}/lib/usher/plugins"\nstate_directory', 1)
        waits = "until usherctl --config try.toml agents 2>&1 | grep 'gave up'; do sleep 0.1; done"
        self.assertIn("sleep 9", script)
        with tempfile.TemporaryDirectory() as folder:
            tried = subprocess.run(
                ["bash", "-c", f"umask 022\n{script.replace('sleep 9', waits)}wait"],
                cwd=folder, env={**os.environ, "PATH": f"{BUILD}/bin:{os.environ['PATH']}"},
                capture_output=True, text=True, timeout=PATIENCE,
            )  # fmt: skip
        self.assertEqual(tried.returncode, 0, tried.stdout + tried.stderr)
        for said in ("there is no such program", "result=signaled  code=11", "agent.gave_up"):
            self.assertIn(said, tried.stdout)

    def test_is_told_each_mistake_with_its_place(self):
        tables = []
        for i, (line, key, _) in enumerate(MISTAKES):
            program = "" if key == "program" else "program = '/bin/true'\n"
            tables.append(f"name = 'agent-{i}'\n{program}{line}")
        errors, lines, code = self.check(agents(*tables))
        self.assertEqual(code, 3)
        told = errors.splitlines()
        for i, (line, key, said) in enumerate(MISTAKES):
            with self.subTest(line):
                error = next(e for e in told if f"plugins.agents.config.agent.{i}.{key}: " in e)
                self.assertIn(said, error)
                row, column = map(int, error.split(": ")[0].split(":")[:2])
                mistaken = line if line.startswith(key) else "[[plugins.agents.config.agent]]"
                self.assertEqual(lines[row - 1], mistaken)
                self.assertGreaterEqual(column, 1)


class Agents(unittest.TestCase):
    """How they are moved, and by whom not."""

    ALICE = [
        {"after": "1 s", "do": "logon", "user": "alice"},
        {"after": "1 h", "do": "lock", "session": "alice"},
    ]

    def running(self, *tables, allow_emit=False):
        broker = Broker(scenario(*self.ALICE), agents(*tables))
        if allow_emit:
            text = broker.config.read_text()
            broker.config.write_text(text.replace("[control]", "[control]\nallow_emit = true"))
        return broker.start()

    def caught_up(self, broker):
        """Waits until the plugin has had all events there are."""
        last = broker.events()[-1]["seq"]

        def through():
            rows = json.loads(broker.ctl("plugins", "--json").stdout)["plugins"]
            return rows[0]["acknowledged"] >= last or rows[0]["lag"] == 0

        eventually(through, "the plugin to catch up")

    def told(self, broker):
        return [
            (event["type"].partition(".")[2], event["details"]["agent"])
            for event in broker.events()
            if event["type"].startswith("agent.")
        ]

    def test_are_not_moved_by_events_that_were_emitted(self):
        tables = (
            "name = 'tray'\nprogram = '/bin/true'",
            "name = 'unlocked'\nprogram = '/bin/true'\nstart_on = ['unlocked']\nstop_on = ['locked']",
        )
        with self.running(*tables, allow_emit=True) as broker:
            broker.wait_for_event("agent.stopped")
            before = self.told(broker)
            for kind in ("session.unlocked", "session.logoff", "session.destroyed", "session.logon"):
                emitted = broker.ctl("emit", kind, "--session", "1")
                self.assertEqual(emitted.returncode, 0, emitted.stderr)
            self.caught_up(broker)
            self.assertEqual(self.told(broker), before)
            done = broker.ctl("agents", "restart", "tray")
            self.assertEqual(done.returncode, 0, done.stderr)
            broker.wait_for_event("agent.started", count=3)

    def test_are_steered_and_shown(self):
        with self.running("name = 'tray'\nprogram = '/bin/true'") as broker:
            broker.wait_for_event("session.locked")
            broker.wait_for_event("agent.started")
            for verb, state in (("stop", "stopped"), ("start", "running"), ("restart", "running")):
                done = broker.ctl("agents", verb, "tray", "--session", "1")
                self.assertEqual(done.returncode, 0, done.stderr)
                eventually(lambda: state in broker.ctl("agents").stdout, f"{state} after {verb}")
            broker.wait_for_event("agent.started", count=3)
            self.assertEqual(
                self.told(broker), [("launching", "tray"), ("started", "tray"), ("stopped", "tray")] * 2
                + [("launching", "tray"), ("started", "tray")],
            )

    def test_of_one_name_are_told_apart(self):
        tray = agents("name = 'tray'\nprogram = '/bin/true'")
        office = tray.replace("plugins.agents", "plugins.office")
        audit = f'[plugins.audit]\nlibrary = "{BUILD}/tests/plugins/good.so"\n'
        with Broker(scenario(*self.ALICE), tray + office + audit).start() as broker:

            def states():
                shown = json.loads(broker.ctl("agents", "--json").stdout)["agents"]
                return [(row["instance"], row["state"]) for row in shown]

            broker.wait_for_event("agent.started", count=2)
            done = broker.ctl("agents", "stop", "tray", "--instance", "office")
            self.assertEqual(done.returncode, 0, done.stderr)
            wanted = [("agents", "running"), ("office", "stopped")]
            eventually(lambda: states() == wanted, lambda: f"{wanted} instead of {states()}")
            self.assertIn("INSTANCE", broker.ctl("agents").stdout)
            done = broker.ctl("agents", "stop", "tray")
            self.assertIn("tray: asked to stop, by agents and office", done.stdout)
            wanted = [("agents", "stopped"), ("office", "stopped")]
            eventually(lambda: states() == wanted, lambda: f"{wanted} instead of {states()}")
            for options, said in (
                (("tray", "--session", "999"), "there is no agent 'tray' in a session '999'"),
                (("tray", "--instance", "audit"), "there is no agent 'tray' of a plugin 'audit'"),
                (("no-such", "--session", "1"), "there is no agent 'no-such'; usherctl agents shows"),
            ):
                refused = broker.ctl("agents", "stop", *options)
                self.assertEqual(refused.returncode, 1)
                self.assertIn(said, refused.stderr)
            broker.wait_for_event("control.request", count=5)
            asked = [event["seq"] for event in broker.events("--type", "control.request")]
            for seq in asked:
                eventually(lambda seq=seq: f"plugin audit: event {seq} " in broker.says(), "the audit")

    def test_can_be_stopped_before_somebody_comes(self):
        table = "name = 'kiosk'\nprogram = '/bin/true'\nsessions.user = ['nobody-yet']"
        with self.running(table) as broker:
            eventually(lambda: "no session is to have it" in broker.ctl("agents").stdout, "the agent")
            done = broker.ctl("agents", "stop", "kiosk")
            self.assertEqual(done.returncode, 0, done.stderr)
            eventually(lambda: "an administrator has" in broker.ctl("agents").stdout, "the stop")
            self.assertEqual(self.told(broker), [])

    def test_are_adopted_where_they_are_kept_when_the_plugin_is_reloaded(self):
        with self.running(
            "name = 'kept'\nprogram = '/bin/true'",
            "name = 'stopped'\nprogram = '/bin/true'\non_broker_exit = 'stop'",
        ) as broker:
            broker.wait_for_event("session.locked")
            broker.wait_for_event("agent.started", count=2)
            done = broker.ctl("plugins", "reload", "agents")
            self.assertEqual(done.returncode, 0, done.stderr)
            broker.wait_for_event("agent.started", count=4)
            later = broker.events("--type", "agent.started")[2:]
            adopted = {event["details"]["agent"]: event["details"].get("adopted", "no") for event in later}
            self.assertEqual(adopted, {"kept": "yes", "stopped": "no"})

    def test_are_stopped_and_told_of_where_a_reload_leaves_them_out(self):
        one, other = "name = 'one'\nprogram = '/bin/true'", "name = 'other'\nprogram = '/bin/true'"
        with self.running(one, other) as broker:
            broker.wait_for_event("session.locked")
            broker.wait_for_event("agent.started", count=2)
            text = broker.config.read_text()
            broker.config.write_text(text[: text.index("[plugins.agents]")] + agents(other))
            done = broker.ctl("reload")
            self.assertEqual(done.returncode, 0, done.stderr)
            broker.wait_for_event("agent.stopped")
            broker.wait_for_event("agent.started", count=3)
            stopped = broker.events("--type", "agent.stopped")
            self.assertEqual([event["details"]["agent"] for event in stopped], ["one"])
            self.assertEqual(stopped[0]["details"]["session"], "1")


if __name__ == "__main__":
    unittest.main()
