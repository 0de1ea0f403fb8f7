"""usher-check, as an author meets it: what it says of plugins that are bad in one way each, and of good ones."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import jsonschema

BUILD = pathlib.Path(os.environ["USHER_BUILD"])
SCHEMA = json.loads((pathlib.Path(os.environ["USHER_SOURCE"]) / "sdk/check/report.schema.json").read_text())
CHECKER = BUILD / "bin/usher-check"
BAD = BUILD / "tests/plugins"
OURS = BUILD / "lib/usher/plugins"

# Only a broken test waits this long.
PATIENCE = 240

# A quick run: the checks are the same, their figures smaller.
QUICK = ["--events", "2000", "--fuzz-runs", "2", "--seed", "7"]

# Plugin: the check that it fails, and what that says.
FAILS = {
    "no_entry": ("entry", "exports no usher_plugin_entry"),
    "function_entry": ("entry", "as a function"),
    "exposed_1": ("exports", "besides usher_plugin_entry"),
    "undefined": ("load", "NobodyDefinesThis"),
    "wrong_abi": ("abi", "was built for plugin ABI"),
    "early_thread": ("load", "starts 1 threads when it is loaded"),
    "tiny_entry": ("abi", "says that its entry has 4 bytes"),
    "null_descriptor": ("descriptor", "has no descriptor"),
    "junk_strings": ("descriptor", "that does not end within"),
    "needs_more": ("descriptor", "usher.time-travel/1"),
    "create_nothing": ("create", "without a text"),
    "create_throws": ("create", "threw an exception"),
    "tiny_plugin": ("create", "says that its plugin has 4 bytes"),
    "eager": ("create", "calls the host while create()"),
    "one_for_all": ("create", "the same instance twice"),
    "init_fails": ("lifecycle", "there is no licence on this machine"),
    "throws": ("lifecycle", "no snapshots, please"),
    "few_sessions": ("snapshot", "more than a hundred sessions"),
    "fails": ("events", "the printer is on fire"),
    "endless_error": ("events", "on_event() answered 12345"),
    "recurses": ("events", "SIGSEGV"),
    "completes_badly": ("answers", "called complete() for event 2, which was not open"),
    "shares": ("instances", "whose event is this?"),
    "sure_of_log": ("extensions", "crashes in init()"),
    "short_of_space": ("strings", "SIGABRT"),
    "few_types": ("unknown", "SIGABRT"),
    "only_forward": ("redelivery", "an event twice"),
    "writes": ("const", "writes to the memory of an event"),
    "keeps": ("copies", "when the call that it came with has returned"),
    "talks_on": ("stop", "after stop() had returned"),
    "leaves_thread": ("threads", "leaves 1 thread running after destroy()"),
    "other_thread": ("threads", "[plugin-thread] from another thread"),
    "stays": ("unload", "crashes when its library is unloaded"),
    "takes_over": ("process", "changes the working directory"),
    "sure_of_disk": ("storage", "SIGABRT"),
    "floods": ("log", "writes 100 lines"),
    "leaks": ("memory", "each event leaves"),
    "leaks_itself": ("memory", "each instance leaves"),
}

# Those that have to be waited for.
WAITS = {
    "never_completes": ("answers", "has not completed it for"),
    "retries": ("answers", "with USHER_RETRY for"),
    "stuck": ("events", "has not returned from on_event() with event 1 session.created"),
    "waits": ("lifecycle", "has not returned from init()"),
}

WARNS = {
    "mistyped": ("descriptor", "session.logn", "did you mean 'session.logon'?"),
    "chatters": ("process", "hello, world", "log"),
}

# What is done in a call: how that is told, and the check that sees it.
WAYS = {
    "segfault": "crashes in {}",
    "abort": "crashes in {}",
    "overflow": "crashes in {}",
    "exit": "ends the whole process in {}",
    "hang": "has not returned from {}",
}
CALLS = {
    "create": "create",
    "init": "lifecycle",
    "on_snapshot": "lifecycle",
    "on_event": "events",
    "stop": "lifecycle",
    "destroy": "lifecycle",
}


class CheckedPlugin(unittest.TestCase):
    """A folder with copies of plugins that belong to whoever runs the test."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="usher-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def install(self, name, source=BAD):
        path = self.folder / f"{name}.so"
        shutil.copyfile(source / f"{name}.so", path)
        path.chmod(0o755)
        return path

    def configure(self, **keys):
        path = self.folder / "usher.toml"
        lines = [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
        path.write_text("\n".join(['[plugins.one]\nlibrary = "one"\n[plugins.one.config]', *lines, ""]))
        return ["--config", path]

    def run_checker(self, *arguments, **how):
        return subprocess.run(
            [CHECKER, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE, **how
        )

    def report(self, plugin, *arguments, code=None):
        done = self.run_checker(plugin, "--json", *QUICK, *arguments)
        if code is not None:
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        self.assert_as_described(report)
        return report

    def assert_as_described(self, report):
        """That the schema has all that there is, and has it right."""
        jsonschema.validate(report, SCHEMA, jsonschema.Draft202012Validator)
        self.assertEqual(list(report), list(SCHEMA["properties"]))
        for check in report["checks"]:
            self.assertEqual(list(check), list(SCHEMA["$defs"]["check"]["properties"]))
            for finding in check["findings"]:
                self.assertEqual(list(finding), list(SCHEMA["$defs"]["finding"]["properties"]))

    def assert_fails(self, report, check, words):
        """That check fails, and no other; each finding says what to do."""
        failed = {c["name"]: c["findings"] for c in report["checks"] if c["verdict"] == "fail"}
        self.assertEqual(list(failed), [check], failed)
        texts = " ".join(finding["text"] for finding in failed[check])
        self.assertIn(words, texts)
        for finding in failed[check]:
            self.assertTrue(finding["change"] or check == "file", finding)
            self.assertTrue(finding["read"], finding)

    def assert_passes(self, plugin, *arguments):
        report = self.report(plugin, *arguments, code=0)
        verdicts = {check["verdict"] for check in report["checks"]}
        self.assertEqual(verdicts, {"pass"}, [c for c in report["checks"] if c["verdict"] != "pass"])
        self.assertGreater(len(report["checks"]), 25)


class APluginThatIsBadInOneWay(CheckedPlugin):
    def test_fails_the_check_that_is_meant_for_it_and_no_other(self):
        for name, (check, words) in FAILS.items():
            with self.subTest(name):
                self.assert_fails(self.report(self.install(name), code=1), check, words)

    def test_is_warned_where_that_may_be_meant(self):
        for name, (check, words, change) in WARNS.items():
            with self.subTest(name):
                report = self.report(self.install(name), code=0)
                warned = {c["name"]: c["findings"] for c in report["checks"] if c["verdict"] == "warn"}
                self.assertEqual(list(warned), [check])
                self.assertIn(words, warned[check][0]["text"])
                self.assertIn(change, warned[check][0]["change"])

    def test_is_told_what_is_usual_where_only_one_check_fails(self):
        for name, check, words in (
            ("shares", "instances", "not in variables that all instances share"),
            ("short_of_space", "strings", "bound what you copy; see the line with: gdb"),
            ("sure_of_log", "extensions", "may answer NULL"),
            ("only_forward", "redelivery", "flagged REDELIVERED"),
            ("sure_of_disk", "storage", "say so in the log and go on"),
        ):
            with self.subTest(name):
                report = self.report(self.install(name), "--check", check, code=1)
                self.assertIn(words, report["checks"][-1]["findings"][0]["change"])

    def test_is_no_library_at_all(self):
        path = self.folder / "text.so"
        path.write_text("not a library\n")
        self.assert_fails(self.report(path, code=1), "file", "is not a shared library")


class APluginThatKeepsOneWaiting(CheckedPlugin):
    def test_fails_the_check_that_is_meant_for_it_and_no_other(self):
        for name, (check, words) in WAITS.items():
            with self.subTest(name):
                report = self.report(self.install(name), "--time-limit", "3", code=1)
                self.assert_fails(report, check, words)


class APluginThatEndsInOneOfItsCalls(CheckedPlugin):
    def test_is_told_which_call_it_was(self):
        for how, words in WAYS.items():
            for call, check in CALLS.items():
                with self.subTest(how=how, call=call):
                    limit = ["--time-limit", "2" if how == "hang" else "30"]
                    plugin = self.install(f"{how}_in_{call}")
                    report = self.report(plugin, *limit, "--check", "events", code=1)
                    self.assert_fails(report, check, words.format(call))
                    changes = [f["change"] for c in report["checks"] for f in c["findings"]]
                    pending = how == "hang" and call == "on_event"
                    self.assertEqual("USHER_PENDING" in changes[0], pending, changes)


class AGoodPlugin(CheckedPlugin):
    def test_passes_all_checks(self):
        for name in ["good", "hidden_1", "own_events"]:
            with self.subTest(name):
                self.assert_passes(self.install(name))

    def test_of_an_older_version_passes(self):
        self.report(self.install("old_0_2"), code=0)

    def test_that_does_nothing_passes(self):
        self.assert_passes(self.install("null", OURS))

    def test_that_keeps_a_file_passes_with_its_configuration(self):
        config = self.configure(file=str(self.folder / "presence.json"))
        self.assert_passes(self.install("presence", OURS), *config)

    def test_that_runs_programs_passes_with_its_configuration(self):
        hook = '{on = ["*"], program = "/bin/true"}, {on = ["session.*"], shell = true, program = "exit"}'
        path = self.folder / "hooks.toml"
        path.write_text(f'[plugins.one]\nlibrary = "one"\n[plugins.one.config]\nhook = [{hook}]\n')
        self.assert_passes(self.install("hooks", OURS), "--config", path)

    def test_that_launches_agents_passes_with_its_configuration(self):
        path = self.folder / "agents.toml"
        path.write_text(
            '[plugins.one]\nlibrary = "one"\n'
            '[plugins.one.launch]\nprograms = ["/bin/true"]\ntokens = ["user"]\nclasses = ["user"]\n'
            '[[plugins.one.config.agent]]\nname = "tray"\nprogram = "/bin/true"\n'
        )
        self.assert_passes(self.install("agents", OURS), "--config", path)

    def test_says_without_its_configuration_that_it_needs_one(self):
        report = self.report(self.install("presence", OURS), code=1)
        self.assert_fails(report, "lifecycle", 'configuration key "file"')
        findings = [f for check in report["checks"] for f in check["findings"]]
        self.assertIn("--config", findings[0]["change"])


class TheCommand(CheckedPlugin):
    def test_lists_its_checks(self):
        done = self.run_checker("--list")
        self.assertEqual(done.returncode, 0)
        names = [line.split()[0] for line in done.stdout.splitlines()]
        self.assertEqual(names[:2], ["file", "entry"])
        self.assertEqual(names[-1], "fuzz")

    def test_runs_only_the_checks_that_are_asked_for_and_what_they_need(self):
        report = self.report(self.install("good"), "--check", "create", "--check", "exports", code=0)
        names = [check["name"] for check in report["checks"]]
        self.assertEqual(names, ["file", "entry", "exports", "load", "abi", "descriptor", "create"])

    def test_knows_its_checks_by_name(self):
        done = self.run_checker(self.install("good"), "--check", "everything")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--list", done.stderr)

    def test_wants_a_plugin(self):
        self.assertEqual(self.run_checker().returncode, 2)

    def test_tells_what_is_wrong_in_the_configuration(self):
        path = self.folder / "bad.toml"
        path.write_text("[plugins.one]\nlibary = 'x'\n")
        done = self.run_checker(self.install("good"), "--config", path)
        self.assertEqual(done.returncode, 3)
        self.assertIn("bad.toml:2", done.stderr)

    def test_repeats_a_stream_by_its_seed(self):
        plugin = self.install("only_forward")
        done = [self.run_checker(plugin, "--here", "--check", "fuzz", "--seed", seed, "--fuzz-runs", 1).stdout
                for seed in (3, 3, 4)]
        self.assertEqual(done[0], done[1])
        self.assertNotEqual(done[0], done[2])

    def test_prints_the_seed_and_takes_it_back(self):
        report = self.report(self.install("good"), "--check", "fuzz", code=0)
        self.assertEqual(report["seed"], 7)
        done = self.run_checker(self.install("good"), "--reproduce", 12345)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("1 streams of 400 events, seeds 12345 to 12345", done.stdout)

    def test_writes_sentences_without_colours_where_nobody_sees_them(self):
        done = self.run_checker(self.install("fails"), *QUICK)
        self.assertIn("fail    events", done.stdout)
        self.assertIn("Change:", done.stdout)
        self.assertNotIn("\x1b", done.stdout)

    def test_runs_a_check_in_its_own_process_for_a_debugger(self):
        done = self.run_checker(self.install("fails"), "--here", "--check", "events")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the printer is on fire", done.stdout)

    def test_leaves_nothing_behind(self):
        temporary = self.folder / "tmp"
        temporary.mkdir()
        environment = {**os.environ, "TMPDIR": str(temporary)}
        for name in ["good", "recurses"]:
            self.run_checker(self.install(name), "--check", "events", env=environment)
        self.assertEqual(list(temporary.iterdir()), [])


class AFileThatOthersCanChange(CheckedPlugin):
    def test_is_refused_by_root_and_a_warning_to_others(self):
        plugin = self.install("good")
        plugin.chmod(0o777)
        done = self.run_checker(plugin, "--check", "create", "--json")
        if os.geteuid() == 0:
            self.assertEqual(done.returncode, 5)
            self.assertIn("chmod go-w", done.stderr)
            self.folder.chmod(0o755)
            done = self.run_checker(plugin, "--check", "create", "--json", user=65534, group=65534,
                                    extra_groups=[])
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(report["checks"][0]["verdict"], "warn")
        self.assertEqual(report["checks"][-1]["verdict"], "pass")


if __name__ == "__main__":
    unittest.main()
