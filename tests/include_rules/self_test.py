#!/usr/bin/env python3
"""Breaks each rule once in a small tree of its own and wants it found."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import include_rules  # Found by the line above.

CMAKE = """
function(usher_stage name)
endfunction()
usher_stage(event)
usher_stage(source   USES event)           # a comment (with brackets)
usher_stage(session  USES event source     LIBRARIES some::library)
usher_stage(eventlog USES session)
usher_stage(host     USES event            LIBRARIES usher_sdk)
usher_stage(daemon   USES event)
usher_stage(platform/simulated USES event source)
usher_stage(platform/linux
            USES event platform_simulated)
"""

GOOD_TREE = {
    "broker/CMakeLists.txt": CMAKE,
    "broker/event/event.h": "#pragma once\n#include <string>\n",
    "broker/event/event.cc": '#include "event/event.h"\n#include <cerrno>\n',
    "broker/source/source.cc": '#include "event/event.h"\n#include "source/source.h"\n',
    "broker/session/table.cc": '#include "source/source.h"\n#include <boost/asio.hpp>\n',
    "broker/eventlog/log.cc": '#include "session/table.h"\n',
    "broker/host/host.cc": '#include "usher/plugin.h"\n#include "event/event.h"\n',
    "broker/daemon/main.cc": '#include "eventlog/log.h"\n#include "platform/linux/x.h"\n',
    "broker/platform/simulated/x.cc": '#include "source/source.h"\n',
    "broker/platform/linux/x.cc": '#include "platform/simulated/x.h"\n'
                                  '#include <unistd.h>\n#ifdef __linux__\n#endif\n',
    "sdk/check/platform/linux/x.cc": "#include <malloc.h>\n#include <unistd.h>\n",
    "sdk/include/usher/plugin.h": "#if defined(_WIN32)\n#endif\n",
    "plugins/null/null.cc": "#include <usher/plugin.hpp>\n",
}


def write_tree(root, tree):
    for path, text in tree.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


class IncludeRules(unittest.TestCase):
    def check_tree(self, tree):
        with tempfile.TemporaryDirectory() as folder:
            write_tree(pathlib.Path(folder), tree)
            breaches = include_rules.check_tree(pathlib.Path(folder))
            return (1 if breaches else 0), "".join(breach + "\n" for breach in breaches)

    def run_on(self, *arguments):
        done = subprocess.run([sys.executable, include_rules.__file__, *arguments],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    def assert_breach(self, path, text, expected, line=1):
        status, output = self.check_tree({**GOOD_TREE, path: text})
        self.assertEqual(status, 1, output)
        self.assertEqual(len(output.splitlines()), 1, output)
        self.assertIn(f"{path}:{line}: ", output)
        self.assertIn(expected, output)

    def test_a_good_tree_passes(self):
        self.assertEqual(self.check_tree(GOOD_TREE), (0, ""))

    def test_a_stage_to_the_right_is_refused(self):
        self.assert_breach("broker/event/event.h", '#pragma once\n#include "source/source.h"\n',
                           "event includes source", line=2)

    def test_what_a_used_stage_uses_does_not_count(self):
        self.assert_breach("broker/eventlog/log.cc", '#include "event/event.h"\n',
                           "eventlog includes event")

    def test_a_platform_is_refused_outside_the_daemon(self):
        self.assert_breach("broker/source/source.cc", '#include "platform/linux/x.h"\n',
                           "source includes platform/linux")

    def test_platforms_obey_their_uses(self):
        self.assert_breach("broker/platform/linux/x.cc", '#include "session/table.h"\n',
                           "platform/linux includes session")

    def test_spaces_in_a_directive_hide_nothing(self):
        self.assert_breach("broker/event/event.h", ' #  include  "source/source.h"\n',
                           "event includes source")

    def test_the_sdk_needs_its_target(self):
        self.assert_breach("broker/source/source.cc", '#include "usher/event.h"\n', "includes the SDK")
        self.assert_breach("broker/source/source.cc", '#include <usher/event.h>\n', "includes the SDK")

    def test_an_include_without_its_stage_is_refused(self):
        self.assert_breach("broker/event/event.cc", '#include "event.h"\n', "is in no stage")

    def test_a_file_outside_all_stages_is_refused(self):
        self.assert_breach("broker/misc/x.cc", "\n", "in no stage")

    def test_a_source_above_the_stages_includes_none(self):
        tree = {**GOOD_TREE, "broker/json.cc": "#include <boost/json/src.hpp>\n"}
        self.assertEqual(self.check_tree(tree), (0, ""))
        self.assert_breach("broker/json.cc", '#include "event/event.h"\n', "json.cc includes event")

    def test_platform_macros_are_refused(self):
        for line in ("#ifdef _WIN32", "#ifndef __linux__", "#if defined(__APPLE__)",
                     "# if defined(X) || defined(__unix__)", "#elif _MSC_VER > 1900"):
            for path in ("broker/event/event.cc", "sdk/include/usher/event.h", "plugins/null/null.cc"):
                with self.subTest(line=line, path=path):
                    self.assert_breach(path, line + "\n", "give each system a file of its own")

    def test_other_conditions_pass(self):
        text = "#ifndef USHER_EVENT_H\n#define USHER_EVENT_H\n#ifdef __cplusplus\n#endif\n#endif\n"
        self.assertEqual(self.check_tree({**GOOD_TREE, "sdk/include/usher/event.h": text}), (0, ""))

    def test_headers_of_one_system_are_refused(self):
        for header in ("unistd.h", "sys/stat.h", "fcntl.h", "poll.h", "pthread.h", "netinet/in.h",
                       "windows.h", "Windows.h", "systemd/sd-login.h", "sdbus-c++/sdbus-c++.h"):
            for path in ("broker/event/event.cc", "plugins/null/null.cc"):
                with self.subTest(header=header, path=path):
                    self.assert_breach(path, f"#include <{header}>\n", "is one system's")

    def test_toml_is_included_through_its_wrapper(self):
        self.assert_breach("broker/platform/linux/x.cc", "#include <toml++/toml.h>\n",
                           'include "settings/toml.h" instead')
        tree = {**GOOD_TREE, "broker/CMakeLists.txt": CMAKE + "usher_stage(settings USES event)\n",
                "broker/settings/toml.h": "#include <toml++/toml.h>\n"}
        self.assertEqual(self.check_tree(tree), (0, ""))

    def test_a_used_stage_must_exist(self):
        cmake = CMAKE + "usher_stage(last USES evnt)\n"
        self.assert_breach("broker/CMakeLists.txt", cmake, "last uses evnt")

    def test_a_tree_without_stages_is_no_pass(self):
        status, output = self.check_tree({**GOOD_TREE, "broker/CMakeLists.txt": "\n"})
        self.assertEqual(status, 1)
        self.assertIn("no usher_stage() found", output)

    def test_the_command_says_by_its_status_what_it_found(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            write_tree(root, GOOD_TREE)
            self.assertEqual(self.run_on(folder), (0, ""))
            (root / "broker/event/event.h").write_text("#include <unistd.h>\n", encoding="utf-8")
            status, output = self.run_on(folder)
            self.assertEqual(status, 1)
            self.assertIn("event.h:1: <unistd.h>", output)
            self.assertEqual(self.run_on()[0], 2)

    def test_every_breach_is_reported(self):
        status, output = self.check_tree({
            **GOOD_TREE,
            "broker/event/event.h": '#include "source/source.h"\n#include <unistd.h>\n',
            "broker/source/source.cc": "#ifdef _WIN32\n#endif\n"})
        self.assertEqual(status, 1)
        self.assertEqual(len(output.splitlines()), 3, output)


if __name__ == "__main__":
    unittest.main()
