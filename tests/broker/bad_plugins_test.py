"""Every plugin of tests/bad_plugins in a running broker: it goes on, and says who it was."""

import unittest

from broker import eventually, scenario
from crashes_test import BOOT, CrashingBroker
from plugins_test import DAY, rows, tables

# They fail, in one way or the other, but leave the process alone.
FAIL = ["fails", "endless_error", "throws", "create_throws", "create_nothing", "tiny_plugin", "init_fails", "wrong_abi",
        "no_entry", "function_entry", "null_descriptor", "tiny_entry", "junk_strings", "needs_more", "undefined"]
# The broker has nothing against them, or bears with them.
PASS = ["floods", "leaks", "leaks_itself", "other_thread", "eager", "chatters", "mistyped", "few_types", "few_sessions",
        "only_forward", "completes_badly", "never_completes", "retries", "shares", "talks_on", "one_for_all"]
# They take the process with them.
END = ["segfault_in_init", "abort_in_on_snapshot", "overflow_in_on_event", "exit_in_on_event", "recurses"]


def named(name):
    return name.replace("_", "-")


class EachBadPluginInTheBroker(unittest.TestCase):
    def test_that_fails_is_named_and_the_others_go_on(self):
        with CrashingBroker() as broker:
            broker.write_config(tables(*FAIL, *PASS, "good"))
            broker.start()
            last = broker.wait_for_event("session.unlocked", count=4)["seq"]
            eventually(lambda: rows(broker)["good"]["acknowledged"] >= last, "the good one to go on")

            def all_named():
                failed = {e["details"]["instance"] for e in broker.events("--type", "plugin.failed")}
                return failed >= {named(name) for name in FAIL}

            eventually(all_named, "a plugin.failed of each")
            self.assertEqual(rows(broker)["good"]["strikes"], 0)

    def test_that_ends_the_broker_is_quarantined_in_the_end_and_the_others_go_on(self):
        for name in END:
            with self.subTest(name), CrashingBroker() as broker:
                broker.write_config(tables(name, "good"))
                for _ in range(4):
                    broker.write_scenario(BOOT + scenario(*DAY))
                    broker.launch()
                    eventually(lambda: broker.process.poll() is not None or broker.quarantined(), "its end")
                    if broker.process.poll() is None:
                        break
                self.assertEqual(broker.quarantined(), [named(name)], broker.says())
                eventually(broker.answers, "the broker to answer")
                self.assertEqual(rows(broker)["good"]["state"], "running")
                self.assertEqual(broker.failures("good"), [])


if __name__ == "__main__":
    unittest.main()
