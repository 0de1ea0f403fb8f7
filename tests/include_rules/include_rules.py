#!/usr/bin/env python3
"""Holds the sources against the rules on includes.

- A stage of broker/ includes headers of its own folder and of the stages that its USES in
  broker/CMakeLists.txt names, no others: what those use in turn does not count.
- A source in broker/ itself (a library compiled once) is in no stage and includes none.
- Platform macros stand in the platform folders (of broker/, sdk/check/, plugins/common/ and plugins/journald/) and
  in the SDK's export macro only.
- Headers of one operating system stand in the platform folders only.
- toml++ is included through broker/settings/toml.h only, which makes its parser safe.

Usage: include_rules.py ROOT     prints file:line: message for each breach; status 1 if there is one.
"""

import pathlib
import re
import sys

SOURCE_SUFFIXES = {".h", ".hpp", ".c", ".cc", ".cpp"}
PORTABLE_FOLDERS = ("broker", "sdk", "plugins")
PLATFORM_FOLDERS = ("broker/platform", "sdk/check/platform", "plugins/common/platform",
                    "plugins/journald/platform")
EXPORT_MACRO_FILE = "sdk/include/usher/plugin.h"
SEES_ALL = {"daemon"}
WRAPPED = {"toml++/": "broker/settings/toml.h"}

STAGE = re.compile(r"\busher_stage\s*\(([^)]*)\)")
KEYWORDS = {"USES", "LIBRARIES"}
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
CONDITION = re.compile(r"\s*#\s*(?:if|ifdef|ifndef|elif)\b(.*)")
PLATFORM_MACRO = re.compile(
    r"\b(_WIN32|_WIN64|WIN32|__MINGW32__|__MINGW64__|_MSC_VER|__CYGWIN__|__linux__|__linux|linux|"
    r"__gnu_linux__|__unix__|__unix|unix|__APPLE__|__MACH__|__ANDROID__|__FreeBSD__|__NetBSD__|"
    r"__OpenBSD__|__DragonFly__|__sun|_POSIX_VERSION)\b|\bBOOST_OS_\w+")
SYSTEM_HEADER = re.compile(
    r"(sys|net|netinet|arpa|linux|asm|systemd|sdbus-c\+\+)/.*|"
    r"(aio|cpio|dirent|dlfcn|elf|endian|err|execinfo|fcntl|fnmatch|ftw|getopt|glob|grp|iconv|ifaddrs|"
    r"langinfo|libgen|link|mntent|monetary|mqueue|ndbm|netdb|nl_types|paths|poll|pthread|pty|pwd|"
    r"regex|sched|semaphore|shadow|spawn|strings|sysexits|syslog|tar|termios|ucontext|ulimit|unistd|"
    r"utime|utmp|utmpx|wait|wordexp|windows|winsock2|ws2tcpip|wtsapi32|winternl|psapi)\.h",
    re.IGNORECASE)


class Stage:
    """One usher_stage(): its folder below broker/ and what it may include."""

    def __init__(self, folder, uses, libraries):
        self.folder = folder
        self.uses = uses
        self.libraries = libraries

    @property
    def target(self):
        return self.folder.replace("/", "_")


def read_stages(cmake_text):
    """The stages of broker/CMakeLists.txt, by folder."""
    code = "\n".join(line.split("#", 1)[0] for line in cmake_text.splitlines())
    stages = {}
    for call in STAGE.findall(code):
        words = call.split()
        if not words or "$" in words[0] or words[0] == "name":
            continue
        lists = {"USES": [], "LIBRARIES": []}
        current = None
        for word in words[1:]:
            if word in KEYWORDS:
                current = word
            elif current:
                lists[current].append(word)
        stages[words[0]] = Stage(words[0], set(lists["USES"]), set(lists["LIBRARIES"]))
    return stages


def stage_of(path, stages):
    """The stage whose folder `path` (below broker/) is in: the longest that fits; None if there is none."""
    folders = [folder for folder in stages if path.startswith(folder + "/")]
    return stages[max(folders, key=len)] if folders else None


def check_stage_include(stage, header, stages, broker):
    """What is wrong with including `header` (as written) in a source of `stage`; None if nothing."""
    if header.startswith("usher/"):
        allowed = stage.folder in SEES_ALL or "usher_sdk" in stage.libraries
        return None if allowed else f'{stage.folder} includes the SDK, but does not link usher_sdk'
    other = stage_of(header, stages)
    if other is None:
        if (broker / header).exists() or "/" not in header:
            return f'"{header}" is in no stage; include from broker/, as in "event/event.h"'
        return None
    if other is stage or stage.folder in SEES_ALL or other.target in stage.uses:
        return None
    return f"{stage.folder} includes {other.folder}, which is not in its USES in broker/CMakeLists.txt"


def check_portability(line, may_condition):
    """What in `line` ties it to one system; None if nothing."""
    condition = CONDITION.match(line)
    if condition and not may_condition:
        macro = PLATFORM_MACRO.search(condition.group(1))
        if macro:
            return f"{macro.group(0)} belongs into {PLATFORM_FOLDERS[0]}: give each system a file of its own"
    include = INCLUDE.match(line)
    if include and SYSTEM_HEADER.fullmatch(include.group(2)):
        return f"<{include.group(2)}> is one system's: what needs it belongs into {PLATFORM_FOLDERS[0]}"
    return None


def check_wrapped(line, name):
    """The wrapper that this include in file `name` goes past; None if it does not."""
    include = INCLUDE.match(line)
    for prefix, wrapper in WRAPPED.items():
        if include and include.group(2).startswith(prefix) and name != wrapper:
            return f'include "{wrapper.removeprefix("broker/")}" instead of <{include.group(2)}>'
    return None


def sources(root):
    """Every source of the folders that have rules, sorted, relative to the root."""
    found = []
    for folder in PORTABLE_FOLDERS:
        for path in (root / folder).rglob("*"):
            if path.suffix in SOURCE_SUFFIXES and path.is_file():
                found.append(path.relative_to(root))
    return sorted(found)


def check_file(root, path, stages):
    """The breaches in one file, as (line, message)."""
    name = path.as_posix()
    in_platform = name.startswith(tuple(folder + "/" for folder in PLATFORM_FOLDERS))
    in_broker = name.startswith("broker/")
    stage = stage_of(name.removeprefix("broker/"), stages) if in_broker else None
    if path.parent.as_posix() == "broker":
        stage = Stage(path.name, set(), set())
    if in_broker and stage is None:
        yield 1, "this file is in no stage of broker/CMakeLists.txt"
        return
    text = (root / path).read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        message = check_wrapped(line, name)
        if message is None and not in_platform:
            message = check_portability(line, name == EXPORT_MACRO_FILE)
        include = INCLUDE.match(line)
        if message is None and stage and include and (
                include.group(1) == '"' or include.group(2).startswith("usher/")):
            message = check_stage_include(stage, include.group(2), stages, root / "broker")
        if message:
            yield number, message


def check_tree(root):
    """Every breach below `root`, as sentences."""
    cmake = root / "broker" / "CMakeLists.txt"
    stages = read_stages(cmake.read_text(encoding="utf-8"))
    if not stages:
        return [f"{cmake}:1: no usher_stage() found"]
    targets = {stage.target for stage in stages.values()}
    breaches = [f"{cmake}:1: {stage.folder} uses {name}, which is no stage"
                for stage in stages.values() for name in sorted(stage.uses - targets)]
    files = sources(root)
    if not files:
        breaches.append(f"{root}:1: no sources found")
    for path in files:
        for number, message in check_file(root, path, stages):
            breaches.append(f"{root / path}:{number}: {message}")
    return breaches


def main(arguments):
    if len(arguments) != 1:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    breaches = check_tree(pathlib.Path(arguments[0]))
    for breach in breaches:
        print(breach)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
