"""Tests of `scripts/bench peers`, which measures how long implementations of libp2p take to dial each other."""

import re

import pytest

from dev.matrix.dialing import SCHEMA, Dialing, Dials
from dev.matrix.endings import Implementation
from dev.quality.bench_peers import COMMAND, show


@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.redis
def test_the_table_has_each_dialer_with_each_listener(capsys: pytest.CaptureFixture[str]) -> None:
    assert COMMAND.main(["--among", "v0.4,v0.8", "--runs", "1"]) == 0
    told = capsys.readouterr().out
    assert "v0.4: py-libp2p 0.4.0, v0.8: py-libp2p 0.8.1" in told
    for figure in ("handshake_plus_one_rtt", "ping_rtt"):
        rows = told.partition(f"{figure}, ms: medians of 1")[2].splitlines()
        assert rows[2].split() == ["dialer", "to", "v0.4", "to", "v0.8"]
        for row, track in zip(rows[4:6], ("v0.4", "v0.8"), strict=True):
            name, *figures = row.split()
            assert name == track
            assert all(0 < float(one) < 20_000 for one in figures)


def test_many_slow_implementations_do_not_fold_the_headings(capsys: pytest.CaptureFixture[str]) -> None:
    names = ["v0.4", "v0.4-git", "v0.8", *(f"peer-{number}" for number in range(6))]
    pairs = [Dials(dialer, listener, (20_000.0,), (20_000.0,)) for dialer in names for listener in names]
    sides = [Implementation(name, "a-library", "1.0") for name in names]
    show(Dialing(SCHEMA, "2026-11-25", 2, 1, tuple(sides), tuple(pairs)))
    shown = capsys.readouterr().out.splitlines()
    headings = [re.split(" {2,}", line.strip()) for line in shown if line.startswith("  dialer")]
    assert headings == [["dialer", *(f"to {name}" for name in names)]] * 2
    assert sum(line.split()[1:] == ["20000.00"] * len(names) for line in shown) == 2 * len(names)


@pytest.mark.parametrize("runs", ["0", "-1", "many"])
def test_a_wrong_number_of_runs_exits_with_2(runs: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        COMMAND.main(["--runs", runs])
    assert caught.value.code == 2
    assert "expected a whole number from 1" in capsys.readouterr().err


def test_an_unknown_implementation_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert COMMAND.main(["--among", "v0.4,zig"]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("scripts/bench peers: implementation: expected one of v0.4, ")
    assert said.err.endswith("found 'zig'\n")
    assert said.out == ""
