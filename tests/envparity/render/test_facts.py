"""Tests of the facts that a page shows first about a finding: the file, its owners, whose bytes it has, the anchor."""

from dataclasses import replace
from pathlib import Path

from broken_environment import broken_report
from report_samples import sample

from envparity.render.facts import Facts, facts_of, grouped
from envparity.render.words import sections


def facts_by_code(report_folder: Path) -> dict[str, Facts]:
    report = broken_report(report_folder, number=1)
    found = sections(report)
    facts = facts_of(report, found)
    return {one.code: facts[id(one)] for one in report.findings}


def test_a_real_finding_has_the_file_its_owners_and_whose_bytes_it_has(tmp_path: Path) -> None:
    facts = facts_by_code(tmp_path)
    contested = facts["path-contested"]
    assert contested.paths == ("site/part_00_shared/__init__.py",)
    assert contested.owners == ("part-00-first 1.0", "part-00-second 1.0")
    assert contested.holds == "it has the bytes of part-00-second 1.0"
    assert contested.anchor == "path-contested_part-00-first"
    assert contested.kind == "error"
    altered = facts["file-altered"]
    assert altered.holds == "bytes that the RECORD of part-00-altered 1.0 does not describe"
    assert facts["file-missing"].holds == "no file is there"
    assert (facts["file-extraneous"].owners, facts["file-extraneous"].holds) == ((), "bytes of no distribution")


def test_a_finding_about_a_distribution_has_no_file(tmp_path: Path) -> None:
    facts = facts_by_code(tmp_path)
    assert (facts["lock-version"].paths, facts["lock-version"].owners) == ((), ())


def test_every_finding_has_its_own_anchor_and_each_section_its_kind() -> None:
    report = sample()
    twice = replace(report, findings=(*report.findings, *(replace(one) for one in report.findings)))
    facts = facts_of(twice, sections(twice))
    assert len({one.anchor for one in facts.values()}) == len(facts) == len(twice.findings)
    assert [kind for kind, _ in grouped(sections(report))] == ["error", "note", "accepted", "explained", "declared"]
