"""The `Finding` class: one problem or difference, with the files, distributions and doors that it is about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypedDict, Unpack

from envparity.judge.rules import Rule, Severity
from envparity.snapshot.types import doc
from envparity.text import visible


@dataclass(frozen=True)
class Finding:
    """One problem or difference. `because` names the finding or the tools that this finding follows from."""

    code: Annotated[str, doc("The kind of finding. `envparity explain CODE` explains what it means and how to fix it.")]
    message: Annotated[str, doc("One line that says what is wrong, with the files, distributions and versions.")]
    paths: Annotated[tuple[str, ...], doc("The paths that the finding is about, as in `files` of the snapshot.")] = ()
    distributions: Annotated[
        tuple[str, ...],
        doc("The names of the distributions, tools or behaviour checks that the finding is about."),
    ] = ()
    doors: Annotated[tuple[str, ...], doc("The doors in which, or between which, envparity made the finding.")] = ()
    details: Annotated[tuple[str, ...], doc("Further lines about the finding.")] = ()
    severity: Annotated[
        Severity, doc("error or note. An error that the project does not accept makes the exit status 1.")
    ] = Severity.NOTE
    because: Annotated[
        str | None, doc("The code of the finding, or the build settings, that this finding follows from.")
    ] = None
    accepted: Annotated[str | None, doc("The reason why the project accepts the finding; null: not accepted.")] = None

    @property
    def subjects(self) -> tuple[str, ...]:
        """The texts that an acceptance has to match: the paths; without paths, the distributions; or else the code."""
        return self.paths or self.distributions or (self.code,)

    @property
    def fails(self) -> bool:
        """Whether this finding makes the exit status 1: it is an error, and the project does not accept it."""
        return self.severity is Severity.ERROR and self.accepted is None


# Characters of one line. A line may quote metadata, which can be of any length.
_LONGEST = 2000


class About(TypedDict, total=False):
    """The fields of a finding besides its message; `severity` is given if it is not the usual one of the rule."""

    paths: Iterable[str]
    distributions: Iterable[str]
    details: Iterable[str]
    severity: Severity | None
    because: str | None


def finding(rule: Rule, message: str, doors: Iterable[str] = (), **about: Unpack[About]) -> Finding:
    """Make a finding in which every text is safe to print: control characters are escaped and lines are cut."""
    return Finding(
        rule.code,
        _line(message),
        paths=tuple(visible(path) for path in about.get("paths", ())),
        distributions=tuple(visible(name) for name in about.get("distributions", ())),
        doors=tuple(visible(door) for door in doors),
        details=tuple(_line(line) for line in about.get("details", ())),
        severity=about.get("severity") or rule.severity,
        because=about.get("because"),
    )


def _line(text: str) -> str:
    safe = visible(text)
    return safe if len(safe) <= _LONGEST else f"{safe[:_LONGEST]}… ({len(safe)} characters)"


def some(names: Sequence[str], most: int = 3) -> str:
    """Return the first `most` names and a count of the others: `a, b, c and 2 more`."""
    first = ", ".join(names[:most])
    return first if len(names) <= most else f"{first} and {len(names) - most} more"
