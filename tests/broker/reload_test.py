"""What a reload of the configuration does to a broker that runs."""

import json
import signal
import subprocess
import time
import unittest

from broker import BUILD, PATIENCE, USHERCTL, Broker, eventually, scenario
from plugins_test import BAD, DAY, rows

WEEK = 7 * 86400


def table(name, library="good", keys=""):
    library = library if library == "null" else f"{BAD}/{library}.so"
    return f'[plugins.{name}]\nlibrary = "{library}"\n{keys}\n'


class ReloadedBroker(Broker):
    def __init__(self, *tables, steps=DAY, **options):
        super().__init__(scenario(*steps), plugins="".join(tables), **options)
        self.client = self.root / "client.toml"
        self.client.write_text(self.config.read_text())
        self.start()

    def ctl(self, *arguments):
        """Who asks knows where the broker listens, whatever becomes of its configuration."""
        own, self.config = self.config, self.client
        try:
            return super().ctl(*arguments)
        finally:
            self.config = own

    def configure(self, *tables, extra=""):
        self.write_config("".join(tables), extra)

    def reload(self, *tables, extra=""):
        """What `usherctl reload` says to these tables."""
        self.configure(*tables, extra=extra)
        return self.ctl("reload", "--json")

    def said(self, instance):
        """What an instance said, in order, what it said of events left out."""
        lines = [line.split(f"plugin {instance}: ", 1) for line in self.says().splitlines()]
        return [line[1] for line in lines if len(line) == 2 and not line[1].startswith("event ")]

    def seen(self, instance):
        """The numbers of the events that an instance said it got, in order."""
        mark = f"plugin {instance}: event "
        return [int(line.split(mark)[1].split()[0]) for line in self.says().splitlines() if mark in line]

    def caught_up(self):
        self.wait_for_event("session.unlocked", count=4)
        eventually(lambda: all(row["lag"] == 0 for row in rows(self).values()), "everybody to catch up")


class AReload(unittest.TestCase):
    def test_starts_what_is_new_stops_what_is_gone_and_leaves_the_rest_alone(self):
        with ReloadedBroker(table("stays"), table("goes"), table("changes")) as broker:
            broker.caught_up()
            done = broker.reload(table("comes"), table("changes", keys='event_timeout = "9 s"'), table("stays"))
            self.assertEqual(done.returncode, 0, done.stderr)
            answer = json.loads(done.stdout)
            self.assertEqual(
                answer,
                {"errors": [], "started": ["comes"], "restarted": ["changes"], "stopped": ["goes"],
                 "failed": [], "needs_restart": []},
            )  # fmt: skip
            states = {name: row["state"] for name, row in rows(broker).items()}
            self.assertEqual(states, {"comes": "running", "changes": "running", "stays": "running"})
            self.assertEqual(list(states), ["comes", "changes", "stays"])
            self.assertEqual([line for line in broker.said("stays") if line in ("init", "stop")], ["init"])
            self.assertEqual(broker.said("goes")[-1], "destroy")
            inits = [line for line in broker.said("changes") if line in ("init", "stop", "destroy")]
            self.assertEqual(inits, ["init", "stop", "destroy", "init"])
            details = broker.wait_for_event("config.reloaded")["details"]
            self.assertEqual(details["file"], str(broker.config))
            self.assertEqual((details["started"], details["restarted"], details["stopped"]),
                             ("comes", "changes", "goes"))  # fmt: skip
            request = broker.wait_for_event("control.request")["details"]
            self.assertEqual((request["method"], request["result"]), ("reload", "done"))
            again = json.loads(broker.ctl("reload", "--json").stdout)
            self.assertEqual([again["started"], again["restarted"], again["stopped"]], [[], [], []])
            shown = broker.ctl("reload")
            self.assertEqual((shown.returncode, shown.stdout), (0, "the configuration is reloaded\n"))
            self.assertEqual(broker.stop(), 0, broker.says())

    def test_of_a_changed_instance_loses_and_repeats_no_event(self):
        steps = DAY[:1] + [{"after": "1 ms", "do": v, "session": "alice"} for v in ["lock", "unlock"] * 300]
        with ReloadedBroker(table("it"), steps=steps) as broker:
            for timeout in range(5, 11):
                done = broker.reload(table("it", keys=f'event_timeout = "{timeout} s"'))
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(json.loads(done.stdout)["restarted"], ["it"])
            broker.wait_for_event("session.unlocked", count=300)
            eventually(lambda: rows(broker)["it"]["lag"] == 0, "the instance to catch up")
            seen = broker.seen("it")
            wanted = [e["seq"] for e in broker.events() if e["type"].startswith("session.")]
            wanted = [seq for seq in wanted if seq >= seen[0]]
            self.assertEqual([seq for seq in seen if seq in set(wanted)], wanted)
            self.assertEqual(len(seen), len(set(seen)), "an event came twice")

    def test_is_what_SIGHUP_asks_for(self):
        with ReloadedBroker(table("one")) as broker:
            broker.configure(table("one"), table("two"))
            broker.process.send_signal(signal.SIGHUP)
            self.assertEqual(broker.wait_for_event("config.reloaded")["details"]["started"], "two")
            self.assertEqual(rows(broker)["two"]["state"], "running")
            text = broker.config.read_text()
            broker.config.write_text("nonsense\n")
            broker.process.send_signal(signal.SIGHUP)
            eventually(lambda: "not reloaded, nothing was changed" in broker.says(), "the refusal")
            broker.config.write_text(text)
            self.assertIn("usher.toml:1:", broker.wait_for_event("config.rejected")["details"]["error"])
            self.assertEqual(rows(broker).keys(), {"one", "two"})
            self.assertEqual(broker.stop(), 0, broker.says())

    def test_that_brings_an_instance_that_fails_says_so_and_rolls_nothing_back(self):
        with ReloadedBroker(table("good"), table("it")) as broker:
            broker.configure(table("good"), table("it", "init_fails"), table("new"))
            done = broker.ctl("reload")
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn("started    new", done.stdout)
            self.assertIn("usherctl: it: ", done.stderr)
            self.assertEqual(rows(broker)["it"]["state"], "failed")
            self.assertEqual(rows(broker)["new"]["state"], "running")
            self.assertEqual(broker.wait_for_event("plugin.failed")["details"]["instance"], "it")
            self.assertEqual(broker.wait_for_event("config.reloaded")["details"]["failed"], "it")
            self.assertEqual(broker.reload(table("good"), table("it")).returncode, 0)
            self.assertEqual(rows(broker)["it"]["state"], "running")

    def test_names_what_needs_a_restart_and_applies_the_rest(self):
        with ReloadedBroker(table("it")) as broker:
            text = broker.config.read_text()
            text = text.replace("[control]\n", "[control]\nallow_emit = true\n").replace("/run/control", "/run/other")
            broker.config.write_text(text + table("new"))
            done = broker.ctl("reload")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("takes a restart of usherd: control.socket\n", done.stdout)
            self.assertIn("started    new\n", done.stdout)
            self.assertIn("changes of control.socket take effect once usherd is restarted", broker.says())
            self.assertEqual(broker.ctl("emit", "session.locked").returncode, 0)
            again = json.loads(broker.ctl("reload", "--json").stdout)
            self.assertEqual(again["needs_restart"], ["control.socket"], "still")
            self.assertEqual(broker.wait_for_event("config.reloaded")["details"]["needs_restart"],
                             "control.socket")  # fmt: skip

    def test_waits_for_the_one_before_it(self):
        with ReloadedBroker(table("it")) as broker:
            broker.configure(table("it"), table("slow", "hang_in_check_config"))
            asked = [
                subprocess.Popen([USHERCTL, "--config", broker.config, "reload"], stderr=subprocess.PIPE, text=True)
                for _ in range(2)
            ]
            ended = lambda: sum(each.poll() is not None for each in asked)
            eventually(ended, "one to end")
            first = time.monotonic()
            eventually(lambda: ended() == 2, "both to end")
            self.assertGreater(time.monotonic() - first, 1.0, "each check takes seconds")
            for each in asked:
                self.assertEqual(each.wait(timeout=PATIENCE), 1)
                self.assertIn("plugins.slow", each.stderr.read())
                each.stderr.close()
            self.assertEqual(len(broker.events("--type", "config.rejected")), 2)

    def test_holds_up_no_stop(self):
        with ReloadedBroker(table("it")) as broker:
            broker.configure(table("it"), table("slow", "hang_in_check_config"))
            broker.process.send_signal(signal.SIGHUP)
            children = ["pgrep", "-P", str(broker.process.pid)]
            eventually(lambda: subprocess.run(children, stdout=subprocess.DEVNULL).returncode == 0, "the check")
            self.assertEqual(broker.stop(), 0, broker.says())
            self.assertIn("was not tried to the end, as the broker stops", broker.says())


class AReloadWhilePluginsHang(unittest.TestCase):
    def test_is_bounded_and_has_its_way(self):
        hanging = table("it", "hang_in_stop", 'stop_timeout = "100 ms"\n')
        with ReloadedBroker(hanging, table("other")) as broker:
            done = broker.reload(table("it"), table("other"))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(json.loads(done.stdout)["restarted"], ["it"])
            self.assertEqual(broker.wait_for_event("plugin.overdue")["details"]["call"], "stop")
            broker.caught_up()
            self.assertEqual({row["state"] for row in rows(broker).values()}, {"running"})
            self.assertEqual(broker.stop(), 1, "a thread is still inside the first")

    def test_takes_away_who_hangs(self):
        with ReloadedBroker(table("it", "hang_in_stop", 'stop_timeout = "100 ms"\n')) as broker:
            self.assertEqual(broker.reload().returncode, 0)
            self.assertEqual(rows(broker), {})
            self.assertEqual(broker.stop(), 1)


class ARejectedConfiguration(unittest.TestCase):
    def rejected(self, broker, said):
        """A reload that is refused changes nothing and says why, to who asks and in the log."""
        before = rows(broker)
        inits = broker.said("it")
        count = len(broker.events("--type", "config.rejected"))
        done = broker.ctl("reload")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(said, done.stderr)
        self.assertIn("not reloaded, nothing was changed", done.stderr)
        event = broker.wait_for_event("config.rejected", count=count + 1)
        self.assertIn(event["details"]["error"].splitlines()[0], done.stderr)
        self.assertEqual(broker.said("it"), inits)
        self.assertEqual(rows(broker).keys(), before.keys())
        return event

    def test_changes_nothing_and_is_named_with_file_line_and_column(self):
        with ReloadedBroker(table("it")) as broker:
            broker.caught_up()
            for tables, said in (
                ("[plugins.it]\nlibrary = \"x\"\nlibary = 1\n", "libary"),
                ("[plugins.it\n", "usher.toml:"),
                (table("it") + table("new", "gone"), "gone.so"),
                (table("it") + table("new", "null", "config.save_every = 0"), "must be 1 or more"),
                (table("it") + table("new", "null", "config.save_evry = 1"), "save_evry"),
                (table("it") + table("new", "segfault_in_check_config"), "SIGSEGV"),
                (table("it") + table("new", "hang_in_check_config"), "too long"),
                (table("new", "wrong_abi"), "ABI"),
            ):
                with self.subTest(said):
                    broker.configure(tables, table("added"))
                    event = self.rejected(broker, said)
                    place = event["details"]["error"].split(":")
                    self.assertEqual(place[0], str(broker.config))
                    self.assertGreater(int(place[1]), 10)
                    self.assertGreater(int(place[2]), 0)
            broker.configure(table("it"))
            self.assertEqual(broker.ctl("reload").returncode, 0)
            self.assertNotIn("init", broker.said("it")[2:])

    def test_may_be_one_that_others_can_write_or_that_is_gone(self):
        with ReloadedBroker(table("it")) as broker:
            copy = broker.config.rename(broker.root / "copy.toml")
            done = broker.ctl("reload")
            self.assertEqual(done.returncode, 1)
            self.assertIn("usher.toml", done.stderr)
            copy.rename(broker.config)
            broker.config.chmod(0o666)
            self.rejected(broker, "not trusted")
            broker.config.chmod(0o644)
            self.assertEqual(broker.ctl("reload").returncode, 0)

    def test_is_told_of_by_the_broker_also_to_who_reads_the_same_file(self):
        with ReloadedBroker(table("it")) as broker:
            broker.configure(table("it", keys="one = 1"))
            done = Broker.ctl(broker, "reload")
            self.assertEqual(done.returncode, 1)
            broker.wait_for_event("config.rejected")
            broker.stop()
            done = Broker.ctl(broker, "reload")
            self.assertEqual(done.returncode, 3)
            self.assertIn("plugins.it.one", done.stderr)

    def test_names_all_errors_at_once(self):
        with ReloadedBroker(table("it")) as broker:
            done = broker.reload(table("it", keys="one = 1"), table("b", keys="two = 2"))
            self.assertEqual(done.returncode, 1)
            self.assertEqual(len(json.loads(done.stdout)["errors"]), 2)
            self.assertEqual(broker.wait_for_event("config.rejected")["details"]["count"], "2")


class ARemovedInstance(unittest.TestCase):
    def test_goes_on_where_it_was_when_it_comes_back(self):
        # Each start of a simulation is a boot of its own.
        it = table("it", keys='replay_max_age = "unlimited"')
        with ReloadedBroker(it) as broker:
            broker.caught_up()
            last = broker.seen("it")[-1]
            self.assertEqual(broker.reload().returncode, 0)
            self.assertEqual(broker.stop(), 0)
            broker.start()
            broker.wait_for_event("session.unlocked", count=8)
            self.assertEqual(broker.reload(it).returncode, 0)
            eventually(lambda: rows(broker)["it"]["lag"] == 0, "the instance to catch up")
            wanted = [e["seq"] for e in broker.events() if e["seq"] > last and "session" in e["type"]]
            seen = broker.seen("it")
            self.assertEqual([seq for seq in seen if seq in wanted], wanted)
            self.assertEqual(len(seen), len(set(seen)), "an event came twice")
            skipped = broker.events("--type", "plugin.skipped")
            self.assertEqual([e["details"]["reason"] for e in skipped], ["new"])

    def test_loses_its_place_after_seven_days(self):
        with ReloadedBroker(table("it"), steps=DAY) as broker:
            broker.caught_up()
            self.assertEqual(broker.reload().returncode, 0)
            known = broker.root / "state/instances"
            name, _ = known.read_text().split()
            self.assertEqual(name, "it")
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(time.time() - WEEK - 60))
            known.write_text(f"it {stamp}\n")
            cursor = broker.root / "state/cursors/it"
            self.assertTrue(cursor.exists())
            self.assertEqual(broker.ctl("reload").returncode, 0)
            self.assertFalse(cursor.exists())


if __name__ == "__main__":
    unittest.main()
