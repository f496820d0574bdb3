"""Tests of the texts that all output formats of a report share."""

from dataclasses import replace

from report_samples import mapped, sample

from envparity.judge.findings import finding
from envparity.judge.integrity.files import FILE_ALTERED
from envparity.judge.report import path_text
from envparity.render.words import cause_lines, counted, lines_of, outcome, printable, sections, where
from envparity.text import listed


def test_the_outcome_is_one_line_and_names_the_doors_that_were_not_compared() -> None:
    sound = replace(sample(), findings=(), closed=())
    assert [f"{outcome(one)}: {counted(one)} {where(one)}" for one in (sample(), sound)] == [
        "fail: 1 error, 2 notes, 1 declared, 1 accepted in venv and nix (docker not compared)",
        "pass: 0 errors, 0 notes in venv and nix",
    ]


def test_every_finding_is_in_one_section() -> None:
    report = sample()
    found = sections(report)
    assert [group.rule.code for group in found.errors] == ["path-contested"]
    assert list(found.notes) == ["ownership"]
    assert [group.rule.code for group in found.explained] == ["transform-bytecode"]
    assert [group.rule.code for group in found.declared] == ["toolchain-differs"]
    assert [group.rule.code for group in found.accepted] == ["toolchain-differs"]
    noted = (group for groups in found.notes.values() for group in groups)
    groups = [*found.errors, *noted, *found.explained, *found.declared, *found.accepted]
    assert sorted(f.message for g in groups for f in g.findings) == sorted(f.message for f in report.findings)


def test_an_accepted_error_is_counted_as_accepted_only() -> None:
    accepted = replace(sample().findings[0], accepted="known")
    assert counted(replace(sample(), findings=(accepted,))) == "0 errors, 0 notes, 1 accepted"


def test_control_characters_are_escaped_everywhere_and_other_text_is_unchanged() -> None:
    assert printable(sample()) == sample()
    steered = printable(mapped(sample(), lambda text: f"{text}\x1b\u202e\ud800\n"))
    expected = mapped(sample(), lambda text: f"{text}\\x1b\\u202e\\ud800\\x0a")
    assert steered == expected


def test_a_finding_says_nothing_twice() -> None:
    told = finding(FILE_ALTERED, "site/a.py: different bytes", paths=["site/a.py"], details=["different bytes", "more"])
    assert lines_of(told) == ("more",)
    assert lines_of(replace(told, details=())) == ()
    several = replace(told, details=(), paths=("site/a.py", "site/b.py"))
    assert lines_of(several) == ("site/a.py", "site/b.py")


def test_the_cause_of_a_finding_is_another_finding_or_settings_of_the_builds() -> None:
    told = finding(FILE_ALTERED, "site/a.py: different bytes")
    assert cause_lines(told) == []
    assert cause_lines(replace(told, because="interpreter-patch")) == ["follows from the finding interpreter-patch"]
    assert cause_lines(replace(told, because="compiler")) == ["the settings of the builds differ: compiler"]


def test_lists_and_paths_become_text() -> None:
    assert [listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert path_text(sample().why[0].paths[1]) == "libp2p -> multiaddr>=0.0.9 (0.1.0)"
    assert path_text(()) == ""
