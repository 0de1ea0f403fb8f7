"""What an older or a newer usherd left behind: read, or refused by name."""

import json
import pathlib
import shutil
import subprocess
import unittest

from broker import PATIENCE, USHERD, Broker, scenario

RECORDED = pathlib.Path(__file__).resolve().parent / "recorded"
FIRST = "events-00000000000000000001.jsonl"
PLUGINS = '[plugins.null]\nlibrary = "null"\n[plugins.off]\nlibrary = "null"\n'
LAST_SEQ = 15


class RecordedBroker(Broker):
    """A broker on a copy of what was recorded, the log's first lines replaced by those of a file."""

    def __init__(self, first_lines=None):
        super().__init__(scenario(), plugins=PLUGINS)
        shutil.copytree(RECORDED / "log", self.log)
        shutil.copytree(RECORDED / "state", self.root / "state")
        if first_lines:
            lines = (RECORDED / first_lines).read_text().splitlines(keepends=True)
            recorded = (self.log / FIRST).read_text().splitlines(keepends=True)
            (self.log / FIRST).write_text("".join(lines + recorded[len(lines) :]))


class WhatAnOtherVersionLeft(unittest.TestCase):
    def goes_on(self, broker):
        stored = (broker.log / FIRST).read_bytes()
        broker.start()
        for session in ("1", "2"):
            broker.wait_for_event("session.destroyed", reason="boot", count=int(session))
        started = broker.wait_for_event("broker.started", count=2)
        self.assertEqual((started["seq"], started["details"]["clean"]), (LAST_SEQ + 1, "yes"))
        rows = {row["name"]: row for row in json.loads(broker.ctl("plugins", "--json").stdout)["plugins"]}
        self.assertEqual((rows["null"]["state"], rows["off"]["state"]), ("running", "disabled"))
        skipped = [event for event in broker.events("--type", "plugin.skipped") if event["seq"] > LAST_SEQ]
        self.assertEqual(skipped, [], "the stored cursor was not gone on with")
        self.assertTrue((broker.log / FIRST).read_bytes().startswith(stored))
        self.assertEqual(broker.ctl("verify").returncode, 0, broker.ctl("verify").stdout)

    def refused(self, broker):
        """What the start says; the check says it, too."""
        usherd = [USHERD, "--config", broker.config]
        check, start = (
            subprocess.run([*usherd, *options], capture_output=True, text=True, timeout=PATIENCE)
            for options in (["--check"], [])
        )
        self.assertEqual((check.returncode, start.returncode), (1, 1))
        self.assertIn(check.stderr.removeprefix("usherd: ").strip(), start.stderr)
        return start.stderr

    def test_is_gone_on_with(self):
        with RecordedBroker() as broker:
            self.goes_on(broker)

    def test_is_gone_on_with_where_a_later_minor_version_wrote_more(self):
        with RecordedBroker("later_minor.jsonl") as broker:
            self.goes_on(broker)
            self.assertEqual(broker.events()[0]["later"], 7)

    def test_is_refused_and_left_alone_where_a_later_major_version_wrote_it(self):
        with RecordedBroker("later_major.jsonl") as broker:
            before = {path: path.read_bytes() for path in broker.log.glob("*.jsonl")}
            refused = self.refused(broker)
            self.assertIn(f"{broker.log}/{FIRST}", refused)
            self.assertIn("format 2.0 is of a newer Usher", refused)
            self.assertIn("use the newer one, or another log directory", refused)
            self.assertEqual({path: path.read_bytes() for path in broker.log.glob("*.jsonl")}, before)

    def test_is_refused_where_a_later_major_version_wrote_the_state(self):
        with RecordedBroker() as broker:
            version = broker.root / "state/version"
            version.write_text("2.3\n")
            refused = self.refused(broker)
            self.assertIn(f"'{version}' says that a newer Usher wrote the state directory, in version 2.3", refused)
            self.assertIn("use the newer one, or another state_directory", refused)
            self.assertEqual(version.read_text(), "2.3\n")
            version.write_text("two\n")
            self.assertIn(f"'{version}' does not hold a version", self.refused(broker))

    def test_is_gone_on_with_where_a_later_minor_version_wrote_the_state(self):
        with RecordedBroker() as broker:
            version = broker.root / "state/version"
            for before, after in ((None, "1.0\n"), ("1.9\n", "1.9\n")):
                if before:
                    version.write_text(before)
                broker.start()
                self.assertEqual(version.read_text(), after)
                self.assertEqual(broker.stop(), 0)


if __name__ == "__main__":
    unittest.main()
