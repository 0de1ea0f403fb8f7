"""Every plugin of tests/bad_plugins in a running broker: it goes on, and says who it was."""

import concurrent.futures
import json
import unittest

from broker import SOURCE, eventually, scenario
from crashes_test import BOOT, CrashingBroker
from plugins_test import DAY, rows, tables

# They fail, in one way or the other, but leave the process alone; what the plugin.failed says.
FAIL = {
    "fails": "the printer is on fire",
    "endless_error": "12345",
    "throws": "no snapshots, please",
    "create_throws": "nothing can be created today",
    "create_nothing": "without a text",
    "tiny_plugin": "says that its plugin has 4 bytes",
    "init_fails": "there is no licence on this machine",
    "wrong_abi": "was built for plugin ABI",
    "no_entry": "exports no usher_plugin_entry",
    "function_entry": "it must be a structure, not a function",
    "null_descriptor": "has no descriptor",
    "tiny_entry": "says that its entry has 4 bytes",
    "junk_strings": "that does not end within",
    "needs_more": "usher.time-travel/1",
    "undefined": "NobodyDefinesThis",
    "runpath_shared": "its RUNPATH has the folder '/tmp/somebodys'",
    "runpath_beside": "exports no usher_plugin_entry",
}

# The broker has nothing against them, or bears with them: nothing of it is at stake.
BORNE = {
    "floods": "its lines are its own, and cost their time on its own lane",
    "chatters": "standard output is nobody's here",
    "leaks": "a day leaks little; memory is bounded by the service manager",
    "leaks_itself": "as leaks",
    "other_thread": "what is called from the wrong thread answers with an error",
    "eager": "what is called from create() answers with an error",
    "mistyped": "it waits for an event that never comes",
    "few_types": "the types are those that it was built with",
    "few_sessions": "there are fewer than a hundred sessions",
    "only_forward": "no event comes again without a crash",
    "completes_badly": "completing what is not open answers with an error",
    "never_completes": "its cursor waits, and nobody else",
    "retries": "its cursor waits for a minute, and nobody else",
    "talks_on": "completing after the end answers with an error",
    "shares": "there is one instance of it",
    "one_for_all": "there is one instance of it",
    "writes": "what it writes to is the text of the one session, which it shows to itself",
    "keeps": "what it looks at is the memory that the next event was copied to",
    "stays": "the thread of its lane has ended before its library is unloaded",
    "exposed_1": "it exports too much, which would matter to another library of the same names only",
    "exposed_2": "as exposed_1",
    "hidden_1": "it is a good one",
    "hidden_2": "it is a good one",
    "own_events": "it is a good one",
    "pending": "it is a good one",
    "good": "",
}

# They take the process with them: in which call, and by what.
CALLS = ["create", "init", "on_snapshot", "on_event", "stop", "destroy"]
FAULTS = {"segfault": "SIGSEGV", "abort": "SIGABRT", "overflow": "SIGSEGV", "exit": "exit()"}
END = {f"{how}_in_{call}": (call, fault) for how, fault in FAULTS.items() for call in CALLS}
END |= {
    "recurses": ("on_event", "SIGSEGV"),
    "short_of_space": ("on_event", "SIGABRT"),
    "sure_of_log": ("init", "SIGSEGV"),
}

# They do not return: from which call.
HANG = {f"hang_in_{call}": call for call in CALLS} | {"stuck": "on_event", "waits": "init"}

# They leave a thread running.
LEAVE_THREAD = ["leaves_thread", "leaves_busy_thread", "early_thread"]

# What they do depends on their configuration, or a disk, or is seen by tests of the parts alone.
ELSEWHERE = {"acts", "does", "gated", "misbehaves", "extended", "launches", "runs", "sure_of_disk", "takes_over", "thread_elsewhere"}

# What the plugins are built from that are not named as their source is.
SHARED_SOURCES = {"ends", "generation", "thread_maker"}

HASTY = 'start_timeout = "200 ms"\nevent_timeout = "200 ms"\nstop_timeout = "200 ms"\n'


def named(name):
    return name.replace("_", "-")


def as_running(test, names, body):
    """body(name) for each, a few at a time, as each waits for processes most of its time."""
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        runs = {name: pool.submit(body, name) for name in names}
    for name, run in runs.items():
        with test.subTest(name):
            run.result()


class EachBadPluginInTheBroker(unittest.TestCase):
    def test_is_in_one_of_the_tables(self):
        known = [*FAIL, *BORNE, *END, *HANG, *LEAVE_THREAD, *ELSEWHERE]
        self.assertEqual(len(set(known)), len(known))
        sources = {path.stem for path in (SOURCE / "tests/bad_plugins").glob("*.c*")}
        self.assertEqual(sources - SHARED_SOURCES - set(known), set())

    def test_that_fails_is_named_and_the_others_go_on(self):
        with CrashingBroker() as broker:
            broker.write_config(tables(*FAIL, *BORNE))
            broker.start()
            last = broker.wait_for_event("session.unlocked", count=4)["seq"]
            eventually(lambda: rows(broker)["good"]["acknowledged"] >= last, "the good one to go on")

            def all_named():
                events = broker.events("--type", "plugin.failed")
                failed = {e["details"]["instance"]: e["details"] for e in reversed(events)}
                return failed if set(failed) >= {named(name) for name in FAIL} else None

            failed = eventually(all_named, "a plugin.failed of each")
            self.assertEqual(set(failed), {named(name) for name in FAIL})
            listed = rows(broker)
            for name, words in FAIL.items():
                self.assertIn(words, json.dumps(failed[named(name)], ensure_ascii=False))
                self.assertIn(listed[named(name)]["state"], ("failed", "quarantined"))
                self.assertTrue(listed[named(name)]["last_error"])
            for name in BORNE:
                self.assertEqual((listed[named(name)]["state"], listed[named(name)]["strikes"]), ("running", 0), name)
            self.assertEqual(broker.stop(), 0, broker.says())


class EachPluginThatEndsTheBroker(unittest.TestCase):
    def configure(self, broker, name):
        table = tables(name)
        if name == "sure_of_log":
            table += 'deny = ["usher.log/1"]\n'
        broker.write_config(table + tables("good"))

    def run_once(self, broker, name):
        """Runs the broker until it ends; or until it goes on without the plugin, then answers true."""
        user = "n" * 8192
        day = [{**DAY[0], "user": user}] if name == "short_of_space" else DAY
        broker.write_scenario(BOOT + scenario(*day))
        broker.launch()
        if END[name][0] in ("stop", "destroy"):
            eventually(broker.answers, "the broker to answer")
            if not broker.quarantined():
                self.assertNotEqual(broker.stop(), 0)
        eventually(lambda: broker.process.poll() is not None or broker.quarantined(), "its end")
        return broker.process.poll() is None

    def end_thrice(self, name):
        with CrashingBroker() as broker:
            self.configure(broker, name)
            for _ in range(3):
                self.assertFalse(self.run_once(broker, name), broker.says())
            self.assertTrue(self.run_once(broker, name), broker.says())
            eventually(broker.answers, "the broker to answer")
            self.assertEqual(broker.quarantined(), [named(name)])
            told = [(e["details"]["call"], e["details"]["fault"]) for e in broker.failures(named(name))]
            self.assertEqual(told, [END[name]] * 3)
            row = rows(broker)[named(name)]
            self.assertEqual((row["state"], row["strikes"]), ("quarantined", 3))
            self.assertIn(END[name][0], row["last_error"])
            self.assertEqual(rows(broker)["good"]["state"], "running")
            self.assertEqual(broker.failures("good"), [])

    def test_is_named_and_quarantined_in_the_end_and_the_others_go_on(self):
        as_running(self, END, self.end_thrice)


class EachPluginThatDoesNotReturn(unittest.TestCase):
    def configure(self, broker):
        tables_of_all = "".join(tables(name) + HASTY for name in HANG)
        broker.write_config(tables_of_all + tables("good"))
        broker.write_scenario(BOOT + scenario(*DAY))

    def abandoned(self, broker):
        events = broker.events("--type", "plugin.failed")
        left = [event["details"] for event in events if event.get("reason") == "abandoned"]
        return {(details["instance"], details["call"]) for details in left}

    def test_is_named_and_quarantined_in_the_end_and_the_others_go_on(self):
        everybody = {(named(name), call) for name, call in HANG.items()}
        at_the_end = {(name, call) for name, call in everybody if call in ("stop", "destroy")}
        with CrashingBroker() as broker:
            self.configure(broker)
            for _ in range(3):
                broker.write_scenario(BOOT + scenario(*DAY))
                broker.start()
                eventually(lambda: self.abandoned(broker) >= everybody - at_the_end, "all to be named")
                self.assertEqual(rows(broker)["good"]["state"], "running")
                self.assertEqual(broker.stop(), 1, "threads are still inside the plugins")
                self.assertGreaterEqual(self.abandoned(broker), at_the_end)
            broker.start()
            eventually(lambda: set(broker.quarantined()) == {named(name) for name in HANG}, "the quarantines")
            overdue = {e["details"]["instance"] for e in broker.events("--type", "plugin.overdue")}
            self.assertEqual(overdue, {named(name) for name in HANG})
            self.assertEqual(rows(broker)["good"]["state"], "running")
            self.assertEqual(broker.failures("good"), [])
            self.assertEqual(broker.stop(), 0)


class APluginThatTouchesTheProcess(unittest.TestCase):
    def run_a_day(self, broker, name):
        broker.write_config(tables(name, "good"))
        broker.start()
        last = broker.wait_for_event("session.unlocked", count=4)["seq"]
        eventually(lambda: rows(broker)["good"]["acknowledged"] >= last, "the good one to go on")

    def test_by_its_working_directory_and_its_signals_is_borne(self):
        with CrashingBroker() as broker:
            self.run_a_day(broker, "takes_over")
            self.assertEqual(broker.stop(), 0)


class APluginWhoseThreadsOutliveIt(unittest.TestCase):
    def run_until_a_session_was_seen(self, broker):
        broker.write_scenario(BOOT + scenario(*DAY))
        broker.start()
        last = broker.wait_for_event("session.unlocked", count=4)["seq"]
        eventually(lambda: rows(broker)["good"]["acknowledged"] >= last, "the good one to go on")

    def told(self, broker, name):
        strikes = [f["details"] for f in broker.failures(named(name)) if "strikes" in f["details"]]
        return [(strike["call"], strike["strikes"]) for strike in strikes]

    def end_thrice(self, name):
        with CrashingBroker() as broker:
            broker.write_config(tables(name, "good"))
            for end in range(3):
                self.run_until_a_session_was_seen(broker)
                self.assertEqual(broker.stop(), 1, "its threads are left behind")
                self.assertIn("plugin good: destroy", broker.says())
                self.assertEqual(self.told(broker, name), [("unload", str(n + 1)) for n in range(end + 1)])
            self.run_until_a_session_was_seen(broker)
            self.assertEqual(broker.events("--type", "broker.started")[-1]["details"]["clean"], "yes")
            self.assertEqual(broker.quarantined(), [named(name)])
            self.assertIn("it left a thread running", rows(broker)[named(name)]["last_error"])
            self.assertEqual(broker.failures("good"), [])
            self.assertEqual(broker.stop(), 0)

    def test_is_named_and_quarantined_in_the_end_and_the_others_go_on(self):
        for name in LEAVE_THREAD:
            with self.subTest(name):
                self.end_thrice(name)

    def test_may_be_disabled_and_reloaded(self):
        with CrashingBroker() as broker:
            broker.write_config(tables("leaves_thread", "good"))
            self.run_until_a_session_was_seen(broker)
            for command in ("disable", "enable", "reload", "reload"):
                broker.ctl("plugins", command, "leaves-thread")
            self.assertEqual(self.told(broker, "leaves_thread"), [("unload", str(n)) for n in (1, 2, 3)])
            self.assertEqual(rows(broker)["leaves-thread"]["state"], "quarantined")
            self.assertEqual(rows(broker)["good"]["state"], "running")
            self.assertEqual(broker.stop(), 1)


if __name__ == "__main__":
    unittest.main()
