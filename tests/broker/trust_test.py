"""Attacks on what the broker loads: each is refused and named, the others go on."""

import os
import shutil
import stat
import unittest

from broker import PATIENCE, Broker, eventually, scenario
from crashes_test import BOOT
from plugins_test import BAD, DAY, Gate, presence, rows, tables

ROOT = os.geteuid() == 0
SOMEBODY = 65534
MACHINE_AT = 18  # In the header of an ELF file.


class Attacks:
    """Libraries below a folder, one for each way to have the broker load what it should not."""

    def __init__(self, broker):
        self.folder = broker.root / "lib"
        self.folder.mkdir(mode=0o755)
        self.expected = {}

    def place(self, name, words, library="good"):
        """A library in a folder of its own, which is to be refused with these words; answers its path."""
        self.expected[name] = words
        folder = self.folder / name
        folder.mkdir(mode=0o755)
        path = folder / f"{name}.so"
        shutil.copyfile(BAD / f"{library}.so", path)
        path.chmod(0o755)
        return path

    def lay_those_of_anybody(self):
        path = self.place("fifo", "it is not a regular file")
        path.unlink()
        os.mkfifo(path)
        path = self.place("link", "it is a symbolic link; name the file itself")
        path.rename(path.with_name("real.so"))
        path.symlink_to("real.so")
        self.place("writable", "run chmod go-w on it").chmod(0o777)
        self.place("folder", "run chmod go-w on it").parent.chmod(0o775)
        self.place("runpath", "every user can put files there", library="runpath_shared")
        path = self.place("foreign", "it is an ELF file for another kind of machine")
        with open(path, "r+b") as library:
            library.seek(MACHINE_AT)
            library.write(b"\x04\x00")
        os.truncate(self.place("cut", "is a damaged shared library"), 5000)
        os.truncate(self.place("empty", "it is empty"), 0)

    def lay_those_of_root(self):
        os.chown(self.place("anothers", "it belongs to user 65534"), SOMEBODY, SOMEBODY)
        os.chown(self.place("in-anothers", "it belongs to user 65534").parent, SOMEBODY, SOMEBODY)
        path = self.place("sticky", "it belongs to user 65534")
        os.chown(path.parent, SOMEBODY, SOMEBODY)
        path.parent.chmod(0o1777)
        path = self.place("linked", "it has several names")
        path.parent.chmod(0o1777)
        os.link(path, path.with_name("other"))
        path = self.place("device", "")
        path.unlink()
        try:
            os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))
        except PermissionError:  # A container has no devices to give.
            os.mkfifo(path)

    def tables(self):
        return "".join(
            f'[plugins.{name}]\nlibrary = "{self.folder}/{name}/{name}.so"\n' for name in self.expected
        )


class ALibraryThatIsNotToBeTrusted(unittest.TestCase):
    def test_is_refused_and_named_and_the_others_go_on(self):
        with Broker(scenario(*DAY)) as broker:
            attacks = Attacks(broker)
            attacks.lay_those_of_anybody()
            if ROOT:
                attacks.lay_those_of_root()
            broker.write_config(attacks.tables() + presence(broker))
            broker.start()

            def failed():
                events = broker.events("--type", "plugin.failed")
                errors = {e["details"]["instance"]: e["details"]["error"] for e in events}
                return errors if set(errors) == set(attacks.expected) else None

            errors = eventually(failed, f"a plugin.failed for each of {set(attacks.expected)}")
            for name, words in attacks.expected.items():
                self.assertIn(words, errors[name])
                self.assertIn(f"/{name}", errors[name])
                self.assertEqual(rows(broker)[name]["state"], "failed")
            broker.wait_for_event("session.unlocked", count=4)
            eventually(lambda: rows(broker)["presence"]["lag"] == 0, "presence to have caught up")
            self.assertEqual(broker.stop(), 0)
            self.assertEqual(list((broker.root / "state/modules").iterdir()), [])


class ALibraryThatChangesWhileItsPluginRuns(unittest.TestCase):
    def test_does_not_matter_to_it_and_is_held_against_it_at_the_next_load(self):
        with Broker(BOOT + scenario(*DAY)) as broker:
            gate = Gate(broker)
            library = broker.root / "gated.so"
            shutil.copyfile(BAD / "gated.so", library)
            broker.write_config(gate.table().replace(str(BAD), str(broker.root)))
            broker.start()
            seqs = [int(note.split()[0]) for note in gate.wait_for_notes(8)]
            os.truncate(library, 0)
            for seq in seqs[:4]:
                gate.open(seq)
            eventually(lambda: gate.cursor() >= seqs[3], "it to go on without its file")
            # As `cp` does it: into the same file.
            library.write_bytes((BAD / "wrong_abi.so").read_bytes())
            for seq in seqs[4:]:
                gate.open(seq)
            eventually(lambda: gate.cursor() >= seqs[-1], "it to go on with another one's file")
            self.assertEqual(rows(broker)["gated"]["strikes"], 0)
            self.assertEqual(broker.stop(), 0)
            broker.write_scenario(BOOT + scenario())
            broker.start()
            failed = broker.wait_for_event("plugin.failed")["details"]
            self.assertEqual((failed["instance"], failed["call"]), ("gated", "load"))
            self.assertRegex(failed["error"], "gated.so' was built for plugin ABI .*: rebuild it")
            library.unlink()
            shutil.copyfile(BAD / "gated.so", library)
            broker.stop()
            broker.start()
            eventually(lambda: rows(broker)["gated"]["lag"] == 0, "it to have caught up")
            self.assertEqual(rows(broker)["gated"]["state"], "running")
            self.assertEqual(len(gate.notes()), 8, "nothing comes twice")


class AnEnvironment(unittest.TestCase):
    def ended(self, broker):
        broker.launch()
        return broker.process.wait(timeout=PATIENCE)

    def test_in_which_others_can_slip_in_libraries_is_refused(self):
        with Broker() as broker:
            broker.environment = {"LD_LIBRARY_PATH": "/usr/lib:/tmp"}
            self.assertEqual(self.ended(broker), 1)
            self.assertRegex(
                broker.says(), "the environment is not trusted: LD_LIBRARY_PATH has '/tmp', .*Start it without"
            )

    def test_that_has_the_loader_look_elsewhere_is_named(self):
        with Broker() as broker:
            broker.environment = {"LD_LIBRARY_PATH": "/usr/lib"}
            broker.start()
            self.assertIn("the environment has LD_LIBRARY_PATH=/usr/lib: ", broker.says())


class AConfiguration(unittest.TestCase):
    def test_that_others_can_write_is_refused(self):
        with Broker() as broker:
            broker.config.chmod(0o666)
            broker.launch()
            self.assertEqual(broker.process.wait(timeout=PATIENCE), 1)
            self.assertIn("the configuration is not trusted: ", broker.says())
            broker.config.chmod(0o644)
            broker.start()


if __name__ == "__main__":
    unittest.main()
