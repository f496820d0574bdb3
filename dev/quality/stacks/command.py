"""`scripts/quality stacks`: makes real environments, and checks that every finding of envparity about them is true.

A stack is an environment that people really have, for example jupyterlab installed by uv.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from rich import box
from rich.console import Console
from rich.table import Table

from dev.command.command import Command, positive
from dev.command.errors import CommandError, UsageError
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.installer import bootstrap
from dev.lockenv.project import this_project
from dev.matrix.progress import with_progress
from dev.quality.stacks.make import find_python, make_stack
from dev.quality.stacks.stack import WHOLE, Stack, every_stack
from envparity.errors import EnvparityError
from envparity.judge.findings import Finding
from envparity.judge.report import Report
from envparity.judge.session import check_door
from envparity.project.config import Config
from envparity.snapshot.doors import Look


@dataclass(frozen=True)
class StackOutcome:
    """The outcome of a stack: how many distributions and files its environment has, and the findings about it.

    `failure` says why the stack could not be made or checked; None if it was checked or skipped. `skipped` is True if
    this machine lacks the Python of the stack.
    """

    stack: Stack
    seconds: float = 0.0
    distributions: int = 0
    files: int = 0
    known: tuple[str, ...] = ()
    """The codes of the findings that stacks.toml lists."""
    untrue: tuple[Finding, ...] = ()
    """The findings that stacks.toml does not list. Each of them makes the run fail."""
    failure: str | None = None
    skipped: bool = False

    @property
    def fails(self) -> bool:
        """Return whether the run must fail because of this stack."""
        return bool(self.untrue) or self.failure is not None


def sort_findings(stack: Stack, report: Report) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Return the codes of the findings that are known to be true for the stack, and all other findings."""
    known = tuple(dict.fromkeys(one.code for one in report.findings if _is_known(stack, one)))
    return known, tuple(one for one in report.findings if not _is_known(stack, one))


def _is_known(stack: Stack, finding: Finding) -> bool:
    names = [name.partition("@")[0] for name in finding.distributions]
    keys = {finding.code, f"{finding.severity.value} {finding.code}"}
    return bool(keys & stack.true.keys()) or (
        bool(names) and all(f"{finding.code} {name}" in stack.true for name in names)
    )


def try_stack(stack: Stack, uv: Path) -> StackOutcome:
    """Make a stack in a temporary folder, check it with its lock, and return the outcome."""
    base = find_python(uv, stack.python, stack.by)
    if base is None:
        return StackOutcome(stack, skipped=True)
    started = monotonic()
    with TemporaryDirectory(prefix="stack-") as folder:
        try:
            made = make_stack(stack, uv, base, Path(folder))
            config = Config(root=Path(folder)).with_lock(made.lock)
            report = check_door(config, str(made.python), None, Look(), locked=True)
        except (CommandError, EnvparityError, OSError) as error:
            return StackOutcome(stack, monotonic() - started, failure=str(error))
    known, untrue = sort_findings(stack, report)
    (door,) = report.doors
    return StackOutcome(stack, monotonic() - started, door.distributions, door.files, known, untrue)


def _run(options: Namespace) -> int:
    chosen = _chosen(options.stacks)
    project = this_project()
    maker = EnvironmentMaker(project)
    uv = bootstrap(project, maker.interpreter)
    outcomes: list[StackOutcome] = []
    for one in with_progress(_try_all(chosen, uv, options.workers), "stacks", len(chosen)):
        outcomes.append(one)
        print(_line(one), flush=True)
    _print_table(outcomes)
    return 1 if any(one.fails for one in outcomes) else 0


def _try_all(stacks: Sequence[Stack], uv: Path, workers: int) -> Iterator[StackOutcome]:
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(lambda stack: try_stack(stack, uv), stacks)


def _chosen(names: Sequence[str]) -> tuple[Stack, ...]:
    every = {stack.name: stack for stack in every_stack()}
    if unknown := [name for name in names if name not in every]:
        raise UsageError(f"expected the name of a stack ({', '.join(every)}), found {unknown[0]}")
    return tuple(every[name] for name in names) or tuple(every.values())


def _line(one: StackOutcome) -> str:
    if one.skipped:
        return f"{one.stack.name}: skipped, because this machine has no {_needed(one.stack)}"
    if one.failure is not None:
        return f"{one.stack.name}: {one.failure}"
    untrue = "".join(f"\n  {found.severity.value} {found.code}: {found.message}" for found in one.untrue)
    state = "expected only findings that stacks.toml lists, found" if untrue else "ok"
    return f"{one.stack.name}: {state}{untrue}"


def _needed(stack: Stack) -> str:
    return f"Python {stack.python}{' in its own folder' if stack.by in WHOLE else ''}"


def _print_table(outcomes: Sequence[StackOutcome]) -> None:
    table = Table("stack", "Python", "made by", "distributions", "files", "true findings", "other findings", "seconds")
    table.box = box.SIMPLE_HEAD
    for one in outcomes:
        stack = one.stack
        other = "skipped" if one.skipped else "no report" if one.failure else str(len(one.untrue))
        figures = (str(one.distributions), str(one.files), ", ".join(one.known), other, f"{one.seconds:.0f}")
        table.add_row(stack.name, stack.python, stack.by.value, *figures)
    Console(width=160).print(table)
    tried = [one for one in outcomes if not one.skipped]
    print(f"{len(tried)} stacks, {sum(one.fails for one in tried)} that fail")


def _options(parser: ArgumentParser) -> None:
    parser.add_argument("stacks", nargs="*", metavar="STACK", help="the names of stacks (default: all of stacks.toml)")
    parser.add_argument("--workers", type=positive, default=2, metavar="N", help="make N stacks at once (default: 2)")


COMMAND = Command(
    "quality stacks",
    "Make environments of popular packages with pip, uv and others, and check them. "
    "dev/quality/stacks/stacks.toml lists each true finding with a reason; any other finding is a failure. The "
    "packages come from the package index.",
    {0: "every finding is known to be true", 1: "a finding is not known to be true, or a stack could not be made"},
    _run,
    _options,
    errors=(EnvparityError,),
)
