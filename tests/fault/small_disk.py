"""Real file systems that are small enough to be filled. They need root."""

import os
import pathlib
import shutil
import subprocess
import tempfile


def run(*command):
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]}: {done.stderr.strip() or done.returncode}")


class SmallDisk:
    """A file system of its own, mounted as long as the `with` statement lasts."""

    def __init__(self, kind):
        if os.geteuid() != 0:
            raise AssertionError(
                "to mount a file system needs root: run the tests as root, or leave these out (--fast)"
            )
        self.kind = kind

    def __enter__(self):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="usher-disk-"))
        self.path = self._folder / "mounted"
        self.path.mkdir()
        try:
            {"ext4": self._mount_ext4, "tmpfs": self._mount_tmpfs}[self.kind]()
        except BaseException:
            shutil.rmtree(self._folder)
            raise
        return self

    def __exit__(self, *unused):
        self.thaw()
        # Detached at once, gone with the last process that has something open there.
        run("umount", "--lazy", self.path)
        shutil.rmtree(self._folder)

    def _mount_ext4(self):
        image = self._folder / "image"
        with open(image, "wb") as file:
            file.truncate(8 << 20)
        run("mkfs.ext4", "-q", "-m", "0", image)
        run("mount", "-o", "loop", image, self.path)

    def _mount_tmpfs(self):
        run("mount", "-t", "tmpfs", "-o", "size=4m", "usher-test", self.path)

    def fill(self):
        """Leaves no byte to write."""
        with open(self.path / "filler", "ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:
                    pass

    def free(self):
        (self.path / "filler").unlink()

    def freeze(self):
        """From now on who writes waits."""
        run("fsfreeze", "--freeze", self.path)

    def thaw(self):
        """May be called where it is not frozen."""
        subprocess.run(["fsfreeze", "--unfreeze", self.path], capture_output=True, check=False)
