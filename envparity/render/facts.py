"""The facts that an HTML page shows first about a finding, and the anchor of the finding on the page.

A finding is one problem or difference in a report. A door is a way to reach an environment.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from envparity.judge.findings import Finding
from envparity.judge.report import Report
from envparity.render.words import Group, Sections


@dataclass(frozen=True)
class Facts:
    """The facts about one finding that a page shows before the message of the finding.

    `anchor` is unique on the page. `kind` is the word for the section of the finding, for example `error`. `paths` are
    the files of the finding, and `owners` are the distributions of these files, with their versions. Both are empty if
    the finding is about a whole distribution. `holds` is a text about the bytes of the files, from `Finding.holds`.
    """

    anchor: str
    kind: str
    paths: tuple[str, ...]
    owners: tuple[str, ...]
    holds: str | None


def facts_of(report: Report, found: Sections) -> dict[int, Facts]:
    """Return a dict from the id() of each finding in `found` to its facts.

    An anchor has the code and the first distribution or path, so that a link still leads to the finding after other
    findings are fixed.
    """
    used: Counter[str] = Counter()
    facts: dict[int, Facts] = {}
    for kind, group in grouped(found):
        for one in group.findings:
            anchor = _anchor(one)
            used[anchor] += 1
            count = used[anchor]
            paths = () if all(path.endswith((".dist-info", ".egg-info")) for path in one.paths) else one.paths
            facts[id(one)] = Facts(
                anchor=f"{anchor}_{count}" if count > 1 else anchor,
                kind=kind,
                paths=paths,
                owners=tuple(_label(report, one, name) for name in one.distributions) if paths else (),
                holds=one.holds,
            )
    return facts


def grouped(found: Sections) -> Iterator[tuple[str, Group]]:
    """Yield every group of findings with the word for its section, in the order of the page."""
    yield from found.groups()
    yield from (("explained", group) for group in found.explained)
    yield from (("declared", group) for group in found.declared)


def _anchor(one: Finding) -> str:
    first = next(iter(one.distributions or one.paths), "")
    slug = re.sub(r"[^a-z0-9]+", "-", first.lower()).strip("-")[:60]
    return f"{one.code}_{slug}" if slug else one.code


def _label(report: Report, one: Finding, name: str) -> str:
    """Return a distribution with its versions in the doors of the finding: `jwt 1.4.0`."""
    row = report.rows.get(canonicalize_name(name.partition("@")[0]), ())
    doors = [door.name for door in report.doors]
    versions = [version for door, version in zip(doors, row, strict=False) if version and door in one.doors]
    return f"{name} {' or '.join(dict.fromkeys(versions))}" if versions else name
