"""What an author gets wrong must not compile, and the compiler's message must say what would be right.

mistakes.py COMPILER INCLUDE_DIRECTORY
"""

import subprocess
import sys
import unittest

PLUGIN = """
#include <usher/plugin.hpp>
class Good final : public usher::Plugin {
public:
    using Plugin::Plugin;
    void OnEvent(const usher::Event&) override {}
};
"""
COMPILER, INCLUDE = sys.argv.pop(1), sys.argv.pop(1)


def compile_plugin(text):
    """What the compiler says; empty if it is content."""
    command = [COMPILER, "-std=c++17", "-fsyntax-only", "-I", INCLUDE, "-x", "c++", "-"]
    result = subprocess.run(command, input=PLUGIN + text, capture_output=True, text=True, check=False)
    return result.stderr if result.returncode else ""


def plugin(arguments, name="Good", plugin_id="org.example.x"):
    return f'USHER_PLUGIN({name}, "{plugin_id}", "1", {arguments});'


class AMistake(unittest.TestCase):
    def test_is_not_made_here(self):
        self.assertEqual(compile_plugin(plugin("usher::AllEvents")), "")
        ordered = "usher::AllEvents, usher::OwnEvents(), usher::Requires(USHER_EXT_LOG)"
        self.assertEqual(compile_plugin(plugin(ordered)), "")

    def test_no_events(self):
        text = plugin("usher::Requires(USHER_EXT_LOG)")
        self.assertIn("begin with usher::Events(...) or usher::AllEvents", compile_plugin(text))

    def test_something_else_behind_the_events(self):
        text = plugin("usher::AllEvents, 3")
        self.assertIn("behind the events come usher::Requires(...)", compile_plugin(text))

    def test_an_id_that_is_no_domain(self):
        said = compile_plugin(plugin("usher::AllEvents", plugin_id="mine"))
        self.assertIn("an id is a domain read backwards", said)

    def test_a_class_without_its_bases_constructor(self):
        text = "class Bad : public usher::Plugin { void OnEvent(const usher::Event&) override {} };"
        said = compile_plugin(text + plugin("usher::AllEvents", "Bad"))
        self.assertIn("using Plugin::Plugin;", said)

    def test_a_class_without_on_event(self):
        text = "class Bad : public usher::Plugin { public: using Plugin::Plugin; };"
        said = compile_plugin(text + plugin("usher::AllEvents", "Bad"))
        self.assertIn("the class needs an OnEvent", said)

    def test_a_class_that_is_no_plugin(self):
        text = "class Bad { public: explicit Bad(usher::Host) {} };"
        said = compile_plugin(text + plugin("usher::AllEvents", "Bad"))
        self.assertIn("derive the class from usher::Plugin", said)

    def test_a_check_of_the_configuration_of_another_form(self):
        text = """class Bad : public usher::Plugin {
            public: using Plugin::Plugin; void CheckConfig() {}
            void OnEvent(const usher::Event&) override {} };"""
        said = compile_plugin(text + plugin("usher::AllEvents", "Bad"))
        self.assertIn("write: static void CheckConfig(const usher::Host& host)", said)


unittest.main()
