"""The README's first command."""

import os
import subprocess
import unittest

from broker import SOURCE


class TheDemo(unittest.TestCase):
    def test_shows_a_day_with_two_plugins_and_ends_by_itself(self):
        demo = subprocess.run(
            [SOURCE / "config/demo/run"],
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=280,
            env={**os.environ, "NO_COLOR": "1"},
        )
        self.assertEqual(demo.returncode, 0, demo.stdout + demo.stderr)
        for word in (
            "broker.started",
            "session.logon",
            "session.locked",
            "session.unlocked",
            "console.switched",
            "remote",
            "session.logoff",
            "system.shutting_down",
            "broker.stopping",
            "presence",
            "null",
            "anybody_at_the_machine",
        ):
            self.assertIn(word, demo.stdout)


if __name__ == "__main__":
    unittest.main()
