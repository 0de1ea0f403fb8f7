"""Users and groups as the system's own database has them, on the real logind."""

import unittest

from supervised import SupervisedTest, agent, may_launch

SLEEP = 'args = ["1000000"]\n'
MEMBERS = 20000


class AnAgentOfAGroup(SupervisedTest):
    PLUGINS = (
        may_launch("/usr/bin/sleep")
        + agent("of-crowd", "/usr/bin/sleep", SLEEP + 'sessions.group = ["crowd"]')
        + agent("of-last", "/usr/bin/sleep", SLEEP + 'sessions.group = ["group-1499"]')
        + agent("of-none", "/usr/bin/sleep", SLEEP + 'sessions.group = ["nobodys"]')
        + agent("plain", "/usr/bin/sleep", SLEEP)
    )

    @classmethod
    def prepare(cls, broker):
        crowd = ",".join(["alice", *(f"member-{number:06}" for number in range(MEMBERS))])
        groups = [f"group-{number}:x:{5000 + number}:bob" for number in range(1500)]
        lines = [f"crowd:x:4000:{crowd}", "nobodys:x:4001:", *groups, ""]
        (cls.box.work / "groups").write_text("\n".join(lines))
        cls.box.run("sh", "-c", "cat /usher/work/groups >>/etc/group")

    def test_is_found_where_the_group_has_many_members(self):
        alice = self.logon_at_console("alice")
        self.wait_until_it_runs("of-crowd", alice)
        self.wait_until_it_runs("plain", alice)
        self.assertEqual({row["agent"] for row in self.rows(session=alice.id)}, {"of-crowd", "plain"})

    def test_is_found_where_the_user_has_many_groups(self):
        bob = self.logon_at_console("bob")
        self.wait_until_it_runs("of-last", bob)
        self.wait_until_it_runs("plain", bob)
        self.assertEqual({row["agent"] for row in self.rows(session=bob.id)}, {"of-last", "plain"})


if __name__ == "__main__":
    unittest.main()
