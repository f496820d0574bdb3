"""The `Family` class: the rules about one subject, and the two functions that apply them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from envparity.judge.comparison import Comparison
from envparity.judge.findings import Finding
from envparity.judge.rules import Rules
from envparity.judge.subject import Subject


def _nothing(_looked_at: object) -> Iterable[Finding]:
    return ()


@dataclass(frozen=True)
class Family:
    """The rules about one subject, and the two functions that apply them.

    `check` yields what is wrong with one environment. `compare` yields what differs between doors.
    """

    rules: Rules
    check: Callable[[Subject], Iterable[Finding]] = _nothing
    compare: Callable[[Comparison], Iterable[Finding]] = _nothing
