"""What plugins do through extensions: events of their own, timers, checks of their configuration."""

import unittest

from broker import BUILD, Broker, eventually, scenario

DAY = [
    {"after": "1 s", "do": "logon", "user": "alice", "uid": 1001},
    {"after": "5 h", "do": "lock", "session": "alice"},
    {"after": "5 h", "do": "unlock", "session": "alice"},
]


def table(name, library, keys="", config=None):
    text = f'[plugins.{name}]\nlibrary = "{BUILD}/tests/plugins/{library}.so"\n{keys}'
    return text if config is None else f"{text}[plugins.{name}.config]\n{config}\n"


class AnEventOfAPluginsOwn(unittest.TestCase):
    def test_is_logged_with_its_cause_and_delivered_to_the_others(self):
        with Broker(scenario(*DAY)) as broker:
            broker.write_config(table("teller", "extended", config="name = 'x'") + table("good", "good"))
            broker.start()
            locked = broker.wait_for_event("session.locked")
            seen = broker.wait_for_event("org.example.extended.seen", cause=locked["seq"])
            self.assertEqual(seen["origin"], "plugin")
            self.assertEqual(seen["chain"], 1)
            self.assertEqual(
                seen["details"],
                {"instance": "teller", "id": "org.example.extended", "of": str(locked["seq"])},
            )
            later = broker.wait_for_event("org.example.extended.later", cause=locked["seq"])
            for event in (seen, later):
                said = f"plugin good: event {event['seq']} {event['type']}"
                eventually(lambda: said in broker.says(), said)
            self.assertNotIn(f"plugin teller: event {seen['seq']}\n", broker.says())

    def test_that_is_answered_by_another_one_ends(self):
        with Broker(scenario(DAY[0])) as broker:
            broker.write_config(
                table("one", "extended", config="name = 'x'")
                + table("two", "extended", config="name = 'x'")
            )
            broker.start()

            def many():
                seen = broker.events("--type", "org.example.extended.seen")
                return len(seen) == 2 * 60

            eventually(many, "each to have told as much as it may in a minute")
            broker.stop()
            events = broker.events()
            self.assertLessEqual(max(event.get("chain", 0) for event in events), 8)
            suppressed = [e["details"]["instance"] for e in events if e["type"] == "suppressed"]
            self.assertLessEqual({"one", "two"}, set(suppressed))


class ATimer(unittest.TestCase):
    def test_goes_by_simulated_time(self):
        with Broker(scenario(*DAY)) as broker:
            broker.write_config(table("ticker", "extended", config="name = 'x'\nperiod_ms = 3600000"))
            broker.start()
            locked = broker.wait_for_event("session.locked")
            here = f"plugin ticker: event {locked['seq']}\n"
            eventually(lambda: here in broker.says(), here)
            said = broker.says()
            self.assertLess(said.index("ticker: tick 3"), said.index(here), "5 hours have passed")
            failed = broker.wait_for_event("plugin.failed")["details"]
            self.assertEqual((failed["call"], failed["instance"]), ("timer", "ticker"))


class AConfigurationThatThePluginRefuses(unittest.TestCase):
    def test_is_told_with_file_line_and_column(self):
        with Broker(scenario(*DAY)) as broker:
            broker.write_config(table("picky", "extended", config="period_ms = 0\nnmae = 'x'"))
            broker.start()
            error = broker.wait_for_event("plugin.failed")["details"]["error"]
            lines = broker.config.read_text().splitlines()
            at = lines.index("period_ms = 0") + 1
            self.assertEqual(
                error.splitlines(),
                [
                    f"{broker.config}:{at}:13: plugins.picky.config.period_ms: must be 1 or more",
                    f"{broker.config}:{at - 1}:1: plugins.picky.config.name: must be there",
                    f"{broker.config}:{at + 1}:1: plugins.picky.config.nmae: the plugin knows no "
                    "such key; did you mean 'name'?",
                ],
            )

    def test_need_not_be_its_own_table(self):
        with Broker(scenario(*DAY)) as broker:
            deny = 'deny = ["usher.emit/2"]\n'
            broker.write_config(table("x", "extended", deny, "name = 'x'"))
            broker.start()
            error = broker.wait_for_event("plugin.failed")["details"]["error"]
            self.assertIn("plugins.x.deny: this broker has no extension 'usher.emit/2'", error)
            self.assertIn("did you mean 'usher.emit/1'?", error)


if __name__ == "__main__":
    unittest.main()
