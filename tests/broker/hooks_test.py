"""The hooks plugin in a broker: its configuration, and its runs on a simulated desktop, which are simulated."""

import json
import unittest

from broker import SOURCE, Broker, eventually, scenario

DAY = [
    {"after": "1 s", "do": "logon", "user": "alice", "uid": 1001},
    {"after": "1 h", "do": "lock", "session": "alice"},
    {"after": "1 h", "do": "logoff", "session": "alice"},
]


def hooks(*tables, grant='grant = ["usher.run/1"]'):
    text = f'[plugins.hooks]\nlibrary = "hooks"\n{grant}\n'
    return text + "".join(f"[[plugins.hooks.config.hook]]\n{table}\n" for table in tables)


class AHook(unittest.TestCase):
    def test_is_told_in_the_log_and_simulated_on_a_simulated_desktop(self):
        with Broker(scenario(*DAY)) as broker:
            witness = broker.config.parent / "witness"
            broker.write_config(
                hooks(f"on = ['session.log*']\nshell = true\nprogram = 'touch {witness}'")
            )
            broker.start()
            for kind in ("session.logon", "session.logoff"):
                event = broker.wait_for_event(kind)
                started = broker.wait_for_event("run.started", cause=event["seq"])
                ended = broker.wait_for_event("run.ended", cause=event["seq"])
                self.assertEqual(started["details"]["program"], "/bin/sh")
                self.assertEqual(started["details"]["instance"], "hooks")
                self.assertEqual(started["origin"], "broker")
                self.assertEqual((ended["details"]["result"], ended["details"]["code"]), ("exited", "0"))
                self.assertEqual(ended["details"]["run"], started["details"]["run"])
            self.assertFalse(witness.exists(), "nothing is run for what is not real")
            self.assertEqual(broker.stop(), 0)
            self.assertEqual(
                [e["details"]["run"] for e in broker.events("--type", "run.started")], ["1", "2"]
            )

    def test_ends_as_the_scenario_says(self):
        said = [
            {"after": "1 s", "do": "run_ends", "program": "/bin/false", "code": 3, "output": "no share"},
            {"after": "0 s", "do": "run_ends", "program": "/bin/cat", "result": "not_started"},
            {"after": "0 s", "do": "run_ends", "user": "alice", "program": "/bin/sleep",
             "result": "timed_out", "lasting": "1 h"},
        ]  # fmt: skip
        on = "on = ['session.logon', 'session.logoff']\n"
        with Broker(scenario(*said, *DAY)) as broker:
            broker.write_config(
                hooks(
                    f"{on}program = '/bin/false'\non_failure = 'retry'\nretry_wait = '1 min'",
                    f"{on}program = '/bin/sleep'\ntimeout = '5 s'",
                    f"{on}program = '/bin/cat'\non_failure = 'stop'",
                    f"{on}program = '/bin/true'",
                )
            )
            broker.start()
            logon = broker.wait_for_event("session.logon")["seq"]
            logoff = broker.wait_for_event("session.logoff")["seq"]
            broker.wait_for_event("run.ended", cause=logoff, count=4)
            self.assertEqual(
                self.ends_of(broker, logon),
                [
                    ("/bin/false", "exited", "3", "no share"),
                    ("/bin/false", "exited", "0", None),
                    ("/bin/sleep", "timed_out", None, None),
                    ("/bin/cat", "run.failed", None, None),
                ],
            )
            programs = [end[:3] for end in self.ends_of(broker, logoff)]
            names = ("/bin/false", "/bin/sleep", "/bin/cat", "/bin/true")
            self.assertEqual(programs, [(name, "exited", "0") for name in names])

    def ends_of(self, broker, cause):
        """How the runs ended that an event led to, in their order."""
        ends = [e for e in broker.events("--type", "run.*") if e.get("cause") == cause]
        return [
            (e["details"]["program"], e["details"].get("result", e["type"]), e["details"].get("code"),
             e["details"].get("output"))
            for e in ends if e["type"] != "run.started"
        ]  # fmt: skip

    def test_is_run_whatever_the_other_side_calls_itself(self):
        name = "\x01" * 16_000  # Six bytes each as JSON.
        eve = {"after": "1 s", "do": "remote_logon", "user": "eve", "host": name}
        with Broker(scenario(eve)) as broker:
            broker.write_config(hooks("on = ['session.logon']\nprogram = '/bin/true'"))
            broker.start()
            logon = broker.wait_for_event("session.logon")
            self.assertEqual(logon["session"]["remote_host"], name)
            ended = broker.wait_for_event("run.ended", cause=logon["seq"])
            self.assertEqual(ended["details"]["result"], "exited")

    def test_finishes_its_event(self):
        with Broker(scenario(*DAY)) as broker:
            broker.write_config(hooks("on = ['session.*']\nprogram = '/bin/true'"))
            broker.start()
            last = broker.wait_for_event("session.destroyed")["seq"]
            broker.wait_for_event("run.ended", cause=last)

            def acknowledged():
                rows = json.loads(broker.ctl("plugins", "--json").stdout)["plugins"]
                return rows[0]["acknowledged"] >= last

            eventually(acknowledged, "the event to be finished")


class AHooksConfiguration(unittest.TestCase):
    def refused(self, text):
        with Broker(scenario(*DAY)) as broker:
            broker.write_config(text)
            broker.start()
            error = broker.wait_for_event("plugin.failed")["details"]["error"]
            lines = broker.config.read_text().splitlines()
            return error.replace(f"{broker.config}:", ""), lines

    def test_is_told_each_mistake_with_its_line(self):
        error, lines = self.refused(
            hooks(
                "on = ['session.logon']\nprogram = '/bin/true'",
                "on = ['sesion.logon']\nprogram = 'true'\ntimeout = '10'\ncolour = 'red'",
            )
        )
        told = {line.split(": ")[1]: int(line.split(":")[0]) for line in error.splitlines()}
        expected = {
            f"plugins.hooks.config.hook.1.{key}": lines.index(line) + 1
            for key, line in {
                "on": "on = ['sesion.logon']",
                "program": "program = 'true'",
                "timeout": "timeout = '10'",
                "colour": "colour = 'red'",
            }.items()
        }
        self.assertEqual(told, expected, error)

    def test_must_grant_it_to_run_programs(self):
        error, _ = self.refused(hooks("on = ['session.logon']\nprogram = '/bin/true'", grant=""))
        self.assertIn('grant = ["usher.run/1"]', error)

    def test_that_shows_every_key_is_taken(self):
        with Broker(scenario(*DAY)) as broker:
            broker.write_config((SOURCE / "plugins/hooks/hooks.toml").read_text())
            broker.start()
            broker.wait_for_event("run.ended")


if __name__ == "__main__":
    unittest.main()
