"""`scripts/quality coverage`: measures which lines and branches of envparity and pingtest the tests execute.

The tests of pingtest run on two tracks. A track is one pinned version of libp2p, such as v0.4.
"""

import json
import os
import shutil
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from dev.command.command import Command
from dev.command.errors import UsageError
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import Project, this_project

PACKAGES = ("envparity", "pingtest")
TRACKS = ("v0.4", "v0.8")
WANTED = 95.0  # The percentage of lines and of branches that the tests must execute.
_DATA = Path(".cache", "coverage")
_FIGURES = _DATA / "figures.json"
# Tests with these marks do not run. They need something that many machines lack, such as a Docker engine, or they use
# the package registries.
_MARKS = " and ".join(f"not {mark}" for mark in "browser commit docker netns network nix peers".split())


@dataclass(frozen=True)
class Reached:
    """The coverage of a module or package.

    The tests execute `lines` of the `all_lines` lines, and `branches` of the `all_branches` branches.
    """

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
        """Return the percentage of the lines, and of the branches, that the tests execute.

        If there are no lines or no branches, their percentage is 100.
        """
        return (
            100 * self.lines / self.all_lines if self.all_lines else 100.0,
            100 * self.branches / self.all_branches if self.all_branches else 100.0,
        )


def modules(figures: Mapping[str, Any]) -> dict[str, Reached]:
    """Return a dict from each module's path to its coverage; `figures` is the decoded JSON report of coverage.py."""
    return {path: Reached(*(file["summary"][key] for key in _KEYS)) for path, file in sorted(figures["files"].items())}


_KEYS = ("covered_lines", "num_statements", "covered_branches", "num_branches")


def totals(reached: Mapping[str, Reached]) -> dict[str, Reached]:
    """Return a dict from each package to its coverage, which is the sum of the coverage of its modules."""
    return {
        package: sum((one for path, one in reached.items() if path.startswith(f"{package}/")), Reached())
        for package in PACKAGES
    }


def _cover(options: Namespace) -> int:
    project = this_project()
    passed = True
    if not options.last:
        passed = _run(project)
    elif not (project.root / _FIGURES).exists():
        raise UsageError(f"--last: expected {_FIGURES} from an earlier run, found none; run without --last")
    figures = json.loads((project.root / _FIGURES).read_text(encoding="utf-8"))
    reached = modules(figures)
    _print(reached, figures["files"] if options.missing else {})
    if not passed:
        print("scripts/quality coverage: expected all tests to pass, found failures; see above", file=sys.stderr)
    return 0 if passed and all(min(one.percents) >= WANTED for one in totals(reached).values()) else 1


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("--last", action="store_true", help="show the last run again; run no test")
    parser.add_argument("--missing", action="store_true", help="also list the lines and branches that no test executes")


def _run(project: Project) -> bool:
    """Run the tests of both packages, and write their coverage to _FIGURES; return whether all tests pass.

    All these tests run on the track v0.4. The tests of pingtest that start no processes also run on v0.8. Tests that
    need, for example, a Docker engine do not run.
    """
    maker = EnvironmentMaker(project)
    for track in TRACKS:
        maker.track(track)
    maker.tools()
    pythons = {track: maker.test(track) for track in TRACKS}
    shutil.rmtree(project.root / _DATA, ignore_errors=True)
    runs = [
        # tests/repository/test_scripts.py runs the command lines of pingtest and envparity as a person would.
        ("v0.4", _MARKS, [*(f"tests/{package}" for package in PACKAGES), "tests/repository/test_scripts.py"]),
        ("v0.8", f"{_MARKS} and not processes", ["tests/pingtest"]),
    ]
    # With a relative path, a measured program would write its data below its own current folder, where nobody reads it.
    environ = os.environ | {"COVERAGE_FILE": str(project.root / _DATA / "data")}
    at_once = ["-n", "auto", "--dist", "loadgroup"]
    statuses = [
        subprocess.run(
            [pythons[track], "-m", "coverage", "run", "-m", "pytest", "-q", *at_once, "-m", marks, *folders],
            cwd=project.root,
            env=environ,
            check=False,
        ).returncode
        for track, marks, folders in runs
    ]
    for words in (["combine", "-q"], ["json", "-q", "-o", str(_FIGURES)]):
        subprocess.run([pythons["v0.4"], "-m", "coverage", *words], cwd=project.root, env=environ, check=True)
    return not any(statuses)


def _print(reached: Mapping[str, Reached], missing: Mapping[str, Any]) -> None:
    table = Table(box=box.SIMPLE_HEAD, header_style="")
    for name in ("module", "lines", "executed", "branches", "executed"):
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


COMMAND = Command(
    name="quality coverage",
    does="Measure, for each module of envparity and pingtest, which lines and branches the tests execute.",
    statuses={
        0: f"the tests execute at least {WANTED:g} % of the lines and of the branches of each package",
        1: "the tests execute less, or a test failed",
        2: "the command line is wrong, or there is no last run",
        3: "an environment could not be made",
    },
    run=_cover,
    add=_options,
)
