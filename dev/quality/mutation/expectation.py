"""The kinds of mutation, the findings that each mutation must cause, and the check that envparity reports them.

A mutation is one change to a copy of an environment. A finding is one problem or difference that envparity reports.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from envparity.judge.findings import Finding
from envparity.judge.rules import Rule, Severity

if TYPE_CHECKING:
    from dev.quality.mutation.scene import Scene


class How(StrEnum):
    """The command of envparity that must find a mutation."""

    CHECK = "check"
    BYTECODE = "check --bytecode"
    COMPARE = "compare"


@dataclass(frozen=True)
class Expected:
    """A finding that envparity must report: its rule, its severity, and a distribution that it names.

    All findings of one rule together must name exactly the `paths` of all `Expected` objects with this rule. `says` is
    a part of the finding's text. If `severity` is None, the finding may have any severity. If `distribution` is None,
    the finding may name any distribution or no distribution.
    """

    rule: Rule
    paths: tuple[str, ...] = ()
    severity: Severity | None = None
    distribution: str | None = None
    says: str = ""


@dataclass(frozen=True)
class Mutation:
    """A mutation: a text that says what was changed, and the findings that envparity must report.

    envparity may also report findings of the rules `also`, at any path. `command` has words that go before the command
    of the environment's Python, for example `env NAME=value`.
    """

    did: str
    expected: tuple[Expected, ...]
    also: frozenset[Rule] = frozenset()
    command: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """One kind of mutation: `apply` makes the change, and the command `how` of envparity must report it.

    `worlds` are the names of the environments in which this kind can run.
    """

    name: str
    how: How
    worlds: tuple[str, ...]
    apply: "Callable[[Scene], Mutation]"

    @property
    def meaning(self) -> str:
        """Return the first line of the docstring of `apply`, without its full stop."""
        return (self.apply.__doc__ or "").partition("\n")[0].rstrip(".")


KINDS: dict[str, Kind] = {}
TRACKS = ("v0.4", "v0.8")
COLLISION = "collision"


def kind(
    name: str, how: How = How.CHECK, worlds: tuple[str, ...] = TRACKS
) -> "Callable[[Callable[[Scene], Mutation]], Callable[[Scene], Mutation]]":
    """Return a decorator that registers a function as a kind of mutation.

    The decorator raises ValueError if another kind has this name.
    """

    def enter(apply: "Callable[[Scene], Mutation]") -> "Callable[[Scene], Mutation]":
        if name in KINDS:
            raise ValueError(f"two kinds of mutation are called {name}")
        KINDS[name] = Kind(name, how, worlds, apply)
        return apply

    return enter


@dataclass(frozen=True)
class Seen:
    """The findings that a mutation caused: of `check`, and of `compare` with the clean environment."""

    check: Sequence[Finding]
    compare: Sequence[Finding]


def complaints(how: How, mutation: Mutation, seen: Seen) -> list[str]:
    """Return a line for each expected finding that is missing, and for each finding that was not expected.

    With How.COMPARE, the expected findings must come from `compare`, and no finding of `check` is expected.
    """
    told = seen.compare if how is How.COMPARE else seen.check
    said = [complaint for one in mutation.expected if (complaint := _missed(one, told))]
    codes: dict[str, set[str]] = defaultdict(set)
    also = {rule.code for rule in mutation.also}
    for one in mutation.expected:
        codes[one.rule.code].update(one.paths)
    for found in told:
        if found.code in also:
            continue
        if found.code not in codes:
            said.append(f"unrelated: {_line(found)}")
        elif strange := set(found.paths) - codes[found.code]:
            said.append(f"unrelated paths {', '.join(sorted(strange)[:3])}: {_line(found)}")
    if how is How.COMPARE:
        # A kind with How.COMPARE claims that one environment alone cannot reveal the mutation, so `check` must report
        # nothing.
        said += [f"reported by check: {_line(one)}" for one in seen.check if one.code not in also]
    return said


def _missed(one: Expected, told: Iterable[Finding]) -> str | None:
    same = [
        found
        for found in told
        if found.code == one.rule.code
        and (one.severity is None or found.severity is one.severity)
        and (one.distribution is None or one.distribution in found.distributions)
        and one.says in "\n".join((found.message, *found.details))
    ]
    unnamed = set(one.paths) - {path for found in same for path in found.paths}
    if same and not unnamed:
        return None
    what = ", ".join(sorted(unnamed)[:3]) or one.distribution or ""
    return f"missed: {one.rule.code} {what}" + (f" saying {one.says!r}" if one.says else "")


def _line(found: Finding) -> str:
    return f"{found.severity.value} {found.code} {found.message}"
