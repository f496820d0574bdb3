"""`scripts/coverage`: what the tests reach of envparity and pingtest, lines and branches.

Exit status: 0 at least 95 % of the lines and of the branches of each; 1 less, or a test failed; 2 the command line is
wrong, or there is no last run; 3 an environment could not be made.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from dev.lockenv.project import Project, this_project

PACKAGES = ("envparity", "pingtest")
WANTED = 95.0  # per cent
_DATA = Path(".cache", "coverage")
_FIGURES = _DATA / "figures.json"
# What is left out takes what a plain machine lacks, or reaches others'.
_MARKS = " and ".join(f"not {mark}" for mark in "browser commit docker netns network nix peers".split())


@dataclass(frozen=True)
class Reached:
    """How many of the lines and branches of a module or package the tests reach."""

    lines: int = 0
    all_lines: int = 0
    branches: int = 0
    all_branches: int = 0

    def __add__(self, other: "Reached") -> "Reached":
        return Reached(
            self.lines + other.lines,
            self.all_lines + other.all_lines,
            self.branches + other.branches,
            self.all_branches + other.all_branches,
        )

    @property
    def percents(self) -> tuple[float, float]:
        """Of the lines, and of the branches; what has none has them all."""
        return (
            100 * self.lines / self.all_lines if self.all_lines else 100.0,
            100 * self.branches / self.all_branches if self.all_branches else 100.0,
        )


def modules(figures: Mapping[str, Any]) -> dict[str, Reached]:
    """Each module's path and what is reached of it, from coverage's own JSON."""
    return {path: Reached(*(file["summary"][key] for key in _KEYS)) for path, file in sorted(figures["files"].items())}


_KEYS = ("covered_lines", "num_statements", "covered_branches", "num_branches")


def totals(reached: Mapping[str, Reached]) -> dict[str, Reached]:
    """What is reached of each package."""
    return {
        package: sum((one for path, one in reached.items() if path.startswith(f"{package}/")), Reached())
        for package in PACKAGES
    }


def main(arguments: Sequence[str]) -> int:
    """Run the tests and print what they reach; the exit status."""
    options = _parser().parse_args(arguments)
    os.environ.pop("PYTHONPATH", None)  # the tests find their own way
    project = this_project()
    passed = True
    if not options.last:
        passed = _run(project)
    elif not (project.root / _FIGURES).exists():
        print(f"scripts/coverage: --last: expected {_FIGURES} of a run, found none", file=sys.stderr)
        return 2
    figures = json.loads((project.root / _FIGURES).read_text(encoding="utf-8"))
    reached = modules(figures)
    _print(reached, figures["files"] if options.missing else {})
    if not passed:
        print("scripts/coverage: expected all tests to pass, found that some do not", file=sys.stderr)
    return 0 if passed and all(min(one.percents) >= WANTED for one in totals(reached).values()) else 1


def _parser() -> argparse.ArgumentParser:
    description = "The lines and branches of envparity and pingtest that their tests reach, by module."
    status = "Exit status:" + (__doc__ or "").partition("Exit status:")[2]
    parser = argparse.ArgumentParser(
        prog="scripts/coverage", allow_abbrev=False, description=description, epilog=status
    )
    parser.add_argument("--last", action="store_true", help="the figures of the last run, without running the tests")
    parser.add_argument("--missing", action="store_true", help="the lines and branches that no test reaches, too")
    return parser


def _run(project: Project) -> bool:
    """Run the tests of both packages, the in-process ones of pingtest on both tracks; whether all pass."""
    shutil.rmtree(project.root / _DATA, ignore_errors=True)
    runs = [
        # Of the scripts, it is these tests that run pingtest's and envparity's command lines as a person calls them.
        ("v0.4", _MARKS, [*(f"tests/{package}" for package in PACKAGES), "tests/repository/test_scripts.py"]),
        ("v0.8", f"{_MARKS} and not processes", ["tests/pingtest"]),
    ]
    statuses = [
        subprocess.run(
            [_python(project, track), "-m", "coverage", "run", "-m", "pytest", "-q", "-m", marks, *folders],
            cwd=project.root,
            check=False,
        ).returncode
        for track, marks, folders in runs
    ]
    for words in (["combine", "-q"], ["json", "-q", "-o", str(_FIGURES)]):
        subprocess.run([_python(project, "v0.4"), "-m", "coverage", *words], cwd=project.root, check=True)
    return not any(statuses)


def _python(project: Project, track: str) -> Path:
    return project.environment(f"test-{track}") / "bin" / "python"


def _print(reached: Mapping[str, Reached], missing: Mapping[str, Any]) -> None:
    table = Table(box=box.SIMPLE_HEAD, header_style="")
    for name in ("module", "lines", "reached", "branches", "reached"):
        table.add_column(name, justify="left" if name == "module" else "right", no_wrap=True)
    for package, total in totals(reached).items():
        for path, one in reached.items():
            if path.startswith(f"{package}/"):
                table.add_row(path, *_cells(one))
        table.add_row(package, *_cells(total), style="bold", end_section=True)
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    for path, file in missing.items():
        lines = ", ".join(map(str, file["missing_lines"])) or "none"
        branches = ", ".join(f"{a} to {b if b > 0 else 'the end'}" for a, b in file["missing_branches"]) or "none"
        if (lines, branches) != ("none", "none"):
            print(f"{path}: lines {lines}; branches {branches}")


def _cells(one: Reached) -> list[str]:
    lines, branches = one.percents
    return [f"{one.all_lines:,}", f"{lines:.1f} %", f"{one.all_branches:,}", f"{branches:.1f} %"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
