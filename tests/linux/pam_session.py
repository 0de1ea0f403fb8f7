#!/usr/bin/python3
"""Opens a PAM session as a display manager or sshd does, and holds it until its standard input ends.

Prints one line: {"id": the session's id, "leader": this process, "child": its child or null}.
"""

import argparse
import ctypes
import json
import os
import pwd
import signal
import sys

PAM_CONV_ERR = 19
PAM_TTY, PAM_RHOST = 3, 4

pam = ctypes.CDLL("libpam.so.0")
CONVERSE = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p
)


class Conversation(ctypes.Structure):
    _fields_ = [("converse", CONVERSE), ("data", ctypes.c_void_p)]


# Nobody is here to answer a question.
NO_ANSWERS = Conversation(CONVERSE(lambda count, messages, answers, data: PAM_CONV_ERR), None)

pam.pam_getenv.restype = ctypes.c_char_p


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("user")
    parser.add_argument("--class", dest="session_class")
    parser.add_argument("--type")
    parser.add_argument("--seat")
    parser.add_argument("--display")
    parser.add_argument("--tty")
    parser.add_argument("--rhost")
    parser.add_argument("--child", action="store_true", help="leave a process in the session")
    parser.add_argument("--stubborn", action="store_true", help="… that ends by SIGKILL only")
    return parser.parse_args()


def checked(code, what, handle):
    if code != 0:
        pam.pam_strerror.restype = ctypes.c_char_p
        sys.exit(f"{what}: {pam.pam_strerror(handle, code).decode()}")


def open_session(options):
    handle = ctypes.c_void_p()
    code = pam.pam_start(
        b"login", options.user.encode(), ctypes.byref(NO_ANSWERS), ctypes.byref(handle)
    )
    checked(code, "pam_start", handle)
    for item, value in ((PAM_TTY, options.tty or options.display), (PAM_RHOST, options.rhost)):
        if value:
            checked(pam.pam_set_item(handle, item, value.encode()), "pam_set_item", handle)
    variables = {
        "XDG_SESSION_CLASS": options.session_class,
        "XDG_SESSION_TYPE": options.type,
        "XDG_SEAT": options.seat,
    }
    for name, value in variables.items():
        if value:
            checked(pam.pam_putenv(handle, f"{name}={value}".encode()), "pam_putenv", handle)
    checked(pam.pam_open_session(handle, 0), "pam_open_session", handle)
    return handle


def leave_child(user, stubborn):
    account = pwd.getpwnam(user)
    runs, starts = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        if stubborn:
            for number in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
        null = os.open(os.devnull, os.O_RDWR)
        for standard in range(3):
            os.dup2(null, standard)
        # Only a new program lets go of the pipe by which logind knows that the leader lives.
        os.execv("/usr/bin/sleep", ["sleep", "infinity"])
    os.close(starts)
    os.read(runs, 1)  # Closed by its exec: it is as it is to be.
    os.close(runs)
    return child


def main():
    options = arguments()
    handle = open_session(options)
    session_id = pam.pam_getenv(handle, b"XDG_SESSION_ID")
    child = leave_child(options.user, options.stubborn) if options.child else None
    answer = {"id": (session_id or b"").decode(), "leader": os.getpid(), "child": child}
    print(json.dumps(answer), flush=True)
    sys.stdin.read()
    checked(pam.pam_close_session(handle, 0), "pam_close_session", handle)
    pam.pam_end(handle, 0)


if __name__ == "__main__":
    main()
