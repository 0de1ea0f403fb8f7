"""The journald plugin in a broker, with a socket of the test's own in the journal's place, and its catalog."""

import fnmatch
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from broker import BUILD, PATIENCE, SOURCE, Broker, eventually, scenario
from journal import Journal

PLUGIN = BUILD / "lib/usher/plugins/journald.so"
CATALOG = SOURCE / "plugins/journald/usher.catalog"
DAY = [
    {"after": "1 s", "do": "logon", "user": "alice", "uid": 1001},
    {"after": "1 s", "do": "lock", "session": "alice"},
    {"after": "1 s", "do": "unlock", "session": "alice"},
    {"after": "1 s", "do": "remote_logon", "user": "eve", "host": "evil\n\x1b[2J host"},
    {"after": "1 s", "do": "logoff", "session": "alice"},
]


def table(journal, keys="", more=""):
    """The instance's table: `keys` of its own configuration, `more` of the broker's about it."""
    return (
        f'[plugins.journald]\nlibrary = "journald"\n{more}\n'
        f'[plugins.journald.config]\nsocket = "{journal.path}"\n{keys}'
    )


def seqs_of(journal, types):
    """The numbers of the events whose type matches, in the order in which they came."""
    records = map(dict, journal.take())
    return [r["USHER_SEQ"] for r in records if fnmatch.fnmatch(r["USHER_TYPE"], types)]


class ADayInTheJournal(unittest.TestCase):
    def test_is_the_one_in_the_log(self):
        with Broker(scenario(*DAY)) as broker, Journal(broker.root / "journal") as journal:
            journal.open()
            broker.write_config(table(journal, "event_json = true\n"))
            broker.start()
            eventually(lambda: seqs_of(journal, "session.destroyed"), "the day's end")
            logged = {str(event["seq"]): event for event in broker.events()}
            records = [dict(record) for record in journal.take()]
            for record in records:
                self.check(record, logged[record["USHER_SEQ"]])
            seqs = [int(record["USHER_SEQ"]) for record in records]
            self.assertEqual(seqs, sorted(set(seqs)))
            alice, eve = (r["MESSAGE"] for r in records if r["USHER_TYPE"] == "session.logon")
            self.assertRegex(alice, "^alice logged on at seat0")
            self.assertIn(r'eve logged on from "evil\x0a\x1b[2J host"', eve)

    def check(self, record, event):
        session = event.get("session") or event.get("before") or {}
        self.assertEqual(json.loads(record["USHER_EVENT"]), event)
        self.assertEqual(record["USHER_TYPE"], event["type"])
        self.assertEqual(record["USHER_TIME"], event["time"])
        self.assertEqual(record.get("USHER_SESSION_KEY"), session.get("key"))
        self.assertEqual(record.get("USHER_REMOTE_HOST"), session.get("remote_host"))
        self.assertNotRegex(record["MESSAGE"], r"[\x00-\x1f]")


class AJournalThatIsNotThere(unittest.TestCase):
    def test_gets_everything_in_order_once_it_is_back(self):
        locks = [{"after": "1 s", "do": verb, "session": "alice"} for verb in ["lock", "unlock"] * 100]
        with Broker(scenario(DAY[0], *locks)) as broker, Journal(broker.root / "journal") as journal:
            broker.write_config(table(journal))
            broker.start()
            broker.wait_for_event("session.unlocked", count=100)
            eventually(lambda: "takes no events" in broker.says(), "a word about it")
            plugins = json.loads(broker.ctl("plugins", "--json").stdout)["plugins"]
            self.assertEqual([plugin["state"] for plugin in plugins], ["running"])
            journal.open()
            eventually(lambda: len(seqs_of(journal, "session.unlocked")) == 100, "all of the day")
            eventually(lambda: "takes events again" in broker.says(), "a word about its end")
            logged = [str(event["seq"]) for event in broker.events("--type", "session.*")]
            self.assertEqual(seqs_of(journal, "session.*"), logged)
            self.assertEqual(broker.events("--type", "plugin.failed"), [])

    def test_gets_after_a_restart_what_the_broker_could_not_tell(self):
        with Broker(scenario(*DAY)) as broker, Journal(broker.root / "journal") as journal:
            broker.write_config(table(journal))
            broker.start()
            broker.wait_for_event("session.destroyed")
            self.assertEqual(broker.stop(), 0)
            logons = [str(event["seq"]) for event in broker.events("--type", "session.logon")]
            self.assertEqual(len(logons), 2)
            # A scenario is a boot of its own, and long ago.
            broker.write_config(table(journal, more='replay_max_age = "unlimited"'))
            broker.write_scenario(scenario())
            journal.open()
            broker.start()
            eventually(lambda: len(seqs_of(journal, "session.logon")) == 2, "the logons of before")
            self.assertEqual(seqs_of(journal, "session.logon"), logons)


class UsherCheck(unittest.TestCase):
    def test_has_nothing_against_it(self):
        with Broker() as broker, Journal(broker.root / "journal") as journal:
            broker.write_config(table(journal))
            with journal.open().drained():
                checked = subprocess.run(
                    [BUILD / "bin/usher-check", PLUGIN, "--config", broker.config, "--seed", "7",
                     "--events", "2000", "--fuzz-runs", "2"],
                    capture_output=True, text=True, timeout=4 * PATIENCE,
                )  # fmt: skip
            self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
            self.assertIn(" 0 warned, 0 failed, 0 skipped", checked.stdout)


class ItsConfiguration(unittest.TestCase):
    def test_is_refused_with_each_mistake_and_its_line(self):
        with Broker() as broker:
            broker.write_config(table(Journal("/journal"), 'events = ["sesion.*"]\nidentifier = 5\nprioritys = 1\n'))
            checked = broker.ctl("check-config", broker.config)
            lines = broker.config.read_text().splitlines()
            for key, text in (
                ("events", 'there is no type of event that "sesion.*" matches'),
                ("identifier", "must be a text"),
                ("prioritys", ""),
            ):
                number = next(n for n, line in enumerate(lines, 1) if line.startswith(key))
                self.assertRegex(checked.stderr, f":{number}:[0-9]+: .*{key}.*{re.escape(text)}")
            self.assertEqual(checked.returncode, 3)

    def test_of_the_example_is_a_good_one(self):
        with Broker() as broker:
            broker.write_config((SOURCE / "plugins/journald/journald.toml").read_text())
            checked = broker.ctl("check-config", broker.config)
            self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)


class TheCatalog(unittest.TestCase):
    def test_is_one_that_journalctl_takes(self):
        root = pathlib.Path(tempfile.mkdtemp(prefix="usher-test-"))
        self.addCleanup(shutil.rmtree, root)
        (root / "usr/lib/systemd/catalog").mkdir(parents=True)
        (root / "var/lib/systemd/catalog").mkdir(parents=True)
        shutil.copy(CATALOG, root / "usr/lib/systemd/catalog")
        self.journalctl(root, "--update-catalog")
        listed = self.journalctl(root, "--list-catalog").splitlines()
        wanted = re.findall(r"^-- ([0-9a-f]{32})$", CATALOG.read_text(), re.MULTILINE)
        self.assertEqual(sorted(line.split()[0] for line in listed), sorted(wanted))
        self.assertGreater(len(wanted), 40)
        self.assertTrue(all(re.search(r" Usher: .", line) for line in listed), listed)

    def journalctl(self, root, *arguments):
        called = subprocess.run(
            ["journalctl", f"--root={root}", *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        self.assertEqual((called.returncode, called.stderr), (0, ""))
        return called.stdout


if __name__ == "__main__":
    unittest.main()
