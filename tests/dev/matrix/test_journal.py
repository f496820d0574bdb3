"""Tests of the journal, the file with the plan and the outcomes of a matrix run.

A run that ended early, even by a kill, continues from its journal.
"""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dev.command.errors import CommandError, UsageError
from dev.matrix.endings import Ending, Implementation, PingOutcome
from dev.matrix.journal import NAME, Journal, RunPlan, read_journal, without_log
from dev.matrix.plan import every_test
from pingtest.report import Latency

TESTS = list(every_test("v0.8", "v0.8"))
WHO = (Implementation("v0.8", "py-libp2p", "0.8.1"),)
NAMES = tuple(test.name for test in TESTS)
PLAN = RunPlan("2026-11-25T03:00:00Z", "v0.8", "", 1, 1, 20, 1, "process", 2, WHO, NAMES)
PASSED = PingOutcome(TESTS[0], Ending.PASS, 1.25, 1, Latency(12.5, 0.5), log="the log\n")
FAILED = PingOutcome(TESTS[-1], Ending.FAIL, 2.5, 2, None, "a [line] with \x1b and ü", "", "log")


def written(folder: Path) -> Journal:
    journal = Journal(folder, PLAN)
    journal.session()
    journal.add([PASSED], 1.5)
    journal.add([FAILED], 4.0)
    return journal


def test_the_reader_returns_the_written_entries(tmp_path: Path) -> None:
    written(tmp_path).close()
    record = read_journal(tmp_path)
    assert record.plan == PLAN
    assert record.done == {one.test.name: without_log(one) for one in (PASSED, FAILED)}
    assert record.seconds == 4.0


def test_the_seconds_of_all_sessions_add_up(tmp_path: Path) -> None:
    journal = written(tmp_path)
    journal.session()
    journal.add([replace(PASSED, test=TESTS[1])], 2.0)
    journal.close()
    assert read_journal(tmp_path).seconds == 6.0


def test_an_incomplete_last_line_is_dropped(tmp_path: Path) -> None:
    written(tmp_path).close()
    whole = (tmp_path / NAME).read_bytes()
    start = whole[:-1].rindex(b"\n") + 1
    for cut in range(start, len(whole)):
        (tmp_path / NAME).write_bytes(whole[:cut])
        assert list(read_journal(tmp_path).done) == [PASSED.test.name]
        journal = Journal(tmp_path)
        journal.add([FAILED], 4.0)
        journal.close()
        assert (tmp_path / NAME).read_bytes() == whole


def test_a_test_that_is_run_again_counts_as_not_done(tmp_path: Path) -> None:
    journal = written(tmp_path)
    journal.again([FAILED.test.name])
    assert list(read_journal(tmp_path).done) == [PASSED.test.name]
    better = replace(FAILED, status=Ending.PASS, error="", latency=Latency(1.0, 1.0))
    journal.add([better], 1.0)
    journal.close()
    assert read_journal(tmp_path).done[FAILED.test.name] == without_log(better)


def test_a_folder_belongs_to_one_run_at_a_time(tmp_path: Path) -> None:
    journal = written(tmp_path)
    with pytest.raises(CommandError, match="expected no other run in this folder"):
        Journal(tmp_path, PLAN)
    with pytest.raises(CommandError, match="expected no other run in this folder"):
        Journal(tmp_path)
    assert len(read_journal(tmp_path).done) == 2
    journal.close()


def test_a_new_run_replaces_a_finished_run_only(tmp_path: Path) -> None:
    journal = written(tmp_path)
    journal.close()
    before = (tmp_path / NAME).read_bytes()
    for _ in range(2):  # The first refusal must unlock the folder again.
        with pytest.raises(
            UsageError, match=r"expected no unfinished run, found a run with 18 of 20 tests to do; .*--into"
        ):
            Journal(tmp_path, PLAN)
    assert (tmp_path / NAME).read_bytes() == before
    journal = Journal(tmp_path)
    journal.add([replace(PASSED, test=test) for test in TESTS[1:-1]], 5.0)
    journal.again([FAILED.test.name])
    journal.close()
    with pytest.raises(UsageError, match="found a run with 1 of 20 tests to do"):
        Journal(tmp_path, PLAN)
    journal = Journal(tmp_path)
    journal.add([FAILED], 1.0)
    journal.close()
    Journal(tmp_path, PLAN).close()
    assert read_journal(tmp_path).done == {}


def test_a_new_run_replaces_a_run_without_a_finished_test(tmp_path: Path) -> None:
    journal = Journal(tmp_path, PLAN)
    journal.session()
    journal.add([replace(PASSED, status=Ending.UNSUPPORTED, attempts=0, latency=None)], 0.0)
    journal.close()
    Journal(tmp_path, PLAN).close()
    (tmp_path / NAME).write_text("torn")
    Journal(tmp_path, PLAN).close()
    assert read_journal(tmp_path).done == {}


def test_a_journal_that_cannot_be_read_is_kept(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("of another program\n")
    with pytest.raises(CommandError, match=r"expected the journal of a run, found .*; use another --into"):
        Journal(tmp_path, PLAN)
    assert (tmp_path / NAME).read_text() == "of another program\n"


def test_going_on_without_a_journal_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="expected the journal of a run to continue, found none"):
        Journal(tmp_path / "new")


@pytest.mark.parametrize("text", ["", "torn", "no json\n", "[]\n", '{"kind": "plan"}\n', '{"kind": "session"}\n'])
def test_a_file_that_is_not_a_journal_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(CommandError, match="expected the journal of a run, found "):
        read_journal(tmp_path)


def test_each_line_is_json_that_names_its_kind(tmp_path: Path) -> None:
    written(tmp_path).close()
    lines = [json.loads(line) for line in (tmp_path / NAME).read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["plan", "session", "done", "done"]
    assert lines[2]["name"] == PASSED.test.name
