"""What a kind of mutation is, what it promises, and whether the findings kept the promise."""

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
    """What has to find a mutation."""

    CHECK = "check"
    BYTECODE = "check --bytecode"
    COMPARE = "compare"


@dataclass(frozen=True)
class Expected:
    """A finding that must be there: its rule, every path that findings of that rule name, and its words."""

    rule: Rule
    paths: tuple[str, ...] = ()
    severity: Severity | None = None
    distribution: str | None = None
    says: str = ""


@dataclass(frozen=True)
class Mutation:
    """What was done, and what has to be found.

    `also` are rules whose findings follow from it and may be found too, at any path. `command` stands before the
    environment's Python when the door is opened: another user, another variable.
    """

    did: str
    expected: tuple[Expected, ...]
    also: frozenset[Rule] = frozenset()
    command: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """One kind of mutation; `worlds` are the environments that it is done to."""

    name: str
    how: How
    worlds: tuple[str, ...]
    apply: "Callable[[Scene], Mutation]"

    @property
    def meaning(self) -> str:
        """The first line of what the function says of itself."""
        return (self.apply.__doc__ or "").partition("\n")[0].rstrip(".")


KINDS: dict[str, Kind] = {}
TRACKS = ("v0.4", "v0.8")
COLLISION = "collision"


def kind(
    name: str, how: How = How.CHECK, worlds: tuple[str, ...] = TRACKS
) -> "Callable[[Callable[[Scene], Mutation]], Callable[[Scene], Mutation]]":
    """Enter a function into the table of kinds."""

    def enter(apply: "Callable[[Scene], Mutation]") -> "Callable[[Scene], Mutation]":
        if name in KINDS:
            raise ValueError(f"two kinds of mutation are called {name}")
        KINDS[name] = Kind(name, how, worlds, apply)
        return apply

    return enter


@dataclass(frozen=True)
class Seen:
    """Findings that the mutation brought: of `check`, and of `compare` with the clean environment."""

    check: Sequence[Finding]
    compare: Sequence[Finding]


def complaints(how: How, mutation: Mutation, seen: Seen) -> list[str]:
    """What was missed, and what was found that is not so; empty where the promise was kept."""
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
        # The table says that one environment cannot show it: so nothing may be told of one.
        said += [f"told by check: {_line(one)}" for one in seen.check if one.code not in also]
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
