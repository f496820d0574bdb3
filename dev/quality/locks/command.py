"""`scripts/quality locks`: reads each lock with envparity and with the tool that made it, and compares the results."""

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich import box
from rich.console import Console
from rich.table import Table

from dev.command.command import Command, path
from dev.command.errors import UsageError
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.installer import bootstrap
from dev.lockenv.project import this_project
from dev.quality.locks.compare import Outcome, Result, compare
from dev.quality.locks.toolbox import Toolbox
from envparity.errors import EnvparityError

_PATTERNS = (
    *("uv.lock", "poetry.lock", "pdm*.lock", "Pipfile.lock", "pylock.toml", "pylock.*.toml"),
    *("*requirements*.txt", "requirements*.lock", "requirements/*.txt"),
)


def _run(options: Namespace) -> int:
    locks = [(folder, lock) for folder in options.folders for lock in locks_below(folder)]
    if not locks:
        raise UsageError(f"expected lock files below {', '.join(map(str, options.folders))}, found none")
    project = this_project()
    interpreter = EnvironmentMaker(project).interpreter
    uv = bootstrap(project, interpreter)
    outcomes: list[Outcome] = []
    with TemporaryDirectory(prefix="locks-") as folder:
        tools = Toolbox(uv, interpreter.path, Path(folder))
        for below, lock in locks:
            outcomes.append(compare(lock, tools))
            print(line_of(outcomes[-1], below), flush=True)
    _print_table(outcomes)
    return 1 if any(one.result is Result.DIFFERENT for one in outcomes) else 0


def locks_below(folder: Path) -> Iterator[Path]:
    """Yield each lock file below a folder, sorted; raise UsageError if the folder is missing."""
    if not folder.is_dir():
        raise UsageError(f"expected a folder, found {folder}")
    yield from sorted({found for pattern in _PATTERNS for found in folder.rglob(pattern) if found.is_file()})


def line_of(outcome: Outcome, below: Path) -> str:
    """Return the line about one lock; the path in it is relative to the folder `below`."""
    reason = f": {outcome.reason}" if outcome.reason else ""
    return f"{outcome.lock.relative_to(below)}: {outcome.result.value} ({outcome.equal} equal comparisons){reason}"


def _print_table(outcomes: Sequence[Outcome]) -> None:
    counts = Counter((one.tool, one.result) for one in outcomes)
    table = Table("asked", *(one.value for one in Result), "equal comparisons", box=box.SIMPLE_HEAD)
    for tool in dict.fromkeys(one.tool for one in outcomes):
        equal = sum(one.equal for one in outcomes if one.tool == tool)
        table.add_row(tool, *(str(counts[tool, one]) for one in Result), str(equal))
    Console(width=100).print(table)
    print(f"{len(outcomes)} locks, {sum(one.result is Result.DIFFERENT for one in outcomes)} different")


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("folders", nargs="+", type=path, metavar="FOLDER", help="folders with projects and their locks")


COMMAND = Command(
    "quality locks",
    "Read each lock file below the folders with envparity and with the tool that made the lock, and compare the "
    "results. The command asks `uv export`, `poetry export`, `pdm export`, `pipenv requirements`, the selection of "
    "`packaging.pylock`, and pip's parser of requirements files, for three target environments, with the default "
    "groups and with every group and extra. The tools come from the package index. If the tool of a "
    "lock gives no answer, the line about this lock says `explained` and the reason.",
    {0: "no lock differs", 1: "a lock differs"},
    _run,
    _options,
    errors=(EnvparityError,),
)
