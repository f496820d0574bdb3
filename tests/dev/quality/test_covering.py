"""Tests of `scripts/quality coverage`: its table and its exit status follow from coverage's figures."""

import subprocess

import pytest

from dev.lockenv.project import Project
from dev.quality.covering import Reached, modules, totals

FIGURES = {
    "files": {
        "envparity/lock.py": {
            "summary": {"covered_lines": 95, "num_statements": 100, "covered_branches": 9, "num_branches": 10}
        },
        "envparity/errors.py": {
            "summary": {"covered_lines": 2, "num_statements": 2, "covered_branches": 0, "num_branches": 0}
        },
        "pingtest/roles.py": {
            "summary": {"covered_lines": 50, "num_statements": 60, "covered_branches": 3, "num_branches": 4}
        },
    }
}


def test_the_table_has_the_figures_of_each_module_and_package() -> None:
    reached = modules(FIGURES)
    assert reached["envparity/lock.py"] == Reached(95, 100, 9, 10)
    assert totals(reached) == {"envparity": Reached(97, 102, 9, 10), "pingtest": Reached(50, 60, 3, 4)}


def test_the_shares_of_lines_and_branches_are_in_per_cent() -> None:
    assert Reached(95, 100, 9, 10).percents == (95.0, 90.0)
    assert Reached(2, 2, 0, 0).percents == (100.0, 100.0)


def test_a_module_that_no_test_imports_counts() -> None:
    file = {"summary": {"covered_lines": 0, "num_statements": 8, "covered_branches": 0, "num_branches": 2}}
    reached = modules({"files": {"pingtest/new.py": file}})
    assert totals(reached)["pingtest"].percents == (0.0, 0.0)


@pytest.mark.parametrize("script", ["coverage", "mutants"])
def test_help_lists_the_exit_statuses(project: Project, script: str) -> None:
    command = [str(project.root / "scripts" / "quality"), script, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0
    assert "Exit status: 0 at least " in " ".join(done.stdout.split())


@pytest.mark.parametrize("script", ["coverage", "mutants"])
def test_a_wrong_command_line_exits_with_2(project: Project, script: str) -> None:
    command = [str(project.root / "scripts" / "quality"), script, "--nonsense"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)
    assert (done.returncode, done.stdout) == (2, "")
    assert "unrecognized arguments: --nonsense" in done.stderr
    assert "Traceback" not in done.stderr
