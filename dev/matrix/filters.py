"""Which tests of the plan are wanted: the harness's filters, and one of several shards."""

from dataclasses import dataclass

from dev.matrix.plan import Test


@dataclass(frozen=True)
class Filters:
    """`select` and `ignore` as the harness has them: parts of a test's name, `|` between alternatives, empty for none.

    A test's shard hangs on its name alone, so that it stays where it is when others come and go.
    """

    select: str = ""
    ignore: str = ""
    shard: int = 1
    shards: int = 1

    def want(self, test: Test) -> bool:
        """Whether a test is to be run."""
        if self.select.strip("|") and not _any_in(self.select, test.name):
            return False
        return not _any_in(self.ignore, test.name) and int(test.key, 16) % self.shards == self.shard - 1


def _any_in(alternatives: str, name: str) -> bool:
    return any(part in name for part in alternatives.split("|") if part)
