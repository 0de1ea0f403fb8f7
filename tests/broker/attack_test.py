"""Peers of the control socket that mean no good: each costs little, and the others are answered."""

import contextlib
import json
import os
import pathlib
import re
import socket
import threading
import unittest

from broker import PATIENCE, Broker, eventually, scenario
from plugins_test import DAY, tables

STATUS = b'{"jsonrpc":"2.0","id":1,"method":"status"}\n'
MOST_CONNECTIONS = 16
MIB = 1024  # KiB.


class AttackedBroker(Broker):
    def __init__(self, steps=DAY):
        super().__init__(scenario(*steps), plugins=tables("good"))
        # Memory that is free is to count as free, which the address sanitizer would hold back.
        options = os.environ.get("ASAN_OPTIONS", "")
        self.environment["ASAN_OPTIONS"] = f"{options}:quarantine_size_mb=0:thread_local_quarantine_size_kb=0"
        self.start()
        self.wait_for_connections(0)  # What saw it start may just be leaving.

    def wait_for_connections(self, most):
        """Waits until the broker has no more connections than these. Source: proc_net_unix(5)."""
        own = f" 03 [0-9]+ {re.escape(str(self.root))}/run/control.sock$"
        unix = pathlib.Path("/proc/net/unix")
        gone = lambda: len(re.findall(own, unix.read_text(), re.MULTILINE)) <= most
        eventually(gone, f"all but {most} connections to be gone")

    @contextlib.contextmanager
    def peers(self, count=1):
        """Connections to the broker, as a list."""
        with contextlib.ExitStack() as stack:
            opened = []
            for _ in range(count):
                peer = stack.enter_context(socket.socket(socket.AF_UNIX))
                peer.connect(str(self.root / "run/control.sock"))
                peer.settimeout(PATIENCE)
                opened.append(peer)
            yield opened

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory(self):
        """What the broker has in memory, in KiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])


def answer(peer):
    return json.loads(peer.makefile().readline())


def admitted(peer):
    """Whether the broker talks with this peer."""
    try:
        peer.sendall(STATUS)
    except BrokenPipeError:
        pass
    return "result" in answer(peer)


class AnAttackOnTheControlSocket(unittest.TestCase):
    def test_by_requests_that_are_half_sent_holds_up_nobody(self):
        with AttackedBroker() as broker, broker.peers(MOST_CONNECTIONS - 2) as peers:
            for number, peer in enumerate(peers):
                peer.sendall(STATUS[: 1 + number % (len(STATUS) - 1)])
            self.assertEqual(broker.ctl("sessions").returncode, 0)
            rest = STATUS[1 + 3 % (len(STATUS) - 1) :]
            peers[3].sendall(rest)
            self.assertIn("result", answer(peers[3]))

    def test_by_a_line_without_end_is_answered_with_an_error_and_the_end(self):
        with AttackedBroker() as broker, broker.peers() as [peer]:
            before = broker.memory()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                for _ in range(64):
                    peer.sendall(b"x" * (1 << 20))
            lines = peer.makefile()
            with contextlib.suppress(ConnectionResetError):
                self.assertEqual(json.loads(lines.readline())["error"]["code"], -32001)
                self.assertEqual(lines.readline(), "")
            self.assertLess(broker.memory() - before, 8 * MIB)
            self.assertEqual(broker.ctl("sessions").returncode, 0)

    def test_by_thousands_of_requests_at_once_is_answered_in_their_order(self):
        count = 5000
        with AttackedBroker() as broker, broker.peers() as [peer]:
            requests = b"".join(
                b'{"jsonrpc":"2.0","id":%d,"method":"plugins"}\n' % number for number in range(count)
            )
            sending = threading.Thread(target=peer.sendall, args=[requests])
            sending.start()
            lines = peer.makefile()
            self.assertEqual([json.loads(lines.readline())["id"] for _ in range(count)], list(range(count)))
            sending.join()
            self.assertEqual(broker.ctl("sessions").returncode, 0)

    def test_by_connections_that_are_opened_and_left_leaves_nothing_behind(self):
        with AttackedBroker() as broker:
            broker.wait_for_event("session.unlocked", count=4)
            before = broker.descriptors()
            for _ in range(30):
                with broker.peers(MOST_CONNECTIONS) as peers:
                    for peer in peers[::2]:
                        with contextlib.suppress(BrokenPipeError):
                            peer.sendall(STATUS * 10)
            eventually(lambda: broker.descriptors() <= before, "the connections to be gone")
            eventually(lambda: broker.ctl("sessions").returncode == 0, "an answer")

    def test_by_too_many_connections_of_a_user_is_refused_until_one_leaves(self):
        with AttackedBroker() as broker, broker.peers(MOST_CONNECTIONS) as peers:
            self.assertTrue(all(admitted(peer) for peer in peers))
            refused = broker.ctl("sessions")
            self.assertEqual(refused.returncode, 4)
            self.assertIn("has 16 connections already, no more are allowed; close one first", refused.stderr)
            peers.pop().close()
            eventually(lambda: broker.ctl("sessions").returncode == 0, "a place to become free")

    def test_by_peers_that_never_read_costs_little_memory_and_ends(self):
        with AttackedBroker() as broker, broker.peers(MOST_CONNECTIONS - 2) as peers:
            broker.wait_for_event("session.unlocked", count=4)
            trace = b'{"jsonrpc":"2.0","id":1,"method":"plugins.trace","params":{"instance":"good"}}\n'
            sessions = b'{"jsonrpc":"2.0","id":1,"method":"sessions"}\n'
            requests = trace + sessions * 100
            for peer in peers:  # What the same requests cost where the answers are read is not meant.
                peer.sendall(requests)
            for peer in peers:
                lines = peer.makefile()
                for _ in requests.splitlines():
                    self.assertIn("result", json.loads(lines.readline()))
                peer.setblocking(False)
            before = most = broker.memory()
            deaf = list(peers)

            def dropped():
                nonlocal most
                for peer in list(deaf):
                    try:
                        peer.send(requests)
                    except BlockingIOError:
                        pass
                    except (BrokenPipeError, ConnectionResetError):
                        deaf.remove(peer)
                broker.wait_for_connections(len(deaf))
                self.assertEqual(broker.ctl("sessions").returncode, 0)
                most = max(most, broker.memory())
                return not deaf

            eventually(dropped, "all of them to be dropped")
            self.assertLess(most - before, 8 * MIB)
            self.assertEqual(broker.stop(), 0)


if __name__ == "__main__":
    unittest.main()
