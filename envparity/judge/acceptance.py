"""Acceptances: which findings the project lives with, and which of its acceptances nothing needs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from envparity.judge.family import Family
from envparity.judge.findings import Finding, finding
from envparity.judge.rules import Rule, Rules
from envparity.judge.subject import Subject

RULES = Rules("project")
ACCEPTANCE_UNUSED = RULES.note(
    "acceptance-unused",
    title="accepted, but not found",
    meaning="pyproject.toml accepts a finding that this run could have made and did not: somebody fixed it, or the "
    "pattern is misspelt. If the acceptance stays, it hides the finding when it comes back.",
    fix="Remove the acceptance, unless another track or door needs it.",
)
FAMILY = Family(RULES)


@dataclass(frozen=True)
class Acceptance:
    """A finding that a project lives with: by code and path (a shell pattern), and why."""

    code: str
    path: str
    reason: str

    def covers(self, code: str, subject: str) -> bool:
        """Tell whether it is meant for one path of a finding."""
        return code == self.code and fnmatchcase(subject, self.path)

    def matches(self, found: Finding) -> bool:
        """Tell whether it is meant for something that a finding names."""
        return any(self.covers(found.code, subject) for subject in found.subjects)


def accept(findings: Iterable[Finding], acceptances: Sequence[Acceptance]) -> list[Finding]:
    """Mark what the project accepts; a finding is accepted if everything that it names is."""
    return [_accept(one, acceptances) for one in findings]


def _accept(one: Finding, acceptances: Sequence[Acceptance]) -> Finding:
    reasons: list[str] = []
    for subject in one.subjects:
        reason = next((a.reason for a in acceptances if a.covers(one.code, subject)), None)
        if reason is None:
            return one
        if reason not in reasons:
            reasons.append(reason)
    return replace(one, accepted="; ".join(reasons))


def unused(subjects: Sequence[Subject], findings: Sequence[Finding], rules: Mapping[str, Rule]) -> Iterator[Finding]:
    """Yield each acceptance that matches no finding, although this run could have found what it accepts."""
    for one in subjects[0].config.accept if subjects else ():
        if rules[one.code].can_be_found(subjects) and not any(one.matches(found) for found in findings):
            yield finding(
                ACCEPTANCE_UNUSED,
                f"expected a finding {one.code} at {one.path}, as pyproject.toml accepts ({one.reason}), found none",
                paths=[one.path],
                doors=[subject.door for subject in subjects],
            )
