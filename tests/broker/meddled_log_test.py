"""What somebody else does to the log's files while the broker runs: it is mended, and told."""

import shutil
import signal
import unittest

from broker import Broker, eventually


class ALogThatIsRemovedWhileItIsWritten(unittest.TestCase):
    def has(self, broker, name):
        """Something happens until the file is there."""

        def made():
            broker.ctl("reload")
            return (broker.log / name).is_file()

        eventually(made, f"{name} to be made anew\n{broker.says()}")

    def test_is_made_anew_with_its_reserved_numbers(self):
        with Broker() as broker:
            broker.start()
            shutil.rmtree(broker.log)
            self.has(broker, "reserved")
            self.assertEqual(broker.ctl("verify").returncode, 0, broker.ctl("verify").stdout)
            last = broker.events()[-1]["seq"]
            broker.stop(signal.SIGKILL)
            broker.start()

            def started():
                found = broker.events("--type", "broker.started")
                return next((event["seq"] for event in found if event["seq"] > last), None)

            self.assertLess(eventually(started, "broker.started"), 20_000, "as if none were known")
            broker.stop()
            self.assertEqual(broker.ctl("verify").returncode, 0, broker.ctl("verify").stdout)

    def test_says_in_its_status_that_a_folder_is_in_the_way(self):
        with Broker() as broker:
            broker.start()
            reserved = broker.log / "reserved"
            reserved.unlink()
            reserved.mkdir()

            def told():
                broker.ctl("reload")
                return "no numbers can be reserved" in broker.ctl("status").stdout

            eventually(told, f"the status to say so\n{broker.says()}")
            self.assertIn(f"'{reserved}' is not a regular file", broker.says())
            reserved.rmdir()
            eventually(lambda: broker.ctl("status").returncode == 0, "the status to be good")
            self.assertTrue(reserved.is_file())
            self.assertIn("numbers can be reserved for events again", broker.says())


if __name__ == "__main__":
    unittest.main()
