#!/usr/bin/python3
"""Opens many PAM sessions, each in a process of its own.

    pam_storm.py COUNT PARALLEL

PARALLEL of them are being opened at a time. Prints one line, a list of the ids of those that were
opened; the others were refused. Holds them until its standard input ends.
"""

import argparse
import json
import os
import sys

from pam_session import open_session, pam

USERS = ("alice", "bob")


def one(number, tokens, ids, held):
    """A session of its own process: waits for its turn, opens it, closes it once `held` ends."""
    os.setsid()
    token = os.read(tokens[0], 1)
    options = argparse.Namespace(
        user=USERS[number % len(USERS)], session_class=None, type="tty", seat=None, display=None,
        tty=None, rhost=f"10.2.{number // 250}.{number % 250 + 1}",
    )  # fmt: skip
    session_id, handle = "", None
    try:
        handle = open_session(options)
        session_id = (pam.pam_getenv(handle, b"XDG_SESSION_ID") or b"").decode()
    except SystemExit:
        pass
    os.write(tokens[1], token)
    os.write(ids, f"{session_id}\n".encode())
    os.read(held, 1)
    if handle:
        pam.pam_close_session(handle, 0)


def main():
    count, parallel = int(sys.argv[1]), int(sys.argv[2])
    tokens, ids, held = os.pipe(), os.pipe(), os.pipe()
    os.write(tokens[1], b"." * parallel)
    for number in range(count):
        if os.fork() == 0:
            os.close(held[1])
            one(number, tokens, ids[1], held[0])
            os._exit(0)
    os.close(ids[1])
    with os.fdopen(ids[0]) as lines:
        opened = [next(lines).strip() for _ in range(count)]
    print(json.dumps([each for each in opened if each]), flush=True)
    sys.stdin.read()
    os.close(held[1])
    for _ in range(count):
        os.wait()


if __name__ == "__main__":
    main()
