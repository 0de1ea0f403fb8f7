"""The schema of stored events: what it accepts, what it refuses, and that it knows every type."""

import copy
import json
import re
import unittest

import jsonschema

from event_schema import SCHEMA, SOURCE, check, problems


def example():
    """The events of FORMAT.md's example."""
    page = (SOURCE / "broker/eventlog/FORMAT.md").read_text()
    return page.split("```json\n")[1].split("```")[0].strip().split("\n")


LOCKED = json.loads(example()[1])


def changed(**members):
    """The event of the example with other members; None takes one out."""
    event = copy.deepcopy(LOCKED)
    end = event.pop("sum")
    event.update(members)
    event.setdefault("sum", end)
    return json.dumps({name: value for name, value in event.items() if value is not None})


def session(**members):
    """The same with other members of its session."""
    value = dict(LOCKED["session"], **members)
    return changed(session={name: member for name, member in value.items() if member is not None})


class TheSchema(unittest.TestCase):
    def test_is_one(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_accepts_the_formats_example(self):
        self.assertEqual(check("\n".join(example()), "FORMAT.md"), [])
        self.assertEqual(len(example()), 3)

    def test_knows_every_type(self):
        source = (SOURCE / "broker/event/event_type.cc").read_text()
        table = source.split("kNames{", 1)[1].split("};", 1)[0]
        names = re.findall(r'"([a-z_.]+)"', table)
        self.assertGreater(len(names), 40)
        self.assertEqual(SCHEMA["$defs"]["type"]["enum"], names)

    def test_accepts_what_a_later_version_may_add(self):
        self.assertEqual(problems(changed(mood="calm", type="session.teleported")), [])
        self.assertEqual(problems(session(shoe=44)), [])
        self.assertEqual(problems(changed(type="org.example.Door_2.opened")), [])

    def test_refuses_what_is_no_event(self):
        bad = {
            "no object": "[]",
            "no JSON": "{",
            "no seq": changed(seq=None),
            "seq 0": changed(seq=0),
            "seq too large": changed(seq=2**64),
            "seq no integer": changed(seq=1.5),
            "no time": changed(time=None),
            "no microseconds": changed(time="2026-11-20T18:48:33Z"),
            "another zone": changed(time="2026-11-20T18:48:33.123456+01:00"),
            "month 13": changed(time="2026-13-20T18:48:33.123456Z"),
            "mono 0": changed(mono=0),
            "mono a text": changed(mono="5"),
            "no type": changed(type=None),
            "type empty": changed(type=""),
            "type without a dot": changed(type="locked"),
            "type with a space": changed(type="session. locked"),
            "no origin": changed(origin=None),
            "origin unknown": changed(origin="elsewhere"),
            "source empty": changed(source=""),
            "cause 0": changed(cause=0),
            "chain 9": changed(cause=1, chain=9),
            "chain without cause": changed(chain=1),
            "reason too long": changed(reason="x" * 16385),
            "session a text": changed(session="3"),
            "before a list": changed(before=[]),
            "state unknown": session(state="asleep"),
            "no state": session(state=None),
            "locked unknown": session(locked="maybe"),
            "locked a truth": session(locked=True),
            "active false": session(active=False),
            "user empty": session(user=""),
            "created a text": session(created_us="5"),
            "logon_time a number": session(logon_time=5),
            "details empty": changed(details={}),
            "details of numbers": changed(details={"code": 5}),
            "details a list": changed(details=["code"]),
            "no sum": changed(sum=None),
            "sum in capitals": changed(sum="B247498765FCFD49"),
            "log.gap without numbers": changed(type="log.gap", details={"from": "5"}),
            "log.gap with a word": changed(type="log.gap", details={"from": "five", "to": "6"}),
            "plugin.skipped without details": changed(type="plugin.skipped"),
        }
        for name, line in bad.items():
            self.assertNotEqual(problems(line), [], name)

    def test_refuses_members_in_another_order(self):
        moved = copy.deepcopy(LOCKED)
        moved["source"] = moved.pop("source")
        self.assertNotEqual(problems(json.dumps(moved)), [])
        moved = copy.deepcopy(LOCKED)
        moved["session"]["id"] = moved["session"].pop("id")
        self.assertNotEqual(problems(json.dumps(moved)), [])
        last = dict(LOCKED, mood="calm")
        self.assertNotEqual(problems(json.dumps(last)), [])


if __name__ == "__main__":
    unittest.main()
