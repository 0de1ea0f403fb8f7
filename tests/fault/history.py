"""Random histories of a simulated desktop, and who is there at their end."""

import datetime

START = datetime.datetime(2026, 1, 5, 8, 0, 0)


class History:
    """The steps of one play, drawn from `random`, and the desktop that they leave behind."""

    def __init__(self, random, length, name):
        self.random = random
        self.name = name
        self.steps = []
        self.people = {}  # Name of the session: what `usherctl sessions` is to say of it.
        self.front = None
        self.logons = 0
        self.lost = False
        for _ in range(length):
            self._step()
        if self.lost:
            self._do("recover", reason="found")
        self.last = f"{name}-last"
        self._remote_logon(self.last)

    def text(self, start, boot_id):
        """The scenario, which goes on after its last step without anything happening."""
        lines = [f'start = "{start:%Y-%m-%dT%H:%M:%SZ}"', 'then = "wait"', f'boot_id = "{boot_id}"']
        for step in self.steps:
            lines.append("[[step]]")
            lines += [f"{key} = {value}" for key, value in step.items()]
        return "\n".join(lines) + "\n"

    def _do(self, verb, **members):
        pause = self.random.choice(("1 ms", "10 ms", "1 s"))
        step = {"after": pause, "do": verb, **members}
        self.steps.append({key: f'"{value}"' for key, value in step.items()})

    def _step(self):
        kinds = [self._local_logon, self._remote_logon, self._lock, self._lock, self._lock]
        kinds += [self._logoff, self._leave, self._switch, self._switch, self._line, self._sleep]
        kinds += [self._request, self._reporter, self._away]
        self.random.choice(kinds)()

    def _pick(self, **members):
        """A session whose facts are as given and that is not closing; None where there is none."""
        fit = [
            each
            for each, facts in self.people.items()
            if facts["state"] != "closing"
            and all(facts[key] == value for key, value in members.items())
        ]
        return self.random.choice(fit) if fit else None

    def _logon(self, verb, name, **members):
        self.logons += 1
        name = name or f"{self.name}-{self.logons}"
        # Ids of their own: the clock of a boot begins anew with every play, and would repeat keys.
        self._do(verb, user=name, id=name, **members)
        remote = verb == "remote_logon"
        self.people[name] = {"state": "active", "locked": "no", "remote": remote}
        return name

    def _local_logon(self):
        if len(self.people) > 8:
            return self._logoff()
        self._to_front(self._logon("logon", None, type=self.random.choice(("x11", "wayland"))))

    def _remote_logon(self, name=None):
        self._logon("remote_logon", name, host=f"192.0.2.{self.random.randrange(1, 200)}")

    def _to_front(self, name):
        before = self.people.get(self.front)
        if before and before["state"] != "closing":
            before["state"] = "online"
        self.front = name
        if name:
            self.people[name]["state"] = "active"

    def _lock(self):
        if name := self._pick():
            locked = self.people[name]["locked"] == "yes"
            self._do("unlock" if locked else "lock", session=name)
            self.people[name]["locked"] = "no" if locked else "yes"

    def _request(self):
        if name := self._pick():
            self._do(self.random.choice(("request_lock", "request_unlock")), session=name)

    def _logoff(self):
        if self.people:
            name = self.random.choice(sorted(self.people))
            self._do("logoff", session=name)
            del self.people[name]
            if self.front == name:
                self.front = None

    def _leave(self):
        if name := self._pick():
            self._do("leave_processes", session=name)
            self.people[name]["state"] = "closing"

    def _switch(self):
        if name := self._pick(remote=False):
            self._do("switch_to", session=name)
            self._to_front(name)

    def _away(self):
        self._do("switch_away")
        self._to_front(None)

    def _line(self):
        if name := self._pick(remote=True):
            connected = self.people[name]["state"] == "active"
            self._do("disconnect" if connected else "reconnect", session=name)
            self.people[name]["state"] = "online" if connected else "active"

    def _sleep(self):
        self._do("suspend")
        self._do("resume")

    def _reporter(self):
        if self.lost:
            self._do("recover", reason="found")
        else:
            self._do("lose", reason="lost")
        self.lost = not self.lost
