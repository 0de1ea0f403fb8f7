"""A broker of a test's own: usherd on the simulated source, in a temporary directory.

Everything runs as the calling user, or, where that is root, as `nobody` when a test asks for it.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import event_schema

BUILD = pathlib.Path(os.environ["USHER_BUILD"])
SOURCE = pathlib.Path(os.environ["USHER_SOURCE"])
USHERD = BUILD / "bin/usherd"
USHERCTL = BUILD / "bin/usherctl"

# A crash is to stay what it is, for the broker's own handler and for who waits for its end.
for options in ("ASAN_OPTIONS", "TSAN_OPTIONS"):
    os.environ[options] = os.environ.get(options, "") + ":handle_segv=0:handle_sigbus=0"

# Only a broken test waits this long; sanitizers and busy machines need the room.
PATIENCE = 60.0


def eventually(condition, what):
    """Waits until condition() is true and answers its value."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"waited in vain for {what}")


def scenario(*steps, then="wait", start="2026-01-05T08:00:00Z"):
    """The text of a scenario: each step a dictionary of TOML values."""
    lines = [f'start = "{start}"', f'then = "{then}"']
    for step in steps:
        lines.append("[[step]]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in step.items()]
    return "\n".join(lines) + "\n"


class Broker:
    """One broker; use it in a `with` statement, which ends the process and removes the directory."""

    def __init__(self, scenario_text=None, plugins="", extra="", as_nobody=False):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="usher-test-"))
        self.prefix = []
        if as_nobody and os.geteuid() == 0:
            self.prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
            os.chown(self.root, 65534, 65534)
        self.log = self.root / "log"
        self.config = self.root / "usher.toml"
        self.process = None
        self.environment = {}  # What usherd's has besides ours.
        self.diagnostics = self.root / "usherd.log"
        self.write_scenario(scenario_text or scenario())
        self.write_config(plugins, extra)

    def __enter__(self):
        return self

    def __exit__(self, failure, *unused):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        try:
            if not failure:
                self.check_events()
        finally:
            shutil.rmtree(self.root, ignore_errors=True)

    def check_events(self):
        """Holds every event that is whole in the log against the schema of stored events."""
        if not any(pathlib.Path(self.log).glob("events-*.jsonl")):
            return
        tail = [USHERCTL, "tail", "--json", "-n", "all", "--dir", self.log]
        lines = subprocess.run(tail, capture_output=True, timeout=PATIENCE, check=False).stdout
        problems = event_schema.check(lines.decode(), "the log")
        assert not problems, f"{len(problems)} problems:\n" + "\n".join(problems[:5])

    def write_scenario(self, text):
        (self.root / "scenario.toml").write_text(text)

    def write_config(self, plugins="", extra="", source=None):
        """`source`: the keys of [source], where that is not the scenario."""
        source = source or f'type = "simulated"\nscenario = "{self.root}/scenario.toml"\n'
        self.config.write_text(
            f'state_directory = "{self.root}/state"\n'
            f'runtime_directory = "{self.root}/run"\n'
            f'plugin_directory = "{BUILD}/lib/usher/plugins"\n'
            f"[source]\n{source}"
            f'[control]\nsocket = "{self.root}/run/control.sock"\n'
            f'[log]\ndirectory = "{self.log}"\n{extra}\n{plugins}'
        )

    def start(self):
        """Starts usherd and waits until it answers."""
        self.launch()
        eventually(self.answers, "usherd to answer")
        return self

    def launch(self):
        """Starts usherd without waiting."""
        with open(self.diagnostics, "ab") as diagnostics:
            self.process = subprocess.Popen(
                [*self.prefix, *self.command()],
                stdin=subprocess.DEVNULL,
                stderr=diagnostics,
                env={**os.environ, **self.environment},
            )
        return self

    def command(self):
        return [USHERD, "--config", self.config]

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"usherd ended with {self.process.returncode}:\n{self.says()}")
        return self.ctl("status").returncode in (0, 1)  # Well, or in trouble.

    def ctl(self, *arguments, stdin=None):
        return subprocess.run(
            [*self.prefix, USHERCTL, "--config", self.config, *map(str, arguments)],
            capture_output=True,
            text=True,
            errors="surrogateescape",
            input=stdin,
            timeout=PATIENCE,
        )

    def events(self, *arguments):
        """The stored events, as dictionaries."""
        tail = self.ctl("tail", "--json", "-n", "all", *arguments)
        return [json.loads(line) for line in tail.stdout.splitlines()]

    def wait_for_event(self, event_type, count=1, **members):
        """Waits for `count` events of a type whose members are as given; answers the last."""

        def found():
            events = [
                event
                for event in self.events("--type", event_type)
                if all(event.get(key) == value for key, value in members.items())
            ]
            return events[-1] if len(events) >= count else None

        return eventually(found, f"{count} × {event_type} {members or ''}\n{self.says()}")

    def says(self):
        """What usherd wrote to standard error so far."""
        return self.diagnostics.read_text(errors="replace")

    def stop(self, how=signal.SIGTERM):
        """Ends usherd and answers its exit status."""
        self.process.send_signal(how)
        return self.process.wait(timeout=PATIENCE)

    def segments(self):
        return sorted(self.log.glob("events-*.jsonl"))
