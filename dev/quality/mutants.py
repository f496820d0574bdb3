"""`scripts/quality mutants`: measures whether the tests of envparity's checks notice a wrong check.

A check is a function that looks for faults of an environment. mutmut changes one expression of a check at a time, in a
copy of the code in `.cache/mutants`. The code with one changed expression is called a mutant. mutmut runs the tests
that execute the changed code. A mutant is killed if a test fails. A mutant counts as not killed if all tests pass, if
the tests run out of time, or if no test executes it.
"""

import json
import os
import shutil
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mutmut.stats import status_by_exit_code
from rich import box
from rich.console import Console
from rich.table import Table

from dev.command.command import Command, positive
from dev.command.errors import CommandError, UsageError
from dev.lockenv.project import this_project

WANTED = 85.0  # The percentage of mutants that the tests must kill.
_JUDGE = Path("envparity", "judge")
# mutmut does not change these modules of envparity/judge. All checks share most of them. `acceptance` and `transform`
# have rules but no check.
_SHARED = "acceptance comparison family findings judgement registry report rules session subject transform".split()
_COPIED = ["envparity", "dev", "locks", "pyproject.toml", "tests/conftest.py", "tests/support", "tests/envparity"]
_FOLDERS = [name for name in _COPIED if "/" not in name and "." not in name]
_SETTINGS = """
[tool.mutmut]
source_paths = ["envparity"]
only_mutate = {mutated}
also_copy = {folders}
pytest_add_cli_args = ["-p", "no:cacheprovider"]
pytest_add_cli_args_test_selection = ["tests/envparity/judge"]
use_git_change_detection = false
"""


def _break(options: Namespace) -> int:
    root = this_project().root
    folder = root / ".cache" / "mutants"
    if not options.last:
        _copy(root, folder)
        wanted = [f"envparity.judge.{name}.*" for name in options.module]
        done = subprocess.run(
            [sys.executable, "-m", "mutmut", "run", "--max-children", str(options.workers), *wanted],
            cwd=folder,
            env=os.environ | {"REMEMBERED_SNAPSHOTS": str(folder / "made-once")},
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            check=False,
        )
        if done.returncode != 0:
            raise CommandError(f"expected mutmut to end with status 0, found {done.returncode}; see above")
    fates = read_fates(folder)
    if not any(fates.values()):
        raise UsageError(f"expected mutants in {folder}, found none; run without --last")
    _print(fates)
    if options.survivors:
        for name in (name for every in fates.values() for name, fate in every.items() if fate != "killed"):
            subprocess.run([sys.executable, "-m", "mutmut", "show", name], cwd=folder, check=True)
    return 0 if score([fate for every in fates.values() for fate in every.values()]) >= WANTED else 1


def read_fates(folder: Path) -> dict[str, dict[str, str]]:
    """Return the fate of each mutant: a dict from module to a dict from mutant to fate.

    A fate is a word of mutmut, such as `killed` or `survived`. A mutant that was not run is left out. `folder` is the
    copy of the code.
    """
    below = folder / "mutants" / _JUDGE
    found: dict[str, dict[str, str]] = {}
    for path in sorted(below.rglob("*.meta")):
        module = str(path.relative_to(below)).removesuffix(".py.meta").replace("/", ".")
        found[module] = _fates(json.loads(path.read_text(encoding="utf-8")))
    return found


def _fates(written: Mapping[str, Any]) -> dict[str, str]:
    status: Mapping[int | None, str] = status_by_exit_code
    return {name: status[code] for name, code in written["exit_code_by_key"].items() if code is not None}


def score(fates: Sequence[str]) -> float:
    """Return the percentage of killed mutants; 100 if there are no mutants."""
    return 100 * fates.count("killed") / len(fates) if fates else 100.0


def _options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "module",
        nargs="*",
        metavar="NAME",
        help="change only the checks in envparity/judge/NAME.py (default: all checks)",
    )
    add("--workers", type=positive, default=2, metavar="N", help="test N mutants at the same time (default: 2)")
    add("--last", action="store_true", help="show the last run again; run no test")
    add("--survivors", action="store_true", help="show a diff of each mutant for which no test failed")


def _copy(root: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name in _COPIED:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (root / name).is_dir():
            shutil.copytree(root / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(root / name, target)
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        mutated = [str(path.relative_to(root)) for path in sorted((root / _JUDGE).rglob("*.py"))]
        mutated = [path for path in mutated if Path(path).stem not in _SHARED and path != str(_JUDGE / "__init__.py")]
        file.write(_SETTINGS.format(mutated=mutated, folders=_FOLDERS))


def _print(fates: Mapping[str, Mapping[str, str]]) -> None:
    table = Table(box=box.SIMPLE_HEAD, header_style="")
    for name in ("checks", "mutants", "killed", "survived", "timeouts", "no test", "other", "score"):
        table.add_column(name, justify="left" if name == "checks" else "right", no_wrap=True)
    for module, every in fates.items():
        if every:
            table.add_row(module, *_cells(list(every.values())))
    table.add_section()
    table.add_row("all", *_cells([fate for every in fates.values() for fate in every.values()]), style="bold")
    Console(width=None if sys.stdout.isatty() else 120).print(table)


def _cells(fates: Sequence[str]) -> list[str]:
    count = Counter(fates)
    known = [count.pop(fate, 0) for fate in ("killed", "survived", "timeout", "no tests")]
    return [*map(str, (len(fates), *known, count.total())), f"{score(fates):.1f} %"]


COMMAND = Command(
    name="quality mutants",
    does="Damage the code of envparity's checks with mutmut, one expression at a time, and report whether a test "
    "fails. A mutant is the code with one such change.",
    statuses={
        0: f"a test fails for at least {WANTED:g} % of the mutants",
        1: "a test fails for fewer mutants",
        2: "the command line is wrong, or there is no last run",
        3: "an environment could not be made, or mutmut failed",
    },
    run=_break,
    add=_options,
)
