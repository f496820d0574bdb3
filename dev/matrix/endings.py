"""The outcomes of the tests of a matrix, in which every implementation dials every implementation, also itself."""

from dataclasses import dataclass
from enum import StrEnum

from dev.matrix.plan import Test
from pingtest.report import Latency

# The note next to the figures on each page of results and in docs/guides/run-the-matrix.md: Markdown without links.
COMPARES = (
    "Do not compare the figures of a matrix: other tests run during each test. `scripts/bench peers` measures one "
    "pair at a time."
)


class Ending(StrEnum):
    """The status of a finished test. The first three statuses are expected; the others are errors."""

    PASS = "pass"  # noqa: S105 - not a password
    LIMIT = "limit"
    """The test failed because of a known limit, that is, a bug or a missing feature of a library."""
    UNSUPPORTED = "unsupported"
    """At least one side does not support the combination, so the test did not run."""
    FLAKY = "flaky"
    """The test failed at first. When it ran again, it passed, or failed because of a known limit."""
    UNEXPECTED = "unexpected"
    """The test passed although it has a known limit. Remove the limit from dev/matrix/limits.toml."""
    FAIL = "fail"


@dataclass(frozen=True)
class Implementation:
    """One implementation: its `name` in test names (for example `v0.8` or `go`), its library and the version."""

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
    """The figures of the attempt that passed; None if no attempt passed."""
    error: str = ""
    """The error line of the last attempt that failed; empty if no attempt failed."""
    cause: str = ""
    """The known limit of the test, or the sides that do not support the test and the parts that each of them lacks.

    It is empty if the status is `fail`, or if the test ran and has no known limit.
    """
    log: str = ""
    """The standard error of the dialer and the listener, for all attempts."""


@dataclass(frozen=True)
class Results:
    """The results of a whole matrix, or of one shard, which is a numbered part of the matrix.

    `began` is a UTC time in the form `2026-01-31T12:00:00Z`. `seconds` is how long the tests took; for several shards,
    it is the sum of their durations.
    """

    began: str
    seconds: float
    implementations: tuple[Implementation, ...]
    outcomes: tuple[PingOutcome, ...]
