"""The agents plugin in a broker: its configuration, and what its pages show."""

import re
import unittest

from broker import SOURCE, Broker


def agents(*tables):
    text = '[plugins.agents]\nlibrary = "agents"\ngrant = ["usher.launch/1"]\n'
    text += '[plugins.agents.launch]\nprograms = ["/bin/"]\n'
    return text + "".join(f"[[plugins.agents.config.agent]]\n{table}\n" for table in tables)


class AnAgentsConfiguration(unittest.TestCase):
    def check(self, text):
        with Broker() as broker:
            broker.write_config(text)
            checked = broker.ctl("check-config", broker.config)
            lines = broker.config.read_text().splitlines()
            return checked.stderr.replace(f"{broker.config}:", ""), lines, checked.returncode

    def test_that_shows_every_key_is_taken(self):
        text = (SOURCE / "plugins/agents/agents.toml").read_text()
        self.assertEqual(self.check(text)[::2], ("", 0))

    def test_that_the_readme_shows_is_taken(self):
        page = (SOURCE / "plugins/agents/README.md").read_text()
        examples = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        self.assertEqual(len(examples), 3)
        for example in examples:
            self.assertEqual(self.check(example)[::2], ("", 0), example)

    def test_is_told_each_mistake_with_its_line(self):
        errors, lines, code = self.check(
            agents(
                "name = 'tray'\nprogram = '/bin/true'",
                "name = 'other'\nprogram = 'true'\nargs = ['${session.usr}']\n"
                "start_on = ['locked']\nstop_on = ['locked']\ncolour = 'red'\n"
                "backoff.initial = '10'",
            )
        )
        self.assertEqual(code, 3)
        told = {line.split(": ")[1]: int(line.split(":")[0]) for line in errors.splitlines()}
        expected = {
            f"plugins.agents.config.agent.1.{key}": lines.index(line) + 1
            for key, line in {
                "program": "program = 'true'",
                "args": "args = ['${session.usr}']",
                "start_on": "start_on = ['locked']",
                "stop_on": "stop_on = ['locked']",
                "colour": "colour = 'red'",
                "backoff.initial": "backoff.initial = '10'",
            }.items()
        }
        self.assertEqual(told, expected, errors)


if __name__ == "__main__":
    unittest.main()
