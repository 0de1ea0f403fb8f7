"""The systemd journal's socket, with nobody but a test behind it."""

import array
import contextlib
import os
import pathlib
import socket
import threading

LARGEST = 1 << 24


class Journal:
    """Listens at a path once it is open; a `with` statement closes it. `records` are those that have
    come, each a list of (field, value), in their order."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.records = []
        self.socket = None

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.socket:
            self.socket.close()

    def open(self):
        """Begins to listen, in the place of whoever did before."""
        self.path.unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        return self

    def take(self):
        """Takes what has come, and answers all records there are."""
        while True:
            try:
                data, control, _, _ = self.socket.recvmsg(LARGEST, 256, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return self.records
            self.records.append(decode(content_of(control) if control else data))

    @contextlib.contextmanager
    def drained(self):
        """Meanwhile throws away whatever comes, as quickly as it comes."""
        end = threading.Event()

        def drain():
            while not end.is_set():
                with contextlib.suppress(TimeoutError):
                    self.socket.recv(LARGEST)

        self.socket.settimeout(0.1)
        thread = threading.Thread(target=drain)
        thread.start()
        try:
            yield
        finally:
            end.set()
            thread.join()

    def values(self, field):
        """The field's values in all records, None where a record has none."""
        return [dict(record).get(field) for record in self.take()]


def content_of(control):
    """What is in the file that came instead of a record."""
    fds = array.array("i")
    for _, _, data in control:
        fds.frombytes(data)
    with os.fdopen(fds[0], "rb") as file:
        file.seek(0)
        return file.read()


def decode(data):
    """A record's fields. Source: systemd, "Native Journal Protocol"."""
    fields = []
    while data:
        line, data = data.split(b"\n", 1)
        name, is_text, value = line.partition(b"=")
        if not is_text:
            size = int.from_bytes(data[:8], "little")
            value, data = data[8 : 8 + size], data[8 + size + 1 :]
        fields.append((name.decode("ascii"), value.decode()))
    return fields
