"""The control socket, by usherctl and by whoever else may connect."""

import json
import os
import socket
import stat
import unittest

from broker import Broker, eventually, scenario

ALICE = {"after": "1 s", "do": "logon", "user": "alice", "uid": 1001}


def sessions(broker):
    return json.loads(broker.ctl("sessions", "--json").stdout)["sessions"]


def logon_of_alice(broker):
    """The event, once her session is shown: the log is a little ahead of that."""
    eventually(lambda: [each["user"] for each in sessions(broker)] == ["alice"], "her session alone")
    return broker.wait_for_event("session.logon")


class TheControlSocket(unittest.TestCase):
    def test_answers_status_sessions_and_plugins(self):
        with Broker(scenario(ALICE)).start() as broker:
            logon_of_alice(broker)
            self.assertEqual([each["user"] for each in sessions(broker)], ["alice"])
            status = json.loads(broker.ctl("status", "--json").stdout)
            self.assertEqual((status["source"]["name"], status["source"]["state"]), ("simulated", "connected"))
            self.assertEqual(status["pid"], broker.process.pid)
            self.assertEqual(json.loads(broker.ctl("plugins", "--json").stdout)["plugins"], [])

    def test_is_for_root_and_the_group_only(self):
        with Broker().start() as broker:
            mode = stat.S_IMODE(os.stat(broker.root / "run/control.sock").st_mode)
            self.assertEqual(mode & 0o007, 0, oct(mode))

    def test_survives_whatever_is_written_to_it(self):
        with Broker().start() as broker:
            for junk in (b"not json\n", b"\x00\xff\n", b"[" * 60000 + b"\n", b'{"half":', b"x" * 200000):
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(str(broker.root / "run/control.sock"))
                    try:
                        client.sendall(junk)
                    except BrokenPipeError:
                        pass
            self.assertEqual(broker.ctl("status").returncode, 0)

    def test_answers_an_error_to_what_it_does_not_understand(self):
        with Broker().start() as broker, socket.socket(socket.AF_UNIX) as client:
            client.connect(str(broker.root / "run/control.sock"))
            client.sendall(b'nonsense\n{"jsonrpc":"2.0","id":1,"method":"no such"}\n')
            lines = client.makefile()
            self.assertEqual(json.loads(lines.readline())["error"]["code"], -32700)
            self.assertEqual(json.loads(lines.readline())["error"]["code"], -32601)


class Emit(unittest.TestCase):
    def allowed(self, broker):
        text = broker.config.read_text()
        broker.config.write_text(text.replace("[control]", "[control]\nallow_emit = true"))
        return broker.start()

    def test_tells_plugins_of_what_did_not_happen_and_changes_no_session(self):
        with Broker(scenario(ALICE)) as broker:
            self.allowed(broker)
            logon = logon_of_alice(broker)
            id = logon["session"]["id"]
            done = broker.ctl("emit", "session.locked", "--session", id, "--reason", "a try", "--detail",
                              "via", "console")  # fmt: skip
            self.assertEqual(done.returncode, 0, done.stderr)
            event = broker.wait_for_event("session.locked")
            self.assertEqual(event["origin"], "injected")
            self.assertEqual(event["reason"], "a try")
            self.assertEqual(event["details"], {"via": "console"})
            self.assertEqual(event["session"]["key"], logon["session"]["key"])
            request = broker.wait_for_event("control.request")
            self.assertEqual(request["details"]["method"], "emit")
            self.assertEqual(request["details"]["name"], "session.locked")
            self.assertEqual(request["details"]["result"], "done")
            done = broker.ctl("emit", "session.destroyed", "--session", id)
            self.assertEqual(done.returncode, 0, done.stderr)
            broker.wait_for_event("session.destroyed")
            self.assertEqual([(each["id"], each["locked"]) for each in sessions(broker)], [(id, "no")])

    def test_is_refused_with_a_sentence(self):
        with Broker(scenario(ALICE)) as broker:
            self.allowed(broker)
            logon_of_alice(broker)
            for arguments, said in (
                (["plugin.failed"], "only what a source says"),
                (["no.such"], "only what a source says"),
                (["session.locked", "--session", "77"], "there is no session '77'"),
            ):
                result = broker.ctl("emit", *arguments)
                self.assertEqual(result.returncode, 1)
                self.assertIn(said, result.stderr)

    def test_is_not_allowed_unless_the_configuration_says_so(self):
        with Broker(scenario(ALICE)).start() as broker:
            result = broker.ctl("emit", "session.locked")
            self.assertEqual(result.returncode, 5)
            self.assertIn("allow_emit", result.stderr)
            self.assertEqual(broker.wait_for_event("control.request")["details"]["result"], "failed")


class TheCommand(unittest.TestCase):
    def test_says_that_there_is_no_broker_with_status_4(self):
        with Broker() as broker:
            for command in ("status", "sessions", "plugins"):
                result = broker.ctl(command)
                self.assertEqual(result.returncode, 4, result.stderr)
                self.assertIn("control.sock", result.stderr)

    def test_says_that_it_may_not_ask_with_status_5(self):
        with Broker().start() as broker:
            if os.geteuid() == 0:
                broker.prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
                broker.root.chmod(0o755)
                (broker.root / "run").chmod(0o755)
            else:
                (broker.root / "run/control.sock").chmod(0)
            result = broker.ctl("status")
            self.assertEqual(result.returncode, 5, result.stderr)

    def test_says_that_it_was_called_wrongly_with_status_2(self):
        with Broker() as broker:
            for arguments in ([], ["no-such-command"], ["tail", "-n", "many"], ["tail", "--no-such"]):
                self.assertEqual(broker.ctl(*arguments).returncode, 2, arguments)


if __name__ == "__main__":
    unittest.main()
