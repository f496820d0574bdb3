"""Tests of what the formats of CI services share."""

from dataclasses import replace

from report_samples import sample

from envparity.judge.findings import finding
from envparity.judge.lock_lines import LockLine
from envparity.judge.resolution import LOCK_EXTRA
from envparity.render.identity import identified, line_of, to_show


def test_an_identity_is_the_same_for_other_words_and_another_order() -> None:
    findings = sample().findings
    before = {key for _, key, _ in identified(findings)}
    assert len(before) == len(findings)
    changed = [replace(one, message="other words", details=("x",), doors=one.doors[::-1]) for one in findings[::-1]]
    assert {key for _, key, _ in identified(changed)} == before
    assert {number for _, _, number in identified(findings)} == {1}
    assert [number for *_, number in identified([findings[0]] * 3)] == [1, 2, 3]
    other = replace(findings[0], paths=("site/other.py",))
    assert {key for _, key, _ in identified([other])}.isdisjoint(before)


def test_accepted_declared_and_explained_findings_are_not_shown() -> None:
    report = sample()
    assert [one.code for one in to_show(report)] == ["path-contested", "top-level-squatter", "top-level-squatter"]
    known = replace(report, findings=(replace(report.findings[0], known=True),))
    assert list(to_show(known)) == list(known.findings)


def test_a_finding_has_the_line_of_its_first_distribution_in_the_lock() -> None:
    report = replace(sample(), lock=LockLine("lock.txt"), lines={"b": LockLine("more.txt", 7)})
    assert line_of(report, finding(LOCK_EXTRA, "x", distributions=["a", "b"])) == LockLine("more.txt", 7)
    assert line_of(report, finding(LOCK_EXTRA, "x", distributions=["c"])) == LockLine("lock.txt", 1)
    assert line_of(sample(), finding(LOCK_EXTRA, "x", distributions=["b"])) is None
