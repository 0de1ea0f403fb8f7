"""A walk at random through what people do to sessions, agents, the broker and systemd: after each few
steps there is one agent for each user who is there, and none for the others.

SEED=N walks the same way again; STEPS=N says how far.
"""

import os
import random
import signal
import time
import unittest

from box import eventually
from installed import CONFIGURATION
from supervised import SupervisedTest, agent, may_launch

SEED = int(os.environ.get("SEED", "0")) or random.randrange(1, 2**31)
STEPS = int(os.environ.get("STEPS", "60"))

# In seconds: longer than an old one and a new one may both be there, or seem to be.
SETTLED = 2.0

OPTIONS = {"alice": ("--seat=seat0", "--type=wayland"), "bob": ("--rhost=10.1.2.3", "--type=x11")}

# Each text has what the service manager must not read otherwise: see exec_command.h.
OBEDIENT = "sleep infinity; exit $?"
DEAF = "trap '' TERM; while :; do sleep 1; done"
TRAY = """\
sessions = {{class = ["*"]}}
args = ["-c", "{text}"]
scope = "{scope}"
backoff = {{initial = "200 ms", max = "1 s", healthy_after = "1 s"}}
stop = "700 ms"
give_up = {{limit = 100, window = "1 min"}}
"""


class AWalk(SupervisedTest):
    PLUGINS = ""

    def setUp(self):
        super().setUp()
        print(f"SEED={SEED} STEPS={STEPS}", flush=True)
        self.random = random.Random(SEED)
        self.base = self.box.run("cat", CONFIGURATION)
        self.sessions = {}
        self.instance, self.scope, self.text = "agents", "session", OBEDIENT
        self.configure()
        self.broker.ctl("reload")

    def test_leaves_one_agent_for_each_user_who_is_there(self):
        steps = [getattr(self, name) for name in sorted(dir(self)) if name.startswith("step_")]
        taken = []
        for _ in range(STEPS):
            step = self.random.choice(steps)
            taken.append(step.__name__)
            step(self.random.choice(sorted(OPTIONS)))
            if self.random.random() < 0.6:
                eventually(self.is_as_wanted, lambda: self.report(taken))
        eventually(self.stays_as_wanted, lambda: self.report(taken))
        eventually(self.have_their_arguments, lambda: self.report(taken))
        eventually(lambda: not self.units("--state=failed"), lambda: self.report(taken))

    def is_as_wanted(self):
        return all(len(self.running(user)) == (user in self.sessions) for user in OPTIONS)

    def stays_as_wanted(self):
        """Whether it is so for longer than anything that is under way takes."""
        until = time.monotonic() + SETTLED
        while self.is_as_wanted():
            if time.monotonic() >= until:
                return True
        return False

    def have_their_arguments(self):
        right = {"\0".join(("/bin/sh", "-c", text, "")) for text in (OBEDIENT, DEAF)}
        pids = [pid for user in self.sessions for pid in self.running(user)]
        return {self.box.run("cat", f"/proc/{pid}/cmdline", check=False) for pid in pids} <= right

    def report(self, taken):
        running = {user: self.running(user) for user in OPTIONS}
        return (
            f"one agent for each of {sorted(self.sessions)}: {running} {self.units('--all')}\n"
            f"SEED={SEED}, {len(taken)} steps, the last ones {taken[-12:]}\n"
            f"{self.broker.ctl('agents', check=False)}\n{self.broker.says()[-4000:]}"
        )

    def running(self, user):
        return self.box.run("pgrep", "-x", "-u", user, "sh", check=False).split()

    def units(self, *options):
        listing = self.box.run(
            "systemctl", "list-units", "--plain", "--no-legend", *options, "usher-agent-*", check=False
        )
        return [line.split()[0] for line in listing.splitlines()]

    def configure(self):
        tray = may_launch("/bin/sh") + agent(
            "tray", "/bin/sh", TRAY.format(text=self.text, scope=self.scope)
        )
        tray = tray.replace("plugins.agents", f"plugins.{self.instance}")
        self.broker.write(CONFIGURATION, self.base + tray)

    def rename(self):
        self.instance = "office" if self.instance == "agents" else "agents"
        self.configure()

    def at_a_unit(self, *command):
        units = self.units("--state=running")
        if units:
            self.box.run("systemctl", *command, self.random.choice(units), check=False)

    # What may happen; to one user, where it is about one.

    def step_logon(self, user):
        if user not in self.sessions:
            self.sessions[user] = self.logon(user, *OPTIONS[user])

    def step_logoff(self, user):
        if user in self.sessions:
            self.sessions.pop(user).logoff()

    def step_kill(self, user):
        for pid in self.running(user):
            self.box.run("kill", "-9", pid, check=False)

    def step_unit_stopped(self, _):
        self.at_a_unit("stop")

    def step_unit_restarted(self, _):
        self.at_a_unit("restart")

    def step_unit_crashes(self, _):
        self.at_a_unit("kill", "-s", "SEGV")

    def step_manager_of_user_restarted(self, _):
        self.broker.systemctl("restart", "user@2001.service", check=False)

    def step_systemd_reads_units(self, _):
        self.broker.systemctl("daemon-reload", check=False)

    def step_systemd_replaced(self, _):
        self.box.run("systemctl", "daemon-reexec", check=False)

    def step_systemd_hangs(self, _):
        os.kill(self.box.init, signal.SIGSTOP)
        time.sleep(self.random.random())
        os.kill(self.box.init, signal.SIGCONT)

    def step_broker_killed(self, _):
        self.broker.systemctl("kill", "-s", "KILL", "usherd")

    def step_broker_restarted(self, _):
        self.broker.systemctl("restart", "usherd")

    def step_instance_renamed(self, _):
        self.rename()
        self.broker.ctl("reload", check=False)

    def step_instance_renamed_while_the_broker_is_away(self, _):
        self.broker.systemctl("stop", "usherd")
        self.rename()
        self.broker.systemctl("start", "usherd")

    def step_instance_disabled_and_enabled(self, _):
        self.broker.ctl("plugins", "disable", self.instance, check=False)
        self.broker.ctl("plugins", "enable", self.instance, check=False)

    def step_scope_changed(self, _):
        self.scope = "user" if self.scope == "session" else "session"
        self.configure()
        self.broker.ctl("reload", check=False)

    def step_program_changed(self, _):
        self.text = DEAF if self.text == OBEDIENT else OBEDIENT
        self.configure()
        self.broker.ctl("reload", check=False)

    def step_agents_restarted(self, _):
        self.broker.ctl("agents", "restart", "tray", check=False)

    def step_agents_stopped_and_started(self, _):
        self.broker.ctl("agents", "stop", "tray", check=False)
        self.broker.ctl("agents", "start", "tray", check=False)


if __name__ == "__main__":
    unittest.main()
