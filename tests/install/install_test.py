"""`cmake --install` as the maker of a package uses it: with DESTDIR, into an empty folder."""

import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["USHER_BUILD"])
SOURCE = pathlib.Path(os.environ["USHER_SOURCE"])
# Where systemd's own units are, which ours names.
UNITS = "usr/lib/systemd/system"
# What systemd-analyze(1) may say of the unit at most, of 10.
MOST_EXPOSURE = 2.5

PROGRAMS = {
    "usr/local/sbin/usherd",
    "usr/local/bin/usherctl",
    "usr/local/bin/usher-check",
    "usr/local/libexec/usher/usher-plugin-host",
}
SERVICE = {
    "usr/local/lib/systemd/system/usherd.service",
    "usr/local/lib/tmpfiles.d/usher.conf",
    "usr/local/lib/sysusers.d/usher.conf",
    "usr/local/share/usher/usher.toml",
    "etc/usher/usher.toml",
}
OTHERS = {
    "usr/local/lib/systemd/catalog/usher.catalog",
    "usr/local/lib/usher/plugins/agents.so",
    "usr/local/lib/usher/plugins/hooks.so",
    "usr/local/lib/usher/plugins/journald.so",
    "usr/local/lib/usher/plugins/null.so",
    "usr/local/lib/usher/plugins/presence.so",
    "usr/local/share/usher/event.schema.json",
    "usr/local/share/usher/report.schema.json",
}
# What authors of plugins get, which is more than one would list; tests/abi looks at it.
SDK = re.compile("usr/local/(include/usher|lib/cmake/usher|share/usher/(template|examples)|share/doc)/")


def run(*command, **options):
    result = subprocess.run(
        list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    assert result.returncode == 0, f"{command} ended with {result.returncode}:\n{result.stdout}"
    return result.stdout


def install(destination, *options, build=BUILD):
    # CMake sets the modes of files itself; those of folders come of the umask.
    environment = dict(os.environ, DESTDIR=str(destination))
    return run("cmake", "--install", build, *options, env=environment, umask=0o022)


def configured(prefix, build):
    """Configures a build for another prefix; answers its folder."""
    run("cmake", "-S", SOURCE, "-B", build, f"-DCMAKE_INSTALL_PREFIX={prefix}", "-DBUILD_TESTING=OFF")
    return build


def files(root):
    return {str(path.relative_to(root)): path for path in root.rglob("*") if not path.is_dir()}


def exposure(unit):
    said = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
    return float(re.search(r"Overall exposure level for usherd\.service: ([0-9.]+)", said)[1])


def complaints(root):
    """What systemd-analyze finds wrong with the unit below `root`."""
    if not (root / UNITS / "sysinit.target").exists():
        shutil.copytree(f"/{UNITS}", root / UNITS, symlinks=True, dirs_exist_ok=True)
    said = subprocess.run(
        ["systemd-analyze", f"--root={root}", "--man=no", "verify", "usherd.service"],
        capture_output=True, text=True,
    )  # fmt: skip
    lines = [line for line in said.stderr.splitlines() if "usherd" in line]
    return lines or ([] if said.returncode == 0 else [said.stderr])


class Folder:
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="usher-install-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name) / "root"
        self.other_build = pathlib.Path(folder.name) / "build"


class AnInstallation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="usher-install-")
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name) / "root"
        install(cls.root, "--strip")
        cls.files = files(cls.root)
        cls.folders = [path for path in cls.root.rglob("*") if path.is_dir()]

    def mode(self, path):
        return stat.S_IMODE(path.lstat().st_mode)

    def test_is_exactly_what_is_listed_here(self):
        found = {name for name in self.files if not SDK.match(name)}
        multiarch = {re.sub("/lib/[^/]*-linux-[^/]*/", "/lib/", name) for name in found}
        self.assertEqual(multiarch, PROGRAMS | SERVICE | OTHERS)

    def test_has_the_modes_that_it_should(self):
        for name, path in self.files.items():
            self.assertEqual(oct(self.mode(path)), oct(0o755 if name in PROGRAMS else 0o644), name)
        for path in self.folders:
            self.assertEqual(oct(self.mode(path)), oct(0o755), path)

    def test_has_a_unit_that_systemd_has_nothing_against(self):
        self.assertEqual(complaints(self.root), [])

    def test_names_only_what_it_installed(self):
        unit = self.files["usr/local/lib/systemd/system/usherd.service"].read_text()
        programs = re.findall(r"^Exec\w+=(\S+)", unit, re.MULTILINE)
        self.assertEqual(programs, ["/usr/local/sbin/usherd", "/usr/local/bin/usherctl"])
        self.assertNotIn("@", re.sub("@[a-z-]+", "", unit), "a variable of CMake's")

    def test_has_a_unit_that_is_not_exposed(self):
        unit = self.files["usr/local/lib/systemd/system/usherd.service"]
        self.assertLessEqual(exposure(unit), MOST_EXPOSURE)

    def test_has_a_default_configuration_that_is_valid(self):
        usherctl = BUILD / "bin/usherctl"
        for name in ("etc/usher/usher.toml", "usr/local/share/usher/usher.toml"):
            self.assertIn("is valid", run(usherctl, "check-config", self.files[name]))


class AnotherPrefix(Folder, unittest.TestCase):
    def test_has_its_own_paths_in_the_unit_but_the_configuration_where_it_always_is(self):
        install(self.root, "--component", "service", build=configured("/usr", self.other_build))
        self.assertEqual(
            set(files(self.root)), {name.replace("usr/local/", "usr/") for name in SERVICE}
        )
        unit = (self.root / UNITS / "usherd.service").read_text()
        self.assertIn("\nExecStart=/usr/sbin/usherd\n", unit)
        for program in ("usr/sbin/usherd", "usr/bin/usherctl"):
            (self.root / program).parent.mkdir(exist_ok=True)
            shutil.copy("/bin/true", self.root / program)
        self.assertEqual(complaints(self.root), [])


class AnAdministratorsConfiguration(Folder, unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.mine = self.root / "etc/usher/usher.toml"
        self.mine.parent.mkdir(parents=True)

    def test_is_kept_and_the_new_default_lies_beside_it(self):
        self.mine.write_text("# mine\n")
        said = install(self.root, "--component", "service")
        self.assertEqual(self.mine.read_text(), "# mine\n")
        self.assertIn(f"Kept: {self.mine}", said)
        default = self.root / "usr/local/share/usher/usher.toml"
        self.assertEqual(default.read_text(), (SOURCE / "config/usher.toml").read_text())

    def test_is_kept_as_a_link_that_leads_nowhere_yet(self):
        self.mine.symlink_to("/run/made-at-boot/usher.toml")
        install(self.root, "--component", "service")
        self.assertTrue(self.mine.is_symlink())


if __name__ == "__main__":
    unittest.main()
