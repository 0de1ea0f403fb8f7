"""`usherctl check-config`, which asks the plugins, too."""

import json
import os
import unittest

from broker import BUILD, Broker
from plugins_test import BAD, presence, tables


class ACheckedConfiguration(unittest.TestCase):
    def check(self, broker, *options):
        return broker.ctl("check-config", *options, broker.config)

    def test_is_valid_where_its_plugins_agree(self):
        with Broker() as broker:
            broker.write_config(presence(broker) + '[plugins.null]\nlibrary = "null"\n')
            checked = self.check(broker)
            self.assertEqual((checked.returncode, checked.stderr), (0, ""))
            self.assertIn("2 plugins (presence, null)", checked.stdout)

    def test_has_a_line_for_what_each_plugin_is_against(self):
        with Broker() as broker:
            broker.write_config(
                tables("wrong_abi", "missing")
                + '[plugins.null]\nlibrary = "null"\n[plugins.null.config]\nlog_evrey = true\n'
            )
            checked = self.check(broker)
            self.assertEqual(checked.returncode, 3)
            lines = checked.stderr.splitlines()
            places = {line: n for n, line in enumerate(broker.config.read_text().splitlines(), 1)}
            self.assertEqual(len(lines), 3, checked.stderr)
            self.assertTrue(lines[0].startswith(f"{broker.config}:{places['[plugins.wrong-abi]']}:"), lines[0])
            self.assertIn("ABI", lines[0])
            self.assertTrue(lines[1].startswith(f"{broker.config}:{places['[plugins.missing]']}:"), lines[1])
            self.assertTrue(lines[2].startswith(f"{broker.config}:{places['log_evrey = true']}:1: "), lines[2])
            self.assertIn("plugins.null.config.log_evrey: the plugin knows no such key", lines[2])
            report = json.loads(self.check(broker, "--json").stdout)
            self.assertEqual([error["key"] for error in report["errors"]][2], "plugins.null.config.log_evrey")
            self.assertEqual(self.check(broker, "--only-file").returncode, 0)

    def test_survives_a_plugin_that_crashes_hangs_or_ends_the_process_when_it_is_asked(self):
        ends = {"segfault": "SIGSEGV", "exit": "exit code 3", "hang": "took too long"}
        for how, why in ends.items():
            for call in ("check_config", "load"):
                if (how, call) == ("exit", "load") and os.environ["USHER_SANITIZE"] == "thread":
                    why = "exit code 66"  # The sanitizer's own, of who ends while it is loading.
                with Broker() as broker:
                    broker.write_config(tables(f"{how}_in_{call}"))
                    checked = self.check(broker)
                    self.assertEqual(checked.returncode, 3, how)
                    self.assertIn(why, checked.stderr)
                    self.assertIn(f"plugins.{how}-in-{call.replace('_', '-')}: ", checked.stderr)

    def test_loads_no_library_that_others_can_write_to(self):
        with Broker() as broker:
            library = broker.root / "null.so"
            library.write_bytes((BUILD / "lib/usher/plugins/null.so").read_bytes())
            library.chmod(0o777)
            broker.write_config(f'[plugins.null]\nlibrary = "{library}"\n')
            checked = self.check(broker)
            self.assertEqual(checked.returncode, 3)
            self.assertIn("others than its owner can write to it", checked.stderr)
