"""Whether the broker is well, as `usherctl status` says it: with a sentence, and by how it ends."""

import datetime
import json
import unittest

from broker import Broker, eventually, scenario
from plugins_test import DAY, rows, tables


def status(broker):
    return json.loads(broker.ctl("status", "--json").stdout)


class TheStatus(unittest.TestCase):
    def test_of_a_broker_that_is_well_is_good_and_ends_with_0(self):
        with Broker(scenario(*DAY), plugins=tables("good")) as broker:
            began = datetime.datetime.now(datetime.timezone.utc).isoformat()
            broker.start()
            broker.wait_for_event("session.unlocked", count=4)
            eventually(lambda: broker.ctl("status").returncode == 0, "the broker to be well")
            answer = status(broker)
            self.assertEqual((answer["trouble"], answer["losses"]), ([], []))
            self.assertIsNone(answer["log"]["degraded_since"])
            self.assertGreaterEqual(answer["source"]["since"], began[:19])
            self.assertIn("health    good", broker.ctl("status").stdout)

    def test_names_a_plugin_that_fails_is_quarantined_and_was_passed_by_events(self):
        with Broker(scenario(*DAY), plugins=tables("throws", "init_fails", "good")).start() as broker:
            broker.wait_for_event("plugin.quarantined")
            broker.wait_for_event("session.unlocked", count=4)
            shown = broker.ctl("status")
            self.assertEqual(shown.returncode, 1)
            self.assertIn("trouble   plugin 'throws' is quarantined since 2026-", shown.stdout)
            self.assertIn("trouble   plugin 'init-fails' has failed: ", shown.stdout)
            self.assertNotIn("'good'", shown.stdout)
            self.assertEqual(broker.ctl("status", "--json").returncode, 1)
            self.assertEqual(broker.ctl("plugins", "release", "throws").returncode, 0)
            eventually(lambda: status(broker)["losses"], "what passed it")
            self.assertIn("plugin 'throws' was passed by ", status(broker)["losses"][0])

    def test_names_a_plugin_that_lags_and_by_how_much(self):
        # The scenario's clock goes on while its first event is still open.
        steps = [*DAY[:2], {"after": "30 s", "do": "unlock", "session": "alice"}]
        with Broker(scenario(*steps), plugins=tables("never_completes", "good")).start() as broker:
            broker.wait_for_event("session.unlocked")
            told = eventually(lambda: status(broker)["trouble"], "the lag")
            self.assertRegex(told[0], "^plugin 'never-completes' lags by [0-9]+ events, the first is 3[0-9] s old$")
            eventually(lambda: rows(broker)["good"]["behind_us"] == 0, "the other one to catch up")
            self.assertGreaterEqual(rows(broker)["never-completes"]["behind_us"], 30_000_000)


if __name__ == "__main__":
    unittest.main()
