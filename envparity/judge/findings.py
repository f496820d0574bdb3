"""The `Finding` class: one problem or difference, with the files, distributions and doors that it is about.

A door is a way to reach an environment, for example a container. An acceptance is an entry of pyproject.toml that
accepts findings.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, TypedDict, Unpack

from envparity.fix.fix import Fix
from envparity.judge.rules import Rule, Severity
from envparity.snapshot.types import doc
from envparity.text import visible


@dataclass(frozen=True)
class Finding:
    """One problem or difference. `because` names its cause: another finding, or build settings that differ."""

    code: Annotated[str, doc("The kind of finding. `envparity explain CODE` explains what it means and how to fix it.")]
    message: Annotated[str, doc("One line that says what is wrong, with the files, distributions and versions.")]
    paths: Annotated[tuple[str, ...], doc("The paths that the finding is about, as in `files` of the snapshot.")] = ()
    distributions: Annotated[
        tuple[str, ...],
        doc("The names of the distributions, tools or behaviour checks that the finding is about."),
    ] = ()
    doors: Annotated[tuple[str, ...], doc("The doors with the problem, or the doors that envparity compared.")] = ()
    details: Annotated[tuple[str, ...], doc("Further lines about the finding.")] = ()
    holds: Annotated[
        str | None,
        doc(
            "A text about the bytes of the files at `paths`, such as `bytes of no distribution`; null: the finding is "
            "not about bytes."
        ),
    ] = None
    severity: Annotated[
        Severity, doc("error or note. A new error that the project does not accept makes the exit status 1.")
    ] = Severity.NOTE
    because: Annotated[
        str | None, doc("The cause of this finding: the code of another finding, or build settings that differ.")
    ] = None
    accepted: Annotated[str | None, doc("The reason why the project accepts the finding; null: not accepted.")] = None
    declared: Annotated[
        str | None, doc("The reason in the toolchain file why the doors may differ in this way; null: not declared.")
    ] = None
    fixes: Annotated[
        tuple[Fix, ...],
        doc("The commands that fix the finding, for each door; empty: `envparity explain CODE` says what to do."),
    ] = ()
    known: Annotated[bool, doc("Whether the baseline, an earlier report, has the same error.")] = False

    @property
    def subjects(self) -> tuple[str, ...]:
        """Return the texts that acceptances must match: the paths, or else the distributions, or else the code."""
        return self.paths or self.distributions or (self.code,)

    @property
    def fails(self) -> bool:
        """Return whether this finding makes the exit status 1: a new error that the project does not accept."""
        return self.severity is Severity.ERROR and self.accepted is None and not self.known


# The most characters of one line. A line may quote metadata, which can have any length.
_LONGEST = 2000


class About(TypedDict, total=False):
    """The optional fields of a finding; `severity` is needed only if it differs from the rule's usual severity."""

    paths: Iterable[str]
    distributions: Iterable[str]
    details: Iterable[str]
    holds: str | None
    severity: Severity | None
    because: str | None
    declared: str | None


def finding(rule: Rule, message: str, doors: Iterable[str] = (), **about: Unpack[About]) -> Finding:
    """Return a finding of the kind `rule`.

    To make its texts safe to print, escape control characters and cut long lines.
    """
    return Finding(
        rule.code,
        _line(message),
        paths=tuple(visible(path) for path in about.get("paths", ())),
        distributions=tuple(visible(name) for name in about.get("distributions", ())),
        doors=tuple(visible(door) for door in doors),
        details=tuple(_line(line) for line in about.get("details", ())),
        holds=_line(holds) if (holds := about.get("holds")) else None,
        severity=about.get("severity") or rule.severity,
        because=about.get("because"),
        declared=about.get("declared"),
    )


def _line(text: str) -> str:
    safe = visible(text)
    return safe if len(safe) <= _LONGEST else f"{safe[:_LONGEST]}… ({len(safe)} characters)"
