"""Tests of `scripts/bench dial`, which measures ping_test.py next to a minimal reference program."""

import re
from pathlib import Path

import pytest
from redisserver import RedisServer

from dev.command.errors import FailedError
from dev.matrix.run import APPLICATION
from dev.quality.bench import main
from dev.quality.bench_dial import REFERENCE, ROWS, WORKERS, Cost, measure, rate_a_minute, show

pytestmark = [pytest.mark.processes, pytest.mark.redis]


@pytest.mark.parametrize("application", [APPLICATION, REFERENCE], ids=lambda path: path.name)
def test_the_cost_of_a_test_is_measured(python: Path, redis: RedisServer, application: Path) -> None:
    cost = measure(python, application, redis.address)
    assert all(getattr(cost, row) > 0 for row in ROWS)
    assert cost.handshake_plus_one_rtt < 1000 * cost.wall
    assert cost.memory > 20  # no upper limit: the system counts this process too, from which it was forked


def test_a_failed_application_is_an_error(python: Path, tmp_path: Path, redis: RedisServer) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(7)\n")
    with pytest.raises(FailedError, match=r"broken\.py: expected the dialer to end with status 0, found 7"):
        measure(python, broken, redis.address)


@pytest.mark.parametrize("runs", ["0", "-1", "many"])
def test_a_wrong_number_of_runs_exits_with_2(runs: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--runs", runs])
    assert caught.value.code == 2
    assert "expected a whole number from 1" in capsys.readouterr().err


@pytest.mark.parametrize("application", [APPLICATION, REFERENCE], ids=lambda path: path.name)
def test_the_rate_of_tests_is_measured(pythons: dict[str, Path], redis: RedisServer, application: Path) -> None:
    assert 1 < rate_a_minute(pythons["v0.4"], application, redis.address, 2, 2) < 10_000


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_short_bench_prints_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--track", "v0.4", "--runs", "1", "--against", str(REFERENCE)]) == 0
    told = capsys.readouterr().out
    assert "v0.4, tcp/noise/yamux on loopback: medians of 1 (minimum)" in told
    assert "ratio to reference" in told
    assert "ratio to other" in told
    (two,) = (line.split() for line in told.splitlines() if line.strip().startswith("tests/min, 2 at once"))
    assert len(two) == 9  # the row's name of four words, three rates and two ratios


def test_a_slow_machine_does_not_fold_the_headings_and_figures(capsys: pytest.CaptureFixture[str]) -> None:
    slow = [Cost(60_000.0, 60_000.0, 60_000.0, 60_000.0, 60_000.0)]
    names = ("ping_test.py", "reference", "other")
    show("v0.4-git", dict.fromkeys(names, slow), {name: {one: [9.0] for one in WORKERS} for name in names})
    title, _, headings, _, *rows = capsys.readouterr().out.splitlines()
    assert title.strip() == "v0.4-git, tcp/noise/yamux on loopback: medians of 1 (minimum)"
    columns = ["figure of one test", "ping_test.py", "reference", "other", "ratio to reference", "ratio to other"]
    assert re.split(" {2,}", headings.strip()) == columns
    for row, (name, unit) in zip(rows[: len(ROWS)], ROWS.items(), strict=True):
        assert re.split(" {2,}", row.strip()) == [f"{name}, {unit}", *["60000.00 (60000.00)"] * 3, "1.00", "1.00"]
    for row, workers in zip(rows[len(ROWS) :], WORKERS, strict=False):
        assert re.split(" {2,}", row.strip()) == [f"tests/min, {workers} at once", *["9"] * 3, "1.00", "1.00"]


def test_a_failed_application_is_one_line_of_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(7)\n")
    assert main(["--track", "v0.4", "--runs", "1", "--against", str(broken)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == f"scripts/bench dial: {broken}: expected the dialer to end with status 0, found 7\n"
