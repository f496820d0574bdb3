"""Tests of the baseline: the errors of an earlier report are known, and only new errors change the exit status."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from environment_builder import Environment
from judging import lock_of, subject

from envparity.errors import EnvparityError
from envparity.judge.acceptance import Acceptance
from envparity.judge.baseline import Baseline, read_baseline, read_report
from envparity.judge.findings import finding
from envparity.judge.integrity.differences import FILE_DIFFERS
from envparity.judge.judgement import judged
from envparity.judge.ownership import PATH_CONTESTED
from envparity.judge.report import Report, make_report
from envparity.judge.subject import Subject
from envparity.render.data import as_json

CONTESTED = finding(PATH_CONTESTED, "a and b", paths=["site/x.py"], distributions=["a", "b"], doors=["here"])


def report_of(one: Subject) -> Report:
    return make_report("check", one.track, [one], judged([one]))


def again(one: Subject, report: Report, folder: Path) -> Report:
    """Judge a subject with an earlier report, which was written to a file, as the baseline."""
    path = folder / "baseline.json"
    path.write_text(as_json(report), encoding="utf-8")
    baseline = read_baseline(path, "baseline.json")
    baseline.refuse_other(one.track, [one.door])
    return report_of(replace(one, config=replace(one.config, baseline=baseline)))


@pytest.fixture
def torn(sound: Environment) -> Environment:
    """Return an environment in which a file of beta was changed."""
    (sound.site / "beta.py").write_text("changed\n")
    return sound


def test_an_old_error_passes_and_a_new_one_fails(torn: Environment, tmp_path: Path) -> None:
    lock = lock_of(torn, "alpha==1.0\nbeta==2.0\n")
    before = report_of(subject(torn.snapshot(), lock))
    assert before.status == 1
    same = again(subject(torn.snapshot(), lock), before, tmp_path)
    assert (same.status, same.errors) == (0, ())
    assert [(one.code, one.known) for one in same.findings] == [("file-altered", True)]
    assert same.baseline is not None
    assert same.baseline.gone == ()
    torn.add("gamma")
    more = again(subject(torn.snapshot(), lock), before, tmp_path)
    assert more.status == 1
    assert [one.code for one in more.errors] == ["lock-extra"]
    # A report that was made with a baseline is a baseline again: it has the known errors and the new ones.
    assert again(subject(torn.snapshot(), lock), more, tmp_path).status == 0


def test_a_further_file_is_new_and_one_file_less_is_known(sound: Environment, tmp_path: Path) -> None:
    (sound.site / "alpha" / "core.py").write_text("changed\n")
    before = report_of(subject(sound.snapshot()))
    (sound.site / "alpha" / "data.txt").write_text("changed too\n")
    report = again(subject(sound.snapshot()), before, tmp_path)
    assert [one.paths for one in report.errors] == [("site/alpha/core.py", "site/alpha/data.txt")]
    # The other way round, the first of two known files is right again.
    both = report_of(subject(sound.snapshot()))
    (sound.site / "alpha" / "core.py").write_text("answer = 42\n")
    report = again(subject(sound.snapshot()), both, tmp_path)
    assert report.status == 0
    assert report.baseline is not None
    assert report.baseline.gone == (("file-altered", "site/alpha/core.py"),)


def test_a_known_file_that_changes_once_more_is_new(torn: Environment, tmp_path: Path) -> None:
    before = report_of(subject(torn.snapshot()))
    (torn.site / "beta.py").write_text("changed by somebody else\n")
    assert again(subject(torn.snapshot()), before, tmp_path).status == 1


def test_a_file_that_changes_once_more_among_known_ones_is_new(sound: Environment, tmp_path: Path) -> None:
    for name in ("core.py", "data.txt"):
        (sound.site / "alpha" / name).write_text("changed\n")
    before = report_of(subject(sound.snapshot()))
    assert again(subject(sound.snapshot()), before, tmp_path).status == 0
    (sound.site / "alpha" / "data.txt").write_text("changed by somebody else\n")
    assert again(subject(sound.snapshot()), before, tmp_path).status == 1


def test_an_error_that_the_run_did_not_look_for_is_not_gone(torn: Environment, tmp_path: Path) -> None:
    torn.add("gamma")
    before = report_of(subject(torn.snapshot(), lock_of(torn)))
    report = again(subject(torn.snapshot()), before, tmp_path)  # without a lock, nothing can be extra
    assert report.baseline is not None
    assert report.baseline.gone == ()


def test_an_accepted_error_of_the_baseline_is_not_known(torn: Environment, tmp_path: Path) -> None:
    one = subject(torn.snapshot())
    accepting = replace(one.config, accept=(Acceptance("file-altered", "site/beta.py", "for now"),))
    before = report_of(replace(one, config=accepting))
    assert before.status == 0
    assert again(one, before, tmp_path).status == 1


@pytest.mark.parametrize(
    ("now", "known"),
    [
        (CONTESTED, True),
        (replace(CONTESTED, message="other versions"), True),
        (replace(CONTESTED, distributions=("a",)), True),
        (replace(CONTESTED, distributions=("a", "c")), False),
        (replace(CONTESTED, paths=("site/x.py", "site/y.py")), False),
        (replace(CONTESTED, code="package-torn"), False),
        (replace(CONTESTED, doors=("there",)), False),
    ],
)
def test_code_place_distributions_and_doors_make_an_error_the_same(now: Any, known: bool) -> None:
    baseline = Baseline("old.json", None, ("here",), (CONTESTED,))
    assert [one.known for one in baseline.mark([now])] == [known]


def test_a_difference_is_known_only_between_the_same_doors() -> None:
    old = finding(FILE_DIFFERS, "x", paths=["site/x.py"], doors=["a", "b", "c"])
    baseline = Baseline("old.json", None, ("a", "b", "c"), (old,))
    assert [one.known for one in baseline.mark([old, replace(old, doors=("a", "b"))])] == [True, False]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda it: it.update(track="nine"), "expected a report about no track, found a report about the track nine"),
        (lambda it: it["doors"][0].update(name="there"), "expected a report about here, found a report about there"),
        (lambda it: it.update(doors=[]), "expected a report about here, found a report about no environment"),
        (lambda it: it.update(schema="envparity-report-9"), "found: the format envparity-report-9"),
        (lambda it: it.update(schema="envparity-snapshot-1"), "found: the format envparity-snapshot-1"),
        (lambda it: it.pop("schema"), "schema"),
        (lambda it: it.pop("findings"), "findings"),
        (lambda it: it["findings"].append(3), "findings"),
    ],
)
def test_a_report_that_is_no_baseline_of_this_run_is_one_line(
    torn: Environment, tmp_path: Path, change: Any, said: str
) -> None:
    document = json.loads(as_json(report_of(subject(torn.snapshot()))))
    change(document)
    (tmp_path / "old.json").write_text(json.dumps(document))
    with pytest.raises(EnvparityError) as raised:
        read_baseline(tmp_path / "old.json", "old.json").refuse_other(None, ["here"])
    message = str(raised.value)
    assert message.startswith("--baseline: old.json: expected a report ")
    assert said in message
    assert message.endswith("; write it again with --report FILE.json")
    assert "\n" not in message


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"null", b"[]", b'{"schema": 3}'])
def test_a_broken_file_is_one_line(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "old.json").write_bytes(data)
    with pytest.raises(EnvparityError, match=r"^old.json: expected a report in JSON \(envparity-report-1\), found: "):
        read_report(tmp_path / "old.json", "old.json")


@pytest.mark.parametrize("name", ["missing.json", ".", "a\0b"])
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(EnvparityError, match=r"^--baseline: .*: expected a report in JSON, found: "):
        read_baseline(tmp_path / name, name)
