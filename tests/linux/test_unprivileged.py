"""A user who is not root tries everything: each attempt is denied, with a sentence or an error."""

import json
import subprocess
import unittest

from box import PATIENCE, eventually
from installed import CONFIGURATION, PRESENCE, InstalledTest

MEMBER, STRANGER = "usher", ""

# Opens as many connections as it is told, asks by each, says how many were answered and what the
# last one was told, and keeps them until its input ends.
HOLD = """
import socket, sys
held, answered, said = [], 0, ""
for _ in range(int(sys.argv[1])):
    peer = socket.socket(socket.AF_UNIX)
    peer.connect("/run/usher/control.sock")
    try:
        peer.sendall(b'{"jsonrpc":"2.0","id":1,"method":"status"}\\n')
    except BrokenPipeError:
        pass
    said = peer.makefile().readline().strip()
    answered += '"result"' in said
    held.append(peer)
print(answered, said, flush=True)
sys.stdin.read()
"""


class Unprivileged(InstalledTest):
    PLUGINS = PRESENCE

    @classmethod
    def prepare(cls, broker):
        text = cls.box.run("cat", CONFIGURATION)
        broker.write(CONFIGURATION, text.replace("# allow_emit = false", "allow_emit = true", 1))

    def as_bob(self, groups, *command):
        return self.broker.exit_code_as(groups, *command)

    def denied(self, groups, *command):
        """A command that the system itself refuses to bob."""
        code, said = self.as_bob(groups, "sh", "-c", " ".join(command))
        self.assertNotEqual(code, 0, f"{command}: {said}")
        self.assertRegex(said, "Permission denied|not permitted|Read-only", command)

    def refused(self, groups, *arguments):
        """What usherctl says as it refuses bob something."""
        code, said = self.as_bob(groups, *self.broker.usherctl, *arguments)
        self.assertEqual(code, 5, f"{arguments}: {said}")
        return said

    def test_reads_no_log_and_asks_nothing_unless_he_is_of_the_group(self):
        self.assertIn("usherctl: ", self.refused(STRANGER, "tail", "-n", "all"))
        self.assertIn("usherctl: ", self.refused(STRANGER, "verify"))
        for command in ("status", "sessions", "plugins", "reload"):
            said = self.refused(STRANGER, command)
            self.assertIn("the broker answers root and the group usher", said)
        self.denied(STRANGER, "cat /var/log/usher/*")
        self.assertEqual(self.as_bob(MEMBER, *self.broker.usherctl, "sessions")[0], 0)

    def test_steers_nothing_also_if_he_is_of_the_group(self):
        steering = [["plugins", verb, "presence"] for verb in ("disable", "enable", "reload", "release", "trace")]
        before = self.broker.ctl("plugins", "--json")
        begin = self.events.mark()
        for arguments in [*steering, ["reload"], ["emit", "session.locked"]]:
            with self.subTest(arguments):
                mark = self.events.mark()
                method = ".".join(arguments[:2]) if arguments[0] == "plugins" else arguments[0]
                self.assertIn(f'"{method}" is for root only', self.refused(MEMBER, *arguments))
                request = self.events.wait_for("control.request", after=mark)["details"]
                self.assertEqual((request["method"], request["result"]), (method, "refused"))
                self.assertEqual(request["uid"], "2002")
        rows = [json.loads(text)["plugins"][0] for text in (before, self.broker.ctl("plugins", "--json"))]
        self.assertEqual(rows[0]["state"], rows[1]["state"])
        types = {event["type"] for event in self.events.all()[begin:]}
        self.assertFalse(types & {"config.reloaded", "config.rejected", "session.locked"}, types)

    def test_writes_to_nothing_of_the_brokers(self):
        plugins = self.box.run("sh", "-c", "echo /usr/local/lib/*/usher/plugins /usr/local/lib/usher/plugins")
        plugins = next(path for path in plugins.split() if "*" not in path and self.is_there(path))
        for groups in (STRANGER, MEMBER):
            for folder in ("/run/usher", "/var/lib/usher", "/var/log/usher", "/etc/usher", plugins):
                self.denied(groups, f"touch {folder}/mine")
            for file in (CONFIGURATION, f"{plugins}/presence.so", "/run/usher/presence.json",
                         "/var/log/usher/events-*"):  # fmt: skip
                self.denied(groups, f"echo mine >> $(echo {file} | cut -d' ' -f1)")
            self.denied(groups, "rm /run/usher/control.sock")
            self.denied(groups, "mv /run/usher /run/other")
            self.denied(groups, "ls /var/lib/usher")

    def is_there(self, path):
        return self.box.run("sh", "-c", f"test -d {path} && echo yes", check=False).strip() == "yes"

    def test_signals_nobody(self):
        pid = self.broker.main_pid()
        for signal in ("HUP", "TERM", "KILL", "STOP"):
            self.denied(MEMBER, f"kill -{signal} {pid}")
        self.assertEqual(self.broker.main_pid(), pid)

    def test_has_no_library_of_his_loaded(self):
        plugins = "/usher/build/lib/usher/plugins"
        self.box.run("sh", "-c", f"cp {plugins}/null.so /home/bob/mine.so && chown bob /home/bob/mine.so")
        self.box.run("sh", "-c", f"cp {plugins}/null.so /home/bob/roots.so && chown root /home/bob/roots.so")
        good = self.box.run("cat", CONFIGURATION)
        self.addCleanup(self.broker.write, CONFIGURATION, good)
        for name in ("mine", "roots"):
            self.broker.write(CONFIGURATION, good + f'[plugins.his]\nlibrary = "/home/bob/{name}.so"\n')
            mark = self.events.mark()
            code, said = self.as_root(*self.broker.usherctl, "reload")
            self.assertEqual(code, 1, said)
            self.assertIn("/home/bob", said)
            self.assertIn("nothing was changed", said)
            self.events.wait_for("config.rejected", after=mark)
        self.assertNotIn("his", self.broker.ctl("plugins", "--json"))

    def test_has_no_configuration_of_his_believed(self):
        self.box.run("sh", "-c", f"cp {CONFIGURATION} /home/bob/usher.toml && chown bob /home/bob/usher.toml")
        code, said = self.as_root("/usr/local/sbin/usherd", "--check", "--config", "/home/bob/usher.toml")
        self.assertEqual(code, 1, said)
        self.assertIn("the configuration is not trusted", said)
        self.box.run("chown", "bob", CONFIGURATION)
        self.addCleanup(self.box.run, "chown", "root", CONFIGURATION)
        mark = self.events.mark()
        code, said = self.as_root(*self.broker.usherctl, "reload")
        self.assertEqual(code, 1, said)
        self.assertIn("the configuration is not trusted", said)
        self.events.wait_for("config.rejected", after=mark)

    def as_root(self, *command):
        process = self.box.popen(
            *command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        said, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, said

    def test_keeps_nobody_out_by_holding_connections(self):
        holders, told = [], []
        try:
            for uid in (2001, 2002, 2003, 2004):
                holders.append(self.hold(uid))
                told.append(holders[-1].stdout.readline())  # Then it has what it gets.
            self.assertEqual([int(line.split()[0]) for line in told], [16, 16, 16, 0])
            self.assertIn("user 2001 has 16 connections already", told[0])
            self.assertIn("the broker has 48 connections already", told[3])
            self.assertEqual(self.as_root(*self.broker.usherctl, "sessions")[0], 0)
        finally:
            for holder in holders:
                holder.stdin.close()
                holder.wait(timeout=PATIENCE)
                holder.stdout.close()
        free = (*self.broker.usherctl, "sessions")
        eventually(lambda: self.as_bob(MEMBER, *free)[0] == 0, "the connections to be gone")

    def hold(self, uid):
        return self.box.popen(
            "setpriv", f"--reuid={uid}", "--regid=65534", "--groups=usher", "python3", "-c", HOLD, "17",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip


if __name__ == "__main__":
    unittest.main()
