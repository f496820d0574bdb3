"""The outcomes of the tests of a matrix."""

from dataclasses import dataclass
from enum import StrEnum

from dev.matrix.plan import Test
from pingtest.report import Latency

# The note next to the figures on each page and in docs/guides/run-the-matrix.md: Markdown without links.
COMPARES = (
    "Do not compare the figures of a matrix: other tests run during each test. `scripts/bench peers` measures one "
    "pair at a time."
)


class Ending(StrEnum):
    """The status of a finished test. The first three statuses are expected; the others are errors."""

    PASS = "pass"  # noqa: S105 - not a password
    LIMIT = "limit"
    """The test failed, because of a known limit of a library. dev/matrix/limits.toml has the cause."""
    UNSUPPORTED = "unsupported"
    """One side does not support the combination, so the test did not run."""
    FLAKY = "flaky"
    """The test failed at first, and passed when it ran again."""
    UNEXPECTED = "unexpected"
    """The test passed although it has a limit. Remove the limit from dev/matrix/limits.toml."""
    FAIL = "fail"


@dataclass(frozen=True)
class Implementation:
    """One side of a test: its `name` in the names of tests (`v0.8`, `go`), its library and the library's version."""

    name: str
    library: str
    version: str


@dataclass(frozen=True)
class PingOutcome:
    """The outcome of one test of the matrix, after `attempts` attempts that took `seconds` together."""

    test: Test
    status: Ending
    seconds: float
    attempts: int
    latency: Latency | None = None
    """The figures of the attempt that passed; None if none passed."""
    error: str = ""
    """The error line of the last attempt that failed; empty if none failed."""
    cause: str = ""
    """The known limit that makes the test fail, or the part of the test that one side does not support."""
    log: str = ""
    """The standard error of both sides, for all attempts."""


@dataclass(frozen=True)
class Results:
    """The results of a whole matrix, or of one shard. It `began` at a time in UTC, and ran for `seconds`."""

    began: str
    seconds: float
    implementations: tuple[Implementation, ...]
    outcomes: tuple[PingOutcome, ...]
