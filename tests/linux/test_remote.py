"""Logons over the network, through a real sshd."""

import os
import subprocess
import unittest

from boxed import BrokerTest
from box import PATIENCE, BoxError, eventually

SERVER = "/usr/sbin/sshd"
ADDRESS = "10.77.0.1"
PORT = 2222

# netdevice(7): gives the loopback device a second address.
ADD_ADDRESS = f"""
import fcntl, socket, struct
address = struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton("{ADDRESS}"))
siocsifaddr = 0x8916
fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), siocsifaddr, address)
"""

SERVER_CONFIGURATION = f"""\
ListenAddress {ADDRESS}
Port {PORT}
HostKey /usher/work/host_key
AuthorizedKeysFile /usher/work/user_key.pub
StrictModes no
UsePAM yes
UseDNS no
PidFile none
"""


class RemoteLogon(BrokerTest):
    @classmethod
    def setUpClass(cls):
        if not os.path.exists(SERVER):
            raise BoxError("install openssh-server: this test logs on through a real sshd")
        super().setUpClass()
        for key in ("host_key", "user_key"):
            file = cls.box.work / key
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file], check=True
            )
        (cls.box.work / "sshd_config").write_text(SERVER_CONFIGURATION)
        # logind takes a session from "localhost" for a local one, so the box has an address.
        cls.box.run("/usr/bin/python3", "-c", ADD_ADDRESS)
        cls.box.run("mkdir", "-p", "/run/sshd")
        server = cls.box.service(
            SERVER, "-D", "-e", "-f", "/usher/work/sshd_config",
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        cls.addClassCleanup(cls.box.stop, server)
        eventually(cls.listens, "sshd to listen")

    @classmethod
    def listens(cls):
        listening = "0A"
        with open(f"/proc/{cls.box.init}/net/tcp") as sockets:
            fields = [line.split() for line in sockets]
        return any(f[1].endswith(f":{PORT:04X}") and f[3] == listening for f in fields)

    def ssh(self, user):
        """Logs on and stays until the standard input of the process ends."""
        client = self.box.service(
            "ssh", "-F", "none", "-p", str(PORT), "-i", "/usher/work/user_key", "-o", "BatchMode=yes",
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            f"{user}@{ADDRESS}", "cat",
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.addCleanup(client.wait, PATIENCE)
        self.addCleanup(client.stdin.close)
        return client

    def test_a_logon_through_ssh_says_from_where(self):
        client = self.ssh("alice")
        logon = self.events.wait_for("session.logon")
        session = logon["session"]
        self.assertEqual((session["user"], session["class"]), ("alice", "user"))
        self.assertIs(session["remote"], True)
        self.assertEqual(session["remote_host"], ADDRESS)
        connected = self.events.wait_for("session.connected", session["id"])
        self.assertEqual(connected["details"]["via"], "remote")
        client.stdin.close()
        self.events.wait_for("session.destroyed", session["id"])
        types = self.events.types_of(session["id"])
        self.assertLess(types.index("session.logoff"), types.index("session.destroyed"))


if __name__ == "__main__":
    unittest.main()
