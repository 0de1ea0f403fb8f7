"""usherd as a program: what it says before it starts, where it says it, and when it may be ended."""

import os
import signal
import subprocess
import unittest

from broker import BUILD, PATIENCE, USHERCTL, USHERD, Broker, eventually, scenario
from crashes_test import misbehaving
from plugins_test import presence, tables


def check(broker, *options):
    """Runs `usherd --check`."""
    return subprocess.run(
        [*broker.prefix, USHERD, "--config", broker.config, "--check", *options],
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip


class ACheck(unittest.TestCase):
    def refused(self, broker, code, *texts):
        checked = check(broker)
        self.assertEqual((checked.returncode, checked.stdout), (code, ""), checked.stderr)
        for text in texts:
            self.assertIn(text, checked.stderr)
        return checked.stderr

    def test_says_what_the_broker_would_do_and_does_none_of_it(self):
        with Broker() as broker:
            broker.write_config(presence(broker) + '[plugins.off]\nlibrary = "null"\nenabled = false\n')
            before = sorted(broker.root.rglob("*"))
            checked = check(broker)
            self.assertEqual((checked.returncode, checked.stderr), (0, ""))
            self.assertEqual(
                [line.split(maxsplit=1) for line in checked.stdout.splitlines()],
                [
                    ["configuration", str(broker.config)],
                    ["source", f"simulated, {broker.root}/scenario.toml"],
                    ["state", f"{broker.root}/state"],
                    ["event", f"log      {broker.log}"],
                    ["socket", f"{broker.root}/run/control.sock"],
                    ["plugin", f"presence, {BUILD}/lib/usher/plugins/presence.so"],
                    ["plugin", "off, disabled"],
                ],
            )
            self.assertEqual(sorted(broker.root.rglob("*")), before)

    def test_is_fine_beside_a_broker_that_runs(self):
        with Broker().start() as broker:
            self.assertEqual(check(broker).returncode, 0)
            self.assertEqual(broker.ctl("status").returncode, 0)

    def test_names_plugins_and_files_that_are_wrong(self):
        with Broker() as broker:
            broker.write_config(tables("wrong_abi"), source='type = "simulated"\nscenario = "gone.toml"\n')
            self.refused(broker, 3, f'source.scenario: there is no "{broker.root}/gone.toml"', "ABI")

    def test_names_a_configuration_that_is_wrong(self):
        with Broker() as broker:
            broker.config.write_text("[lgo]\n")
            self.refused(broker, 3, f'{broker.config}:1:2: lgo: ', 'did you mean "log"?')

    def test_names_a_configuration_that_is_not_trusted(self):
        with Broker() as broker:
            broker.config.chmod(0o666)
            self.refused(broker, 1, "the configuration is not trusted")

    def test_names_folders_that_cannot_be_used(self):
        with Broker(as_nobody=True) as broker:
            broker.log = "/proc/usher"
            broker.write_config()
            (broker.root / "run").write_text("")
            os.chmod(broker.root, 0o755)
            said = self.refused(broker, 1, "cannot make '/proc/usher' in the directory '/proc'")
            self.assertEqual(said.count(f"{broker.root}/run"), 1, said)

    def test_names_what_is_in_the_sockets_way(self):
        with Broker() as broker:
            (broker.root / "run/control.sock").mkdir(parents=True)
            said = self.refused(broker, 1, "control.sock is in the way: it is no socket")
            self.assertEqual(broker.launch().process.wait(timeout=PATIENCE), 1)
            self.assertIn(said.removeprefix("usherd: ").strip(), broker.says())


class ACheckAndAStart(unittest.TestCase):
    """End alike where the broker cannot come up, and say the same."""

    def refused(self, broker, code, text):
        checked = check(broker)
        self.assertEqual((checked.returncode, checked.stdout), (code, ""), checked.stderr)
        self.assertIn(text, checked.stderr)
        self.assertEqual(broker.launch().process.wait(timeout=PATIENCE), code, broker.says())
        self.assertIn(text, broker.says())

    def test_name_a_mistake_inside_the_scenario(self):
        with Broker(scenario(then="idle")) as broker:
            self.refused(broker, 3, f'{broker.root}/scenario.toml:2:8: then: must be "stop" or "wait"')
            self.assertFalse(broker.segments())

    def test_name_a_recording_that_is_empty(self):
        with Broker() as broker:
            (broker.root / "empty").mkdir()
            broker.write_config(source='type = "replay"\nrecording = "empty"\n')
            self.refused(broker, 3, f"there is no event log in '{broker.root}/empty'")

    def test_name_a_recording_that_is_the_log_itself(self):
        with Broker() as broker:
            broker.log.mkdir()
            (broker.root / "alias").symlink_to(broker.log)
            broker.write_config(source='type = "replay"\nrecording = "alias"\n')
            self.refused(broker, 3, "the very log that this broker writes")

    def test_end_alike_where_the_scenario_or_the_recording_is_missing(self):
        for source in ('type = "simulated"\nscenario = "gone"\n', 'type = "replay"\nrecording = "gone"\n'):
            with Broker() as broker:
                broker.write_config(source=source)
                self.refused(broker, 3, f"{broker.root}/gone")

    def test_name_what_is_in_the_way_of_the_brokers_own_files(self):
        for own in ("state/lock", "log/writer.lock", "log/reserved"):
            with Broker() as broker:
                (broker.root / own).mkdir(parents=True)
                self.refused(broker, 1, f"{broker.root}/{own}'")
                self.assertRegex(broker.says(), "move (it|the directory) away")


class WhatIsSaid(unittest.TestCase):
    def says(self, redirection, *command):
        return subprocess.run(
            ["sh", "-c", f'exec "$@" {redirection}', "sh", *command],
            stderr=subprocess.PIPE, text=True, timeout=PATIENCE,
        )  # fmt: skip

    def test_is_a_failure_where_nobody_can_read_it(self):
        with Broker() as broker:
            broker.write_config()
            commands = [[USHERD, "--config", broker.config, "--check"]]
            commands += [[program, option] for program in (USHERD, USHERCTL) for option in ("--version", "--help")]
            for redirection, why in ((">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")):
                for command in commands:
                    ended = self.says(redirection, *command)
                    self.assertEqual(ended.returncode, 1, (command, redirection))
                    self.assertIn(f"cannot write the output: {why}", ended.stderr)
            for command in commands:
                self.assertEqual(self.says(">/dev/null", *command).returncode, 0)


class WhatAConfigurationNames(unittest.TestCase):
    def test_must_be_there_or_possible(self):
        with Broker() as broker:
            broker.write_config(source='type = "replay"\nrecording = "usher.toml"\n')
            checked = broker.ctl("check-config", broker.config)
            self.assertEqual(checked.returncode, 3)
            self.assertIn(f'source.recording: "{broker.config}" is not a folder', checked.stderr)
            path = "/run/" + "x" * 102
            for length, code in ((107, 0), (108, 3)):
                path = "/" + "x" * (length - 1)
                broker.config.write_text(f'[control]\nsocket = "{path}"\n')
                checked = broker.ctl("check-config", broker.config)
                self.assertEqual(checked.returncode, code, checked.stderr)
            self.assertIn(":2:10: control.socket: has 108 bytes", checked.stderr)


class ABrokerThatIsAskedToStopWhileItStarts(unittest.TestCase):
    def test_asks_the_plugin_that_is_busy_and_starts_no_other(self):
        with Broker() as broker:
            broker.write_config(misbehaving("init", "obey") + misbehaving("init", "obey", name="later"))
            broker.launch()
            eventually(lambda: broker.events("--type", "plugin.loaded"), "a plugin")
            self.assertEqual(broker.stop(), 0, broker.says())
            self.assertIn("somebody asked to stop while", broker.says())
            self.assertNotIn("it is not ready after", broker.says())
            self.assertEqual(broker.events()[-1]["type"], "broker.stopping", broker.says())

    def test_waits_for_no_source(self):
        with Broker() as broker:
            broker.write_config(source='type = "logind"\n')
            broker.environment = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={broker.root}/no-bus"}
            broker.launch()
            eventually(lambda: broker.events("--type", "broker.started"), "the start")
            self.assertEqual(broker.stop(), 0, broker.says())
            self.assertIn("somebody asked to stop while", broker.says())
            self.assertNotIn("has not said yet which sessions there are", broker.says())


class AMachineWithoutLogind(unittest.TestCase):
    def test_is_told_what_there_is_to_choose(self):
        with Broker() as broker:
            broker.write_config(source='type = "logind"\n')
            broker.environment = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={broker.root}/no-bus"}
            broker.launch()
            eventually(lambda: "no connection to the system bus" in broker.says(), "the reason")
            for choice in ("systemctl start systemd-logind", "elogind", 'type = "simulated" or "replay"'):
                self.assertIn(choice, broker.says())
            self.assertEqual(broker.wait_for_event("source.lost")["source"], "logind")
            self.assertEqual(broker.stop(), 0, broker.says())


class TheDiagnostics(unittest.TestCase):
    def says(self, stream):
        """What a broker says where JOURNAL_STREAM is this of a file's (device, inode)."""
        with Broker() as broker:
            broker.diagnostics.touch()
            info = broker.diagnostics.stat()
            broker.environment = {"JOURNAL_STREAM": stream(info.st_dev, info.st_ino)}
            broker.write_config(tables("no_entry"))
            broker.start()
            broker.stop()
            return [line for line in broker.says().splitlines() if "no-entry" in line]

    def test_have_a_level_for_the_journal_where_they_go_there(self):
        said = self.says(lambda device, inode: f"{device}:{inode}")
        self.assertTrue(said[0].startswith("<3>plugin no-entry"), said)

    def test_are_for_people_where_somebody_redirected_them(self):
        for stream in (lambda device, inode: f"{device}:{inode + 1}", lambda *_: "", lambda *_: "x"):
            said = self.says(stream)
            self.assertRegex(said[0], "^[0-9:.]+ error +plugin no-entry")


class Usherctl(unittest.TestCase):
    def test_takes_its_configuration_as_usherd_does(self):
        with Broker().start() as broker:
            for option in ("-c", "--config"):
                asked = [BUILD / "bin/usherctl", option, broker.config, "status"]
                subprocess.run(asked, check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE)


if __name__ == "__main__":
    unittest.main()
