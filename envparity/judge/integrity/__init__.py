"""The integrity family: checks installed files and metadata against RECORD and against the other doors."""

from collections.abc import Iterator

from envparity.judge.family import Family
from envparity.judge.findings import Finding
from envparity.judge.integrity import differences, files, records
from envparity.judge.rules import Rules
from envparity.judge.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Yield what is wrong with metadata and RECORDs, then what is wrong with files."""
    yield from records.check(subject)
    yield from files.check(subject)


RULES = Rules("integrity", [*files.RULES, *records.RULES, *differences.RULES])
FAMILY = Family(RULES, check, differences.compare)
