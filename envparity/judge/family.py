"""The `Family` class: the rules about one topic, for example bytecode, and the two functions that apply the rules.

A rule describes one kind of finding: a problem in an environment, or a difference between environments.
"""

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
    """The rules about one topic, and the two functions that apply the rules.

    `check` yields the problems in one environment. `compare` yields the differences between several environments.
    """

    rules: Rules
    check: Callable[[Subject], Iterable[Finding]] = _nothing
    compare: Callable[[Comparison], Iterable[Finding]] = _nothing
