"""What was seen of a log and of its readers, and what must hold of it."""

import json
import re

REDELIVERED, UNLOGGED = 2, 4
LINE = re.compile(rb'\{"seq":(\d+),.*,"sum":"[0-9a-f]{16}"\}')


class Broken(AssertionError):
    """A promise that was broken."""


class Ledger:
    """Every event that anybody ever saw, by its number: never two under one."""

    def __init__(self):
        self.lines = {}
        self.gone = set()  # Not in the log any more, as the power was lost before they were synced.

    def see(self, line, where):
        match = LINE.fullmatch(line)
        if not match:
            raise Broken(f"{where}: not an event: {line[:200]}")
        seq = int(match[1])
        known = self.lines.setdefault(seq, line)
        if known != line:
            raise Broken(f"{where}: the number {seq} has two contents:\n{known}\n{line}")
        return seq

    def see_log(self, lines, where):
        """The whole log as a reader shows it; answers the numbers."""
        seqs = [self.see(line, where) for line in lines]
        check_rising(seqs, where)
        return seqs

    def see_segments(self, paths, where):
        """Whole lines of the files, leftovers included."""
        for path in paths:
            for line in path.read_bytes().split(b"\n")[1:-1]:
                if LINE.fullmatch(line):
                    self.see(line, f"{where}: {path.name}")

    def lose_all_but(self, seqs):
        """The log lost what stood behind the last sync."""
        first = seqs[0] if seqs else 0
        self.gone |= {seq for seq in self.lines if seq > first} - set(seqs)

    def surviving(self):
        """Every event that the log has or had before retention removed it, decoded, in order."""
        return [json.loads(self.lines[seq]) for seq in sorted(self.lines.keys() - self.gone)]


def check_rising(seqs, where):
    for before, after in zip(seqs, seqs[1:]):
        if after <= before:
            raise Broken(f"{where}: {after} comes behind {before}")


def steps_of_sessions(events):
    """What happened to each session, by its key."""
    steps = {}
    for event in events:
        session = event.get("session") or event.get("before")
        if event["type"].startswith("session.") and session:
            steps.setdefault(session["key"], []).append(event["type"].removeprefix("session."))
    return steps


def check_ends(events, living):
    """Of every session but those with the keys in `living` the end was told."""
    for key, names in steps_of_sessions(events).items():
        if "destroyed" not in names and key not in living:
            raise Broken(f"session {key} is gone, but nobody was told: {names}")


def check_sessions(events):
    """A session begins once, ends once, and does not go on behind its end."""
    for key, names in steps_of_sessions(events).items():
        for once in ("created", "logon", "logoff", "destroyed"):
            if names.count(once) > 1:
                raise Broken(f"session {key}: {once} {names.count(once)} times: {names}")
        if "destroyed" in names and names[-1] != "destroyed":
            raise Broken(f"session {key} goes on behind its end: {names}")


class Recording:
    """What one instance of the recorder wrote down."""

    def __init__(self, instance, path):
        self.instance = instance
        self.path = path
        self.delivered = set()
        self._read = 0
        self._last = 0

    def take(self, ledger):
        """Reads on; answers the numbers that were delivered as logged. The recorder is ended."""
        if not self.path.exists():
            return []
        text = self.path.read_bytes()
        whole = text.rfind(b"\n") + 1
        if whole < len(text):  # A write that the kill cut short.
            with open(self.path, "r+b") as file:
                file.truncate(whole)
        lines = text[self._read : whole].splitlines()
        self._read = whole
        taken = [self._take_line(line, ledger) for line in lines]
        return [seq for seq in taken if seq]

    def _take_line(self, line, ledger):
        if line == b"init":
            self._last = 0
        if not line.startswith(b"event "):
            return None
        _, seq, flags, stored = line.split(b" ", 3)
        seq, flags = int(seq), int(flags)
        where = f"instance {self.instance}"
        ledger.see(stored, where)
        if seq <= self._last:
            raise Broken(f"{where}: {seq} was delivered behind {self._last}")
        self._last = seq
        if seq in self.delivered and not flags & REDELIVERED:
            raise Broken(f"{where}: {seq} was delivered again without the flag REDELIVERED")
        self.delivered.add(seq)
        return None if flags & UNLOGGED else seq

    def check_complete(self, events, through):
        """Each of the events up to `through` was delivered, or is told as skipped."""
        covered = set(self.delivered)
        for event in events:
            details = event.get("details", {})
            if event["type"] == "plugin.skipped" and details["instance"] == self.instance:
                covered |= set(range(int(details["from"]), int(details["to"]) + 1))
        missing = [
            event["seq"]
            for event in events
            if event["seq"] <= through and event["seq"] not in covered and not self._caused(event)
        ]
        if missing:
            raise Broken(
                f"instance {self.instance}: never delivered nor told as skipped: {missing[:20]}"
                f" ({len(missing)} events)"
            )

    def _caused(self, event):
        """What tells of the instance itself is not delivered to it."""
        if not event["type"].startswith("plugin."):
            return False
        return event.get("details", {}).get("instance") == self.instance
