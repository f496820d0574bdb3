"""Tests of the order of all findings (errors and notes) of one run, and of findings about several environments."""

from pathlib import Path

from judging import LOOK, altered, codes, edited, of, project_of, put, saved, subject

from envparity.judge.acceptance import Acceptance, accept
from envparity.judge.findings import finding
from envparity.judge.integrity.files import FILE_MISSING
from envparity.judge.judgement import in_order, judged
from envparity.judge.ownership import PATH_CONTESTED
from envparity.judge.resolution import LOCK_EXTRA, UNLOCKED
from envparity.judge.session import compare_doors


def test_findings_are_sorted_with_errors_first_then_by_code() -> None:
    error, later = finding(FILE_MISSING, "1", paths=["b"]), finding(PATH_CONTESTED, "2", paths=["a"])
    again, note = finding(FILE_MISSING, "3", paths=["c"]), finding(UNLOCKED, "4")
    (known,) = accept([finding(LOCK_EXTRA, "5", paths=["d"])], [Acceptance("lock-extra", "d", "known")])
    every = [known, note, again, later, error]
    assert [one.message for one in in_order(every)] == ["1", "3", "2", "5", "4"]
    assert in_order(every) == in_order(reversed(every))


def test_a_finding_of_several_doors_is_reported_once(clean: bytes, tmp_path: Path) -> None:
    names = [saved(tmp_path, "a", clean, altered), saved(tmp_path, "b", clean), saved(tmp_path, "c", clean, altered)]
    report = compare_doors(project_of(tmp_path), names, None, LOOK, locked=True)
    (own,) = of("file-altered", report.findings)
    assert own.doors == ("a", "c")
    (differs,) = of("file-differs", report.findings)
    assert differs.doors == ("a", "b", "c")
    assert len(report.findings) == 2


def test_errors_come_first(clean: bytes) -> None:
    noted = put(("located", "hidden"), {"PYTHONPATH": "/x"})
    found = judged([subject(edited(clean, noted), door="a"), subject(edited(clean, altered), door="b")])
    assert [one.fails for one in found] == sorted((one.fails for one in found), reverse=True)
    assert {"path-hidden", "file-altered", "file-differs"} <= codes(found)
