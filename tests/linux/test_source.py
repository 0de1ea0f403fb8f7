"""The logind source alone, against a real logind."""

import subprocess
import unittest

from box import PATIENCE
from boxed import BoxTest


class Contract(BoxTest):
    def test_the_logind_source_keeps_the_contract_of_all_sources(self):
        program = self.box.service(
            "/usher/build/tests/logind_contract", "--gtest_color=no",
            properties=["Environment=USHER_PAM_SESSION=/usher/tests/pam_session.py"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        said, _ = program.communicate(timeout=2 * PATIENCE)
        self.assertEqual(program.returncode, 0, said.decode(errors="replace"))
        self.assertIn(b"[  PASSED  ]", said)


if __name__ == "__main__":
    unittest.main()
