"""Chooses the findings that the formats of CI services show, with an identity and a line of the lock for each.

A finding is one problem or difference in a report.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator

from envparity.judge.findings import Finding
from envparity.judge.lock_lines import LockLine
from envparity.judge.report import Report
from envparity.render.words import is_note

SETTINGS = "pyproject.toml"
"""The file with envparity's settings. If a finding has no file, CI services show it at this file."""


def identified(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str, int]]:
    """Yield each finding with a hash that is the same in every run, and with a number.

    The hash does not cover the message, which may hold versions. Findings with the same hash are numbered from 1.
    """
    seen: Counter[str] = Counter()
    for one in findings:
        named = json.dumps([one.code, one.paths, one.distributions, sorted(one.doors)])
        key = hashlib.sha256(named.encode()).hexdigest()
        seen[key] += 1
        yield one, key, seen[key]


def to_show(report: Report) -> Iterator[Finding]:
    """Yield the new errors, the known errors and the notes; leave out accepted, declared and explained findings."""
    yield from (one for one in report.findings if one.fails or one.known or is_note(one))


def line_of(report: Report, one: Finding) -> LockLine | None:
    """Return the line of the lock for the first of the finding's distributions that the lock names.

    If the lock names no distribution of the finding, return the first line of the lock. Return None without a lock.
    """
    return next((report.lines[name] for name in one.distributions if name in report.lines), report.lock)
