"""A finding: one thing that is not as it should be, with the files, distributions and doors that it concerns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Annotated

from envparity.judge.codes import Code, Severity, rule
from envparity.snapshot.types import doc
from envparity.text import visible


@dataclass(frozen=True)
class Acceptance:
    """A finding that a project lives with: by code and path (a shell pattern), and why."""

    code: Code
    path: str
    reason: str

    def covers(self, code: Code, subject: str) -> bool:
        """Whether it is meant for one path of a finding."""
        return code is self.code and fnmatchcase(subject, self.path)

    def matches(self, found: "Finding") -> bool:
        """Whether it is meant for something of a finding."""
        return any(self.covers(found.code, subject) for subject in found.subjects)


@dataclass(frozen=True)
class Finding:
    """`message` is one line; `details` are further lines; `because` names the finding that this one follows from."""

    code: Annotated[Code, doc("The kind of finding: `envparity explain CODE` tells what it means and how to mend it.")]
    message: Annotated[str, doc("One line that names what it is about.")]
    paths: Annotated[tuple[str, ...], doc("The paths that it concerns, as in the snapshot's `files`.")] = ()
    distributions: Annotated[
        tuple[str, ...],
        doc("The distributions that it concerns, or the behaviour check, by name."),
    ] = ()
    doors: Annotated[tuple[str, ...], doc("The doors that it was found in, or between.")] = ()
    details: Annotated[tuple[str, ...], doc("Further lines.")] = ()
    severity: Annotated[Severity, doc("An error that is not accepted makes the exit status 1.")] = Severity.NOTE
    because: Annotated[str | None, doc("The finding that this one follows from.")] = None
    accepted: Annotated[str | None, doc("The project's reason to live with it.")] = None

    @property
    def subjects(self) -> tuple[str, ...]:
        """What an acceptance is matched with: the paths, or where there are none the distributions."""
        return self.paths or self.distributions or (self.code.value,)

    @property
    def fails(self) -> bool:
        """Whether it changes the exit status."""
        return self.severity is Severity.ERROR and self.accepted is None


# Of a line that somebody's metadata may have made as long as they like.
_LONGEST = 2000


def finding(
    code: Code,
    message: str,
    *,
    paths: Iterable[str] = (),
    distributions: Iterable[str] = (),
    doors: Iterable[str] = (),
    details: Iterable[str] = (),
    severity: Severity | None = None,
    because: str | None = None,
) -> Finding:
    """A finding with its code's usual severity, everything in it made safe to show."""
    return Finding(
        code,
        _line(message),
        tuple(visible(path) for path in paths),
        tuple(visible(name) for name in distributions),
        tuple(visible(door) for door in doors),
        tuple(_line(line) for line in details),
        severity or rule(code).severity,
        because,
    )


def _line(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}… ({len(shown)} characters)"


def accept(findings: Iterable[Finding], acceptances: Sequence[Acceptance]) -> list[Finding]:
    """Mark what the project accepts; a finding is accepted if all that it names is."""
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


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Errors first, then by family, code, and what they name."""
    families = {code: number for number, code in enumerate(Code)}
    return sorted(findings, key=lambda one: (not one.fails, one.severity, families[one.code], one.subjects, one.doors))


def some(names: Sequence[str], most: int = 3) -> str:
    """A list in words: the first few, and how many more."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
