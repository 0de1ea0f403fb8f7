"""A broker that is killed again and again, on a disk that may lose power."""

import shutil

from broker import BUILD, Broker

# The instances of the recorder, by name, and what is particular about each.
RECORDERS = {
    "all": "",
    "slow": "delay_us = 2000\n",
    "moody": "fail_every = 40\n",
}
OTHERS = {"null": f"{BUILD}/lib/usher/plugins/null.so", "fails": f"{BUILD}/tests/plugins/fails.so"}


class CrashBroker(Broker):
    """A broker whose log and state stand below one folder, the disk that may lose power."""

    def __init__(self, power_loss):
        self.power_loss = power_loss
        super().__init__()
        self.disk = self.root / "disk"
        self.shadow = self.root / "shadow"
        self.log = self.disk / "log"
        self.state = self.disk / "state"

    def configure(self, settings):
        """`settings`: pace, sync, total, and the names of the plugins."""
        text = (
            f'state_directory = "{self.state}"\n'
            f'runtime_directory = "{self.root}/run"\n'
            f'[source]\ntype = "simulated"\nscenario = "{self.root}/scenario.toml"\n'
            f'pace = {settings["pace"]}\n'
            f'[control]\nsocket = "{self.root}/run/control.sock"\n'
            f'[log]\ndirectory = "{self.log}"\nsegment_size = "64 KiB"\n'
            f'total_size = "{settings["total"]}"\nsync = "{settings["sync"]}"\n'
        )
        for name in settings["plugins"]:
            text += f"[plugins.{name}]\n"
            if name in OTHERS:
                text += f'library = "{OTHERS[name]}"\n'
            else:
                text += f'library = "{BUILD}/tests/plugins/recorder.so"\n'
                text += f'[plugins.{name}.config]\nfile = "{self.recording(name)}"\n'
                text += RECORDERS[name]
        self.config.write_text(text)

    def command(self):
        if not self.power_loss:
            return super().command()
        return [BUILD / "tests/usherd_unsynced", self.config, self.disk, self.shadow]

    def recording(self, name):
        return self.root / f"recorded-{name}"

    def lose_power(self, random):
        """Puts the disk back to what was synced, perhaps with a part of what was written since."""
        before = self.disk.rename(self.root / "before")
        (self.shadow / "tree").rename(self.disk)
        shutil.rmtree(self.shadow)
        for segment in sorted(self.log.glob("events-*.jsonl")) if random.random() < 0.5 else []:
            kept, written = segment.read_bytes(), before / "log" / segment.name
            extra = written.read_bytes() if written.exists() else b""
            if extra.startswith(kept):
                segment.write_bytes(extra[: random.randint(len(kept), len(extra))])
        shutil.rmtree(before)
