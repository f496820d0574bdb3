"""Tests of `scripts/quality versus`, which compares ping_test.py with another application on the same other sides."""

from pathlib import Path

import pytest

from dev.lockenv.project import Project
from dev.matrix.implementations import find_parties
from dev.matrix.plan import plain_test
from dev.matrix.run import APPLICATION
from dev.quality.versus import COMMAND, DIALECTS, OTHER, OURS, Cell, cells, tell


def test_both_roles_and_both_dialects_are_compared_on_every_combination(project: Project) -> None:
    every = list(cells([], ["tcp", "quic-v1"]))
    assert len(every) == 2 * 2 * 2 * (3 * 2 + 1)  # roles, other sides, dialects, and combinations
    assert len(set(every)) == len(every)
    peers = [party for party in find_parties(project) if party.program]
    facing = [cell for cell in cells(peers, ["tcp"]) if {cell.test.dialer, cell.test.listener} - {OURS, OTHER}]
    assert {cell.dialect for cell in facing} <= {"unified-testing"}


def test_a_program_of_another_project_faces_both_in_test_plans_alone() -> None:
    added = set(cells([], ["quic-v1"], ["go-ping"])) - set(cells([], ["quic-v1"]))
    assert {(cell.side, cell.dialect) for cell in added} == {("dialer", "test-plans"), ("listener", "test-plans")}
    assert COMMAND.main([str(APPLICATION), "--facing", "/nowhere/ours"]) == 2


def test_the_application_plays_the_side_of_the_cell() -> None:
    cell = Cell(plain_test("go", OURS), "listener", "unified-testing")
    assert (cell.by(OTHER).dialer, cell.by(OTHER).listener) == ("go", OTHER)


def test_a_test_that_passes_only_with_the_other_application_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    cell = Cell(plain_test(OURS, "go"), "dialer", "unified-testing")
    assert tell([(cell, "", ""), (cell, "", "broken"), (cell, "broken", "broken")]) == 0
    told = capsys.readouterr().out.splitlines()
    name = "dialer in ours x go (tcp, noise, yamux), unified-testing"
    assert told == ["3 tests: 1 pass with both applications, 1 with neither", f"only ours passes: {name}"]
    assert tell([(cell, "broken", "")]) == 1
    assert capsys.readouterr().out.splitlines()[1] == f"only the other application passes: {name}: broken"


@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.redis
def test_the_application_passes_every_test_that_it_passes_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert COMMAND.main([str(APPLICATION), "--track", "v0.4", "--among", "none", "--transports", "quic-v1"]) == 0
    assert capsys.readouterr().out.startswith(f"{8 * len(DIALECTS) // 2} tests: 8 pass with both applications")


@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.redis
def test_a_broken_application_passes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(7)\n")
    words = ["--track", "v0.4", "--among", "none", "--transports", "quic-v1", "--timeout", "5"]
    assert COMMAND.main([str(broken), *words]) == 0
    assert "only ours passes: dialer in ours x ours (quic-v1), test-plans" in capsys.readouterr().out
