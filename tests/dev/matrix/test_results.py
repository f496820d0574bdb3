"""Tests of the files with the results of a matrix run, and of merging shards, the parts that several machines ran."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from dev.command.errors import CommandError
from dev.matrix.endings import Ending, Implementation, PingOutcome, Results
from dev.matrix.filters import Filters
from dev.matrix.journal import Journal, RunPlan
from dev.matrix.plan import Test, every_test
from dev.matrix.results import as_yaml, clear, log_path, merge, results_of, write, write_log
from pingtest.report import Latency
from pingtest.settings import Transport

TESTS = list(every_test("v0.8", "v0.8"))
WHO = (Implementation("v0.8", "py-libp2p", "0.8.1"),)
PASSED = PingOutcome(TESTS[0], Ending.PASS, 1.25, 1, Latency(12.3456, 0.9876), log="the log\n")
FLAKY = PingOutcome(TESTS[1], Ending.FLAKY, 2.5, 2, Latency(1.0, 1.0), "an error")
MISSING = PingOutcome(TESTS[2], Ending.UNSUPPORTED, 0.0, 0, cause="lacks")


def made(
    folder: Path, outcomes: list[PingOutcome], shard: int = 1, shards: int = 1, names: list[str] | None = None
) -> Path:
    told = tuple(names or [outcome.test.name for outcome in outcomes])
    plan = RunPlan(f"2026-11-25T03:00:0{shard}Z", "", "", shard, shards, 20, 1, "process", 2, WHO, told)
    journal = Journal(folder, plan)
    journal.session()
    for outcome in outcomes:
        write_log(folder, outcome)
        journal.add([outcome], 3.0)
    journal.close()
    return folder


def passed(tests: list[Test]) -> list[PingOutcome]:
    return [replace(PASSED, test=test, log=f"{test.name} said\n") for test in tests]


def test_the_results_have_the_schema_of_the_harness() -> None:
    document = yaml.safe_load(as_yaml(Results("2026-11-25T03:00:00Z", 3.6, WHO, (PASSED, FLAKY, MISSING)), "matrix", 2))
    assert list(document) == ["metadata", "summary", "tests"]
    assert {"testPass", "startedAt", "completedAt", "duration", "platform", "os", "workerCount"} <= set(
        document["metadata"]
    )
    assert (document["metadata"]["duration"], document["metadata"]["workerCount"]) == ("4s", 2)
    assert document["summary"] == {"total": 3, "passed": 1, "failed": 1} | {
        "limit": 0,
        "unsupported": 1,
        "flaky": 1,
        "unexpected": 0,
    }
    first, second, third = document["tests"]
    assert first["name"] == TESTS[0].name
    assert first["latency"] == {"handshake_plus_one_rtt": 12.346, "ping_rtt": 0.988, "unit": "ms"}
    assert (first["status"], first["secureChannel"], first["muxer"]) == ("pass", "noise", "yamux")
    assert (second["status"], second["attempts"], second["error"]) == ("flaky", 2, "an error")
    assert (third["status"], third["cause"]) == ("unsupported", "lacks")


def test_logs_have_the_names_that_the_harness_uses(tmp_path: Path) -> None:
    assert log_path(tmp_path, TESTS[0]).name == "v0_8_x_v0_8__tcp__noise__yamux_.log"
    assert log_path(tmp_path, Test("go", "v0.8", Transport.QUIC_V1, None, None)).name == "go_x_v0_8__quic-v1_.log"
    assert len({log_path(tmp_path, test) for test in TESTS}) == len(TESTS)


def test_a_folder_gives_its_results_and_logs(tmp_path: Path) -> None:
    results, record = results_of(made(tmp_path, [FLAKY, PASSED]))
    assert results.outcomes == (FLAKY, PASSED)
    assert (results.seconds, record.plan.workers) == (3.0, 2)
    log_path(tmp_path, PASSED.test).unlink()
    assert results_of(tmp_path)[0].outcomes[1] == replace(PASSED, log="")


def test_all_files_of_the_results_and_no_others_are_written_and_cleared(tmp_path: Path) -> None:
    made(tmp_path, [PASSED])
    (tmp_path / "mine").touch()
    write(tmp_path, results_of(tmp_path)[0], 2)
    names = {path.name for path in tmp_path.iterdir()}
    assert {"index.html", "results.yaml", "results.md", "junit.xml", "journal.jsonl", "logs", "mine"} <= names
    assert not [name for name in names if name.startswith(".")]
    clear(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["journal.jsonl", "mine"]


def test_shards_are_merged_into_one_result(tmp_path: Path) -> None:
    parts = [[test for test in TESTS if Filters("", "", shard, 3).want(test)] for shard in (1, 2, 3)]
    folders = [made(tmp_path / f"{n}", passed(part), n, 3) for n, part in enumerate(parts, 1)]
    results, workers = merge(folders[::-1])
    assert sorted(one.test.name for one in results.outcomes) == sorted(test.name for test in TESTS)
    assert all(one.log == f"{one.test.name} said\n" for one in results.outcomes)
    assert (results.began, results.seconds, workers) == ("2026-11-25T03:00:01Z", 9.0, 2)


def _twice(root: Path) -> list[Path]:
    return [made(root / name, passed(TESTS[:2]), 1, 2) for name in "ab"]


def _unfinished(root: Path) -> list[Path]:
    return [made(root / "a", passed(TESTS[:1]), names=[test.name for test in TESTS])]


def _one_missing(root: Path) -> list[Path]:
    return [made(root / "a", passed(TESTS[:2]), 1, 2)]


def _others(root: Path) -> list[Path]:
    return [made(root / "a", passed(TESTS[:2]), 1, 2), made(root / "b", passed(TESTS[2:]), 2, 3)]


def _none(root: Path) -> list[Path]:
    return [root / "nowhere"]


@pytest.mark.parametrize(
    ("shards", "says"),
    [
        (_twice, "expected each of 2 shards once, found 1, 1"),
        (_unfinished, "expected a finished run, found 19 tests to do"),
        (_one_missing, "expected each of 2 shards once, found 1"),
        (_others, "expected the same implementations and number of shards as in .*a, found others"),
        (_none, "expected the journal of a run, found none$"),
    ],
)
def test_shards_that_do_not_fit_together_are_an_error(
    tmp_path: Path, shards: Callable[[Path], list[Path]], says: str
) -> None:
    with pytest.raises(CommandError, match=says):
        merge(shards(tmp_path))
