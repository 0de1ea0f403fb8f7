"""Does what sdk/README.md says, as somebody who has nothing but the installed SDK.

Installs the SDK to an empty home, writes each block of the page that is a file ("<!-- file: NAME -->"),
runs each block of commands ("<!-- run: FOLDER -->") in the page's order, and takes every plugin that
came of it through a life. A block without such a line is an error.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

MARK = re.compile(r"<!-- (?P<what>file|run): (?P<where>\S+)(?: needs: (?P<needs>\S+))? -->")
FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def run(command, **options):
    """Runs a command; on failure all it said is what this program says."""
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **options
    )
    if result.returncode != 0:
        sys.exit(f"{command} ended with {result.returncode}:\n{result.stdout}")


def blocks(page):
    """Each block with the match of the line above it."""
    end = 0
    for fence in FENCE.finditer(page):
        lines = page[end : fence.start()].splitlines()
        mark = MARK.fullmatch(lines[-1]) if lines else None
        if mark is None:
            sys.exit(f"this block has no '<!-- file: … -->' or '<!-- run: … -->' above it:\n{fence[0]}")
        yield mark, fence["text"]
        end = fence.end()


def follow(readme, home, environment):
    for mark, text in blocks(readme.read_text()):
        if mark["what"] == "file":
            path = home / mark["where"]
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        elif mark["needs"] is None or shutil.which(mark["needs"]):
            run(["sh", "-e", "-c", text], cwd=home / mark["where"], env=environment)


def check(plugin, prefix, options):
    exports = options.source / "check_exports.cmake"
    run(["cmake", "-D", f"LIBRARY={plugin}", "-D", f"NM={options.nm}", "-P", exports])
    run([options.driver, plugin])
    # Less than it would do by itself: the tests of usher-check have its patience.
    table = prefix.parent / f"{plugin.stem}.toml"
    configuration = ["--config", table] if table.exists() else []
    command = [prefix / "bin/usher-check", "--events", "1000", "--fuzz-runs", "2"]
    run([*command, *configuration, plugin])


def check_links(prefix):
    """Each link of each installed page leads to something that is installed, too."""
    pages = list(prefix.glob("**/*.md"))
    if len(pages) < 4:
        sys.exit(f"only these pages are installed: {pages}")
    for page in pages:
        text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
            if "://" not in target and not (page.parent / target).exists():
                sys.exit(f"{page}: the link to {target} leads nowhere")


def main():
    parser = argparse.ArgumentParser()
    for option in ("build", "readme", "source", "driver"):
        parser.add_argument(f"--{option}", type=pathlib.Path, required=True)
    for option in ("nm", "cc", "cxx"):
        parser.add_argument(f"--{option}", required=True)
    options = parser.parse_args()
    # The same compilers, but none of our options: an author has none of them.
    with tempfile.TemporaryDirectory(prefix="usher-sdk-") as folder:
        home = pathlib.Path(folder)
        rust = os.environ.get("RUSTUP_HOME", str(pathlib.Path.home() / ".rustup"))
        path = f"{options.build}/bin:{os.environ['PATH']}"
        environment = dict(
            os.environ, HOME=folder, PATH=path, CC=options.cc, CXX=options.cxx, RUSTUP_HOME=rust
        )
        run(["cmake", "--install", options.build, "--component", "sdk", "--prefix", home / "usher"])
        check_links(home / "usher")
        follow(options.readme, home, environment)
        plugins = sorted(home.glob("**/*.so"))
        if len(plugins) < 7:
            sys.exit(f"of all the page's plugins only these were built: {plugins}")
        for plugin in plugins:
            check(plugin, home / "usher", options)


main()
