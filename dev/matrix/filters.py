"""Choose the tests of a run: the harness's filters, and the division of the tests into shards."""

from dataclasses import dataclass

from dev.matrix.plan import Test


@dataclass(frozen=True)
class Filters:
    """The filters of a run. `select` and `ignore` have the harness's form: parts of a test's name, separated by `|`.

    An empty text filters nothing. A test's shard depends only on its name, so that a test stays in its shard when
    other tests are added or removed.
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
