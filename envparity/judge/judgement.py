"""Collects the findings of all families about each environment, and about the differences between environments.

A finding is one problem or difference, and a family is a group of checks. A door is a way to reach an environment.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from envparity.fix.fixes import fixes_of
from envparity.fix.place import Place
from envparity.judge.acceptance import accept, unused
from envparity.judge.comparison import Comparison
from envparity.judge.findings import Finding
from envparity.judge.folding import fold
from envparity.judge.further import further_families
from envparity.judge.registry import FAMILIES, known_rules
from envparity.judge.subject import Subject
from envparity.project.config import Config


def check(subject: Subject) -> list[Finding]:
    """Return the findings about one environment, errors first; `accepted` is set if the project accepts a finding."""
    found = (one for family in (*FAMILIES, *further_families()) for one in family.check(subject))
    folded = fold(_marked(accept(found, subject.config.accept, subject.hashes), subject.config))
    place = Place(subject)
    return in_order(replace(one, fixes=fixes_of(place, one)) for one in folded)


def compare(subjects: Sequence[Subject]) -> list[Finding]:
    """Return the differences between doors, errors first; `accepted` is set if the project accepts a finding."""
    comparison = Comparison(subjects)
    found = (one for family in (*FAMILIES, *further_families()) for one in family.compare(comparison))
    config = subjects[0].config if subjects else None
    if config is None:
        return []
    return in_order(fold(_marked(accept(found, config.accept), config)))


def _marked(findings: list[Finding], config: Config) -> list[Finding]:
    return findings if config.baseline is None else config.baseline.mark(findings)


def judged(subjects: Sequence[Subject]) -> list[Finding]:
    """Return the findings about each environment, about their differences and about unused acceptances, errors first.

    A finding that several doors have is returned once, with the names of these doors and the fixes for each of them.
    """
    merged: dict[Finding, list[Finding]] = {}
    for subject in subjects:
        for one in check(subject):
            merged.setdefault(replace(one, doors=(), fixes=()), []).append(one)
    findings = [
        replace(
            one,
            doors=tuple(door for each in several for door in each.doors),
            fixes=tuple(fix for each in several for fix in each.fixes),
        )
        for one, several in merged.items()
    ]
    if len(subjects) > 1:
        findings += compare(subjects)
    return in_order([*findings, *unused(subjects, findings, known_rules())])


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings in order: errors first, then by family, by code, and by their paths or distributions."""
    places = {code: place for place, code in enumerate(known_rules())}
    return sorted(findings, key=lambda one: (not one.fails, one.severity, places[one.code], one.subjects, one.doors))
