"""What the tests of the journald plugin share: a broker with it, in a container with a journal."""

import json
import pathlib
import re

from box import eventually
from boxed import CONFIGURATION, BoxedBroker, BoxTest, EventStream

CATALOG = pathlib.Path(__file__).resolve().parents[2] / "plugins/journald/usher.catalog"


class JournalTest(BoxTest):
    """A BrokerTest whose broker has the plugin, in a container whose journal knows its catalog."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.install_catalog()
        cls.broker = BoxedBroker(cls.box)
        (cls.box.work / "usher.toml").write_text(
            CONFIGURATION + '[plugins.journald]\nlibrary = "journald"\n'
        )
        cls.broker.start()
        cls.events = EventStream(cls.broker)
        cls.addClassCleanup(cls.events.close)

    @classmethod
    def install_catalog(cls):
        """The container's /usr is the host's: the catalog is made elsewhere."""
        tree = cls.box.work / "tree"
        for folder in ("usr/lib/systemd/catalog", "var/lib/systemd/catalog"):
            (tree / folder).mkdir(parents=True)
        (tree / "usr/lib/systemd/catalog/usher.catalog").write_text(CATALOG.read_text())
        cls.box.run("journalctl", "--root=/usher/work/tree", "--update-catalog")
        cls.box.run("mkdir", "-p", "/var/lib/systemd/catalog")
        cls.box.run("cp", "/usher/work/tree/var/lib/systemd/catalog/database", "/var/lib/systemd/catalog")

    def journal(self, *matches):
        """The journal's records, as dictionaries."""
        said = self.box.run("journalctl", "-q", "-o", "json", *matches)
        return [json.loads(line) for line in said.splitlines()]

    def wait_for_record(self, *matches):
        return eventually(lambda: self.journal(*matches), lambda: f"{matches}: {self.broker.says()}")[-1]

    def record_of(self, event):
        return self.wait_for_record("-t", "usher", f"USHER_SEQ={event['seq']}")


def message_id(subject):
    """The id of the catalog's entry with this subject."""
    return re.search(f"^-- (.*)\nSubject: {subject}$", CATALOG.read_text(), re.MULTILINE)[1]


def text_of(value):
    """What journalctl shows as numbers, as a terminal should not see it."""
    return bytes(value).decode() if isinstance(value, list) else value
