"""Plugins that store values on a disk that is full, for real."""

import re
import signal
import unittest

from broker import Broker, eventually, scenario
from crashes_test import BOOT, CrashingBroker
from disk_test import ALICE, LOCKS
from plugins_test import rows, tables
from small_disk import SmallDisk

NOTES = '[plugins.does.config]\nnote = "last"\n'


def put_storage_on(broker, disk):
    """A simulated broker's plugins store below its runtime directory."""
    text = broker.config.read_text()
    text = text.replace(f'runtime_directory = "{broker.root}/run"', f'runtime_directory = "{disk.path}/run"')
    text = text.replace(f"{broker.root}/run/control.sock", f"{broker.root}/control.sock")
    broker.config.write_text(text.replace("[control]", "pace = 1\n[control]", 1))


class AFullStorage(unittest.TestCase):
    def outcomes(self, broker):
        """What the plugin said of each event's number: number -> "done" or why not."""
        return {int(seq): said for seq, said in re.findall(r"plugin does: note (\d+): (.*)", broker.says())}

    def failures(self, broker):
        return {seq: said for seq, said in self.outcomes(broker).items() if said != "done"}

    def check(self, kind):
        with SmallDisk(kind) as disk, Broker(scenario(ALICE, *LOCKS)) as broker:
            broker.write_config(tables("does") + NOTES)
            put_storage_on(broker, disk)
            broker.start()
            eventually(lambda: len(self.outcomes(broker)) >= 20, "values to be stored")
            disk.fill()
            eventually(lambda: len(self.failures(broker)) >= 20, "values not to be stored")
            first = min(self.failures(broker))
            why = self.failures(broker)[first]
            self.assertIn('writing "last" to the storage: ', why)
            self.assertIn("no space left on device (ENOSPC", why)
            self.assertIn("free some space there", why)
            stored = (disk.path / "run/simulated-plugins/does/last.value").read_text()
            last_good = max(seq for seq, said in self.outcomes(broker).items() if said == "done")
            self.assertIn(str(last_good), stored, "the old value is kept, whole")
            disk.free()
            failed = max(self.failures(broker))
            eventually(lambda: max(self.outcomes(broker)) > failed + 20, "values to be stored again")
            self.assertEqual(broker.stop(signal.SIGTERM), 0)
            seen = sorted(self.outcomes(broker))
            self.assertEqual(seen, list(range(seen[0], seen[-1] + 1)), "no event was lost")
            self.assertNotIn(max(seen), self.failures(broker))

    def test_is_an_error_that_says_what_to_do_and_the_old_value_stays(self):
        for kind in ("tmpfs", "ext4"):
            with self.subTest(kind):
                self.check(kind)

    def test_that_a_plugin_cannot_bear_is_told_as_its_own_crash(self):
        with SmallDisk("tmpfs") as disk, CrashingBroker() as broker:
            broker.write_config(tables("sure_of_disk", "good"))
            put_storage_on(broker, disk)
            (disk.path / "run").mkdir()
            disk.fill()
            for _ in range(3):
                broker.write_scenario(BOOT + scenario(ALICE))
                broker.launch()
                eventually(lambda: broker.process.poll() is not None, "its end")
            broker.start()
            self.assertEqual(broker.quarantined(), ["sure-of-disk"])
            told = [(e["details"]["call"], e["details"]["fault"]) for e in broker.failures("sure-of-disk")]
            self.assertEqual(told, [("on_event", "SIGABRT")] * 3)
            self.assertEqual(rows(broker)["good"]["state"], "running")


if __name__ == "__main__":
    unittest.main()
