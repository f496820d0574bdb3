"""Choose the tests of a run by parts of their names, and by shard, which is a numbered part of all tests."""

from dataclasses import dataclass

from dev.matrix.plan import Test


@dataclass(frozen=True)
class Filters:
    """The filters of a run.

    `select` and `ignore` are parts of test names, separated by `|`, as in the harness unified-testing. An empty text
    filters nothing. `shard` counts from 1 to `shards`. A test's shard depends only on its name and on `shards`, so that
    a test stays in its shard when other tests are added or removed.
    """

    select: str = ""
    ignore: str = ""
    shard: int = 1
    shards: int = 1

    def want(self, test: Test) -> bool:
        """Return whether the run includes a test."""
        if self.select.strip("|") and not _any_in(self.select, test.name):
            return False
        return not _any_in(self.ignore, test.name) and int(test.key, 16) % self.shards == self.shard - 1


def _any_in(alternatives: str, name: str) -> bool:
    return any(part in name for part in alternatives.split("|") if part)
