"""A container with a systemd and a logind of its own, on the host's /usr.

    with Box() as box:
        box.run("loginctl", "list-sessions")

It boots in well under a second, has the users alice, bob and greeter, a network of its own, and these
folders: /usher/build (the build tree, read-only), /usher/tests (this folder, read-only), /usher/work.
Needs root. However the test ends, even by SIGKILL, nothing stays behind: a process outside of the
test's process group keeps the container and takes it down when its pipe to the test closes.

    box.py COMMAND…    runs one command in a new container, for a look around
"""

import ctypes
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid

PATIENCE = 60.0
BOOT_PATIENCE = 30.0

HERE = pathlib.Path(__file__).resolve().parent
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "TERM": "dumb"}

NEEDED = {
    "/usr/bin/systemd-nspawn": "systemd-container",
    "/usr/bin/dbus-daemon": "dbus",
    "/usr/lib/systemd/systemd-logind": "systemd",
    "/usr/bin/nsenter": "util-linux",
    "/usr/bin/python3": "python3",
}
PAM_SYSTEMD = ("/usr/lib/*/security/pam_systemd.so", "libpam-systemd")

USERS = {"root": 0, "messagebus": 101, "sshd": 102, "alice": 2001, "bob": 2002, "greeter": 2003}
PEOPLE = ("alice", "bob", "greeter")
GROUPS = {"tty": 5, "utmp": 43, "shadow": 42, "adm": 4, "systemd-journal": 999, "nogroup": 65534}

# What takes time at boot, or reaches for the host's hardware.
MASKED = (
    "console-getty.service getty.target getty@tty1.service dev-hugepages.mount "
    "sys-fs-fuse-connections.mount systemd-firstboot.service systemd-journal-flush.service "
    "systemd-machine-id-commit.service systemd-networkd.service systemd-networkd.socket "
    "systemd-resolved.service systemd-sysusers.service systemd-timesyncd.service "
    "systemd-udevd.service systemd-udev-trigger.service systemd-update-utmp.service "
    "systemd-update-utmp-runlevel.service tmp.mount"
).split()

PAM_STACK = """\
auth     required pam_permit.so
account  required pam_permit.so
password required pam_deny.so
session  optional pam_loginuid.so
session  required pam_systemd.so
"""


class BoxError(RuntimeError):
    pass


def eventually(condition, what, patience=PATIENCE):
    """Waits until condition() is true and answers its value."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"waited in vain for {what() if callable(what) else what}")


def check_prerequisites():
    if os.geteuid() != 0:
        raise BoxError("containers need root: run the tests as root, or leave these out (--fast)")
    missing = {package for file, package in NEEDED.items() if not os.path.exists(file)}
    pattern, package = PAM_SYSTEMD
    if not list(pathlib.Path("/").glob(pattern[1:])):
        missing.add(package)
    if missing:
        raise BoxError("install what the containers are made of: " + " ".join(sorted(missing)))


# --- the tree a container boots from ------------------------------------------------------------


def write(path, text, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def make_tree(root):
    for name in "usr etc var run tmp proc sys dev root home usher/build usher/tests usher/work".split():
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "tmp").chmod(0o1777)
    for name in "bin sbin lib lib32 lib64 libx32".split():
        if os.path.islink(f"/{name}"):
            (root / name).symlink_to(os.readlink(f"/{name}"))
    make_accounts(root)
    make_services(root)
    for name in "ld.so.cache ld.so.conf ld.so.conf.d alternatives".split():
        copy_from_host(root, name)
    shutil.copy("/usr/lib/os-release", root / "etc/os-release")


def copy_from_host(root, name):
    source, target = pathlib.Path("/etc") / name, root / "etc" / name
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    elif source.exists():
        shutil.copy2(source, target)


def make_accounts(root):
    etc = root / "etc"
    homes = {name: f"/home/{name}" if name in PEOPLE else "/root" for name in USERS}
    passwd = [f"{n}:x:{i}:{i}::{homes[n]}:/bin/bash" for n, i in USERS.items()]
    groups = [f"{n}:x:{i}:" for n, i in {**USERS, **GROUPS}.items()]
    write(etc / "passwd", "\n".join([*passwd, "nobody:x:65534:65534::/:/usr/sbin/nologin", ""]))
    write(etc / "group", "\n".join([*groups, ""]))
    write(etc / "shadow", "".join(f"{name}:*:19000::::::\n" for name in USERS), 0o600)
    write(etc / "nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files\n")
    for name in PEOPLE:
        home = root / "home" / name
        home.mkdir()
        os.chown(home, USERS[name], USERS[name])


def make_services(root):
    etc = root / "etc"
    write(etc / "hostname", "box\n")
    write(etc / "machine-id", uuid.uuid4().hex + "\n")
    write(etc / "environment", "")
    for service in ("login", "sshd", "su", "su-l", "cron", "systemd-user"):
        write(etc / "pam.d" / service, PAM_STACK)
    write(etc / "systemd/logind.conf.d/box.conf", "[Login]\nNAutoVTs=0\nReserveVT=0\n")
    units = etc / "systemd/system"
    units.mkdir(parents=True)
    (units / "default.target").symlink_to("/usr/lib/systemd/system/multi-user.target")
    for unit in MASKED:
        (units / unit).symlink_to("/dev/null")


# --- the keeper: owns the container, outlives the test ------------------------------------------


def die_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


class Cgroup:
    """A cgroup of the container's own in every hierarchy systemd would use; without, sessions of
    several containers get in each other's way."""

    def __init__(self, name):
        top = pathlib.Path("/sys/fs/cgroup")
        hybrid = [top / part for part in ("systemd", "unified") if (top / part).is_dir()]
        self.folders = [parent / name for parent in (hybrid or [top])]
        for folder in self.folders:
            folder.mkdir()

    def enter(self):
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self):
        for folder in self.folders:
            for inner, _, _ in os.walk(folder, topdown=False):
                eventually(lambda path=inner: self._rmdir(path), f"{inner} to become empty")

    @staticmethod
    def _rmdir(path):
        try:
            os.rmdir(path)
        except FileNotFoundError:
            pass
        except OSError:
            return False
        return True


class Keeper:
    """Boots the container, says so, waits for the end of its standard input, cleans up."""

    def __init__(self, base, name, build):
        self.base, self.name, self.build = pathlib.Path(base), name, build
        self.nspawn = None
        self.init = None
        self.cgroup = None

    def keep(self):
        try:
            self.boot()
            say({"init": self.init})
            while os.read(0, 1):
                pass
        except Exception as error:
            say({"error": f"{type(error).__name__}: {error}\n{self.console()}"})
        finally:
            self.clean()

    def boot(self):
        make_tree(self.base / "root")
        self.cgroup = Cgroup(self.name)
        command = [
            "/usr/bin/systemd-nspawn", "--quiet", "--boot", "--console=pipe", "--register=no",
            "--keep-unit", "--link-journal=no", "--resolv-conf=off", "--timezone=off",
            "--private-network", f"--directory={self.base}/root", f"--machine={self.name}",
            "--bind-ro=/usr", f"--bind-ro={self.build}:/usher/build",
            f"--bind-ro={HERE}:/usher/tests", f"--bind={self.base}/work:/usher/work",
        ]  # fmt: skip
        with open(self.base / "console", "wb") as console:
            self.nspawn = subprocess.Popen(
                command,
                env={**ENVIRONMENT, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                preexec_fn=lambda: (die_with_parent(), self.cgroup.enter()),
            )
        self.init = eventually(self.find_init, "the container's init", BOOT_PATIENCE)
        eventually(self.logind_answers, "logind in the container", BOOT_PATIENCE)

    def find_init(self):
        if self.nspawn.poll() is not None:
            raise BoxError(f"systemd-nspawn ended with {self.nspawn.returncode}")
        pid = self.nspawn.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        started = [c for c in children if os.path.exists(f"/proc/{c}/root/run/systemd/system")]
        return int(started[0]) if started else None

    def logind_answers(self):
        if not os.path.exists(f"/proc/{self.init}/root/run/dbus/system_bus_socket"):
            return False
        listing = [*entering(self.init), "timeout", "2", "busctl", "--quiet", "call",
                   "org.freedesktop.login1", "/org/freedesktop/login1",
                   "org.freedesktop.login1.Manager", "ListSessions"]  # fmt: skip
        return subprocess.run(listing, env=ENVIRONMENT, capture_output=True).returncode == 0

    def console(self):
        console = self.base / "console"
        return console.read_text(errors="replace")[-4000:] if console.exists() else ""

    def clean(self):
        if self.nspawn:
            # Init first: with it every process of the container ends. It is nspawn's child, so its
            # number is its own until nspawn is gone.
            if self.init:
                os.kill(self.init, signal.SIGKILL)
            self.nspawn.kill()
            self.nspawn.wait()
        if self.cgroup:
            self.cgroup.remove()
        shutil.rmtree(self.base, ignore_errors=True)


def say(message):
    try:
        os.write(1, (json.dumps(message) + "\n").encode())
    except BrokenPipeError:
        pass


def keep(base, name, build):
    # Out of the test's family, so that whoever kills the test with all its children leaves this one.
    if os.fork() != 0:
        os._exit(0)
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Keeper(base, name, build).keep()


# --- the test's side ----------------------------------------------------------------------------


def entering(init):
    return ["/usr/bin/nsenter", "-t", str(init), "-m", "-u", "-i", "-n", "-p", "-C", "--"]


class Box:
    """One container. Use it in a `with` statement, or boot() and remove() it."""

    def __init__(self):
        self.build = os.environ.get("USHER_BUILD") or sys.exit("USHER_BUILD is not set")
        self.name = "usher-" + uuid.uuid4().hex[:12]
        self.keeper = None
        self.init = None
        self.work = None
        self.units = 0

    def __enter__(self):
        return self.boot()

    def __exit__(self, *unused):
        self.remove()

    def boot(self):
        check_prerequisites()
        base = pathlib.Path(tempfile.mkdtemp(prefix=self.name + "-"))
        base.chmod(0o755)
        self.work = base / "work"
        self.work.mkdir()
        self.keeper = subprocess.Popen(
            [sys.executable, __file__, "--keep", base, self.name, self.build],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        answer = json.loads(self.keeper.stdout.readline() or '{"error": "the keeper ended"}')
        if "error" in answer:
            self.remove()
            raise BoxError(f"the container did not boot: {answer['error']}")
        self.init = answer["init"]
        return self

    def remove(self):
        if not self.keeper:
            return
        self.keeper.stdin.close()
        self.keeper.stdout.read()
        self.keeper.stdout.close()
        self.keeper.wait()
        self.keeper = None

    def popen(self, *command, **options):
        """Starts a command in the container; it belongs to no unit of it, and killing what is
        answered leaves it running until the container ends."""
        return subprocess.Popen(
            [*entering(self.init), *map(str, command)], env=ENVIRONMENT, cwd="/", **options
        )

    def run(self, *command, check=True, timeout=PATIENCE):
        """Runs a command in the container, of no unit, and answers what it printed."""
        with self.popen(
            *command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        ) as process:
            try:
                out, err = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        if check and process.returncode != 0:
            raise BoxError(f"{command} ended with {process.returncode}: {out}{err}")
        return out

    def service(self, *command, properties=(), **options):
        """Starts a command as a service of the container; its input and output are the caller's."""
        self.units += 1
        unit = f"test-{self.units}"
        settings = [f"--property={setting}" for setting in properties]
        process = self.popen(
            "systemd-run", "--quiet", "--collect", "--pipe", "--wait", f"--unit={unit}",
            *settings, *command, **options,
        )  # fmt: skip
        process.unit = unit
        return process

    def stop(self, process):
        """Ends what service() started."""
        self.run("systemctl", "stop", process.unit, check=False)
        process.wait(timeout=PATIENCE)

    def kill(self, pid, how="KILL"):
        self.run("kill", f"-{how}", str(pid))


def main(arguments):
    if arguments[:1] == ["--keep"]:
        return keep(*arguments[1:])
    with Box() as box:
        return box.service(*(arguments or ["loginctl"])).wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
