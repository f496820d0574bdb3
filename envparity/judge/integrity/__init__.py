"""The integrity family: checks installed files and metadata against RECORD, and compares the files of several doors.

A family is a group of related checks, and a finding is one problem or difference that a check reports. A door is a way
to reach an environment, for example a container.
"""

from collections.abc import Iterator

from envparity.judge.family import Family
from envparity.judge.findings import Finding
from envparity.judge.integrity import differences, files, links, records
from envparity.judge.rules import Rules
from envparity.judge.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Yield the findings about metadata and RECORDs, then the findings about files."""
    yield from records.check(subject)
    yield from links.check(subject)
    yield from files.check(subject)


RULES = Rules("integrity", [*files.RULES, *links.RULES, *records.RULES, *differences.RULES])
FAMILY = Family(RULES, check, differences.compare)
