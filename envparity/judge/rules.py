"""The `Rule` class: one kind of finding, with its meaning and its fix.

A finding is one problem in an environment, or one difference between doors. A door is a way to reach an environment. A
family is a group of related rules.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NotRequired, TypedDict, Unpack

if TYPE_CHECKING:
    from envparity.judge.subject import Subject


class Severity(StrEnum):
    """The severity of a finding. Only an error changes the exit status."""

    ERROR = "error"
    NOTE = "note"


Possible = Callable[[Sequence["Subject"]], bool]


def _always(_subjects: "Sequence[Subject]") -> bool:
    return True


@dataclass(frozen=True)
class Rule:
    """One kind of finding. Its `code` is a published name, which never changes its meaning.

    `severity` is the usual severity; a check may give a finding another severity. `compared` is True if only a
    comparison of doors makes the finding. `possible` takes the environments of a run, and returns whether the run could
    make the finding. For example, only a run with --artefacts can make the finding `artefact-differs`.
    """

    code: str
    family: str
    severity: Severity
    title: str
    meaning: str
    fix: str
    compared: bool = False
    possible: Possible = _always

    def can_be_found(self, subjects: "Sequence[Subject]") -> bool:
        """Return whether a run over `subjects` could have made a finding of this kind."""
        return not (self.compared and len(subjects) < 2) and self.possible(subjects)


class Facts(TypedDict):
    """The fields of `Rule` that `Rules.error` and `Rules.note` take as arguments."""

    title: str
    meaning: str
    fix: str
    compared: NotRequired[bool]
    possible: NotRequired[Possible]


@dataclass(frozen=True)
class Rules:
    """The rules of one family, in the order in which reports and documents list them."""

    family: str
    listed: list[Rule] = field(default_factory=list)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.listed)

    def error(self, code: str, **facts: Unpack[Facts]) -> Rule:
        """Add a rule whose findings are usually errors, and return the rule."""
        return self._add(Rule(code, self.family, Severity.ERROR, **facts))

    def note(self, code: str, **facts: Unpack[Facts]) -> Rule:
        """Add a rule whose findings are usually notes, and return the rule."""
        return self._add(Rule(code, self.family, Severity.NOTE, **facts))

    def _add(self, rule: Rule) -> Rule:
        self.listed.append(rule)
        return rule
