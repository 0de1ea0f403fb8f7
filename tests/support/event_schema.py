"""Holds events of the log against broker/eventlog/event.schema.json.

    event_schema.py FILE…       lines of events; a segment's header is passed over

Needs python3-jsonschema. Says what is wrong with which line, and ends with 1.
"""

import json
import os
import pathlib
import sys

import jsonschema

SOURCE = pathlib.Path(os.environ.get("USHER_SOURCE", pathlib.Path(__file__).parents[2]))
SCHEMA = json.loads((SOURCE / "broker/eventlog/event.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SHOWN = 5


def members_out_of_order(value, schema):
    """The members that the schema knows, where they do not stand in its order."""
    known = [name for name in schema["properties"] if name in value]
    return [name for name in value if name in schema["properties"]] != known


def problems(line):
    """What is wrong with the line of an event; an empty list for a right one."""
    try:
        event = json.loads(line)
    except ValueError as error:
        return [f"not JSON: {error}"]
    found = [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(event)]
    if found:
        return found
    if members_out_of_order(event, SCHEMA) or list(event)[-1] != "sum":
        found.append("$: its members are not in their order")
    for name in ("session", "before"):
        if members_out_of_order(event.get(name, {}), SCHEMA["$defs"]["session"]):
            found.append(f"$.{name}: its members are not in their order")
    return found


def check(text, name):
    """Sentences about the lines of events that are not as the schema wants them."""
    return [
        f"{name}:{number}: {problem}\n    {line[:500]}"
        for number, line in enumerate(text.rstrip("\n").split("\n"), 1)
        if line and not (number == 1 and line.startswith('{"format":'))
        for problem in problems(line)
    ]


def main(files):
    found = []
    count = 0
    for file in files:
        text = pathlib.Path(file).read_text()
        count += text.count("\n")
        found += check(text, file)
    for problem in found[:SHOWN]:
        print(problem, file=sys.stderr)
    print(f"{count} lines, {len(found)} problems")
    return 1 if found or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
