"""What became of the tests of a matrix."""

from dataclasses import dataclass
from enum import StrEnum

from dev.matrix.plan import Test
from pingtest.report import Latency

# What is said beside every figure, on each page and in docs/matrix.md: Markdown, without links.
COMPARES = (
    "The figures of a matrix are taken while other tests run, so they compare nothing: `scripts/bench peers` compares."
)


class Ending(StrEnum):
    """How a test ended; only the first three are no errors."""

    PASS = "pass"  # noqa: S105 - no password
    LIMIT = "limit"
    """It fails, as a library is known to: dev/matrix/limits.toml has the cause."""
    UNSUPPORTED = "unsupported"
    """One side does not offer the combination: nothing was run."""
    FLAKY = "flaky"
    """It failed, and passed when it was tried again."""
    UNEXPECTED = "unexpected"
    """It passes, against its limit: the limit is to be taken out."""
    FAIL = "fail"


@dataclass(frozen=True)
class Implementation:
    """One side of a test: `name` as in tests (`v0.8`, `go`), the library it stands for and its version."""

    name: str
    library: str
    version: str


@dataclass(frozen=True)
class PingOutcome:
    """One test of the matrix."""

    test: Test
    status: Ending
    seconds: float
    attempts: int
    latency: Latency | None = None
    """Of the attempt that passed."""
    error: str = ""
    """The line of the side that failed, of the last attempt that did."""
    cause: str = ""
    """Why a library is known to fail it, or which side lacks what."""
    log: str = ""
    """What both sides wrote to standard error."""


@dataclass(frozen=True)
class Results:
    """A whole matrix: `began` in UTC, `seconds` of running, shards merged."""

    began: str
    seconds: float
    implementations: tuple[Implementation, ...]
    outcomes: tuple[PingOutcome, ...]
