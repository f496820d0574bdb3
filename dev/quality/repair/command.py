"""`scripts/quality repair`: damages an environment in one place at a time; `envparity fix --run` must repair it."""

import secrets
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich import box
from rich.console import Console
from rich.table import Table

import dev.quality.mutation.kinds  # noqa: F401 - importing this package registers the kinds
from dev.command.command import Command
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.installer import bootstrap
from dev.lockenv.project import this_project
from dev.quality.mutation.expectation import KINDS
from dev.quality.repair.bench import Bench, lock_of_wheels
from dev.quality.repair.trial import RepairOutcome, Trial

_TRACK = "v0.4"


def _repair(options: Namespace) -> int:
    project = this_project()
    maker = EnvironmentMaker(project)
    maker.track(_TRACK)
    lock = lock_of_wheels(project.environment(_TRACK), project.lock(_TRACK).read_text(encoding="utf-8"))
    seed = options.seed or secrets.token_hex(4)
    outcomes: list[RepairOutcome] = []
    with TemporaryDirectory(prefix="repair-") as folder:
        bench = Bench(Path(folder).resolve(), bootstrap(project, maker.interpreter), maker.interpreter.path, lock)
        for one in _every(Trial(bench, seed), options):
            outcomes.append(one)
            if one.result == "failed" or options.verbose:
                print(f"{one.kind}: {one.did}: {one.result} {one.says}", flush=True)
    _print_table(outcomes)
    counts = Counter(one.result for one in outcomes)
    print(
        f"seed {seed}: {len(outcomes)} repairs: {', '.join(f'{number} {result}' for result, number in counts.items())}"
    )
    return 1 if counts["failed"] else 0


def _every(trial: Trial, options: Namespace) -> Iterator[RepairOutcome]:
    # A kind whose worlds lack _TRACK needs two distributions that provide one module. They are not installed here.
    kinds = [KINDS[name] for name in options.kind or KINDS if _TRACK in KINDS[name].worlds]
    if not options.only_killed:
        for number in range(options.times):
            for kind in kinds:
                yield trial.repair(kind, number)
    if not options.kind:
        yield from trial.killed(options.killed)


def _print_table(outcomes: Sequence[RepairOutcome]) -> None:
    """Print a row for each kind: the number of repairs, the number of clean results, and the other results."""
    table = Table(box=box.MARKDOWN)
    table.add_column("kind")
    for heading in ("repairs", "clean"):
        table.add_column(heading, justify="right")
    table.add_column("otherwise", overflow="fold")
    for name in sorted({one.kind for one in outcomes}):
        mine = [one for one in outcomes if one.kind == name]
        others = dict.fromkeys(f"{one.result} {one.says}".strip() for one in mine if one.result != "clean")
        clean = sum(one.result == "clean" for one in mine)
        table.add_row(name, str(len(mine)), str(clean), "; ".join(others))
    Console(width=180).print(table, markup=False)


def _options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--times", type=int, default=1, metavar="N", help="repair N mutations of each kind (default: 1)")
    kind = "make only mutations of this kind, and kill no repair; may be repeated (default: all kinds)"
    add("--kind", action="append", choices=sorted(KINDS), metavar="NAME", help=kind)
    add("--killed", type=int, default=20, metavar="N", help="kill a repair at N random moments (default: 20)")
    add("--only-killed", action="store_true", help="only kill repairs, and repair no mutation")
    seed = "the seed of every random choice (default: a new seed, which the command prints)"
    add("--seed", metavar="SEED", help=seed)
    add("--verbose", action="store_true", help="print a line for each repair")


COMMAND = Command(
    "quality repair",
    "Damage an environment in one place at a time, and run `envparity fix --run`. The environment must be clean "
    "afterwards, or envparity must say why it does not repair the damage. Then kill repairs at random moments, and "
    "repair again. The wheels come from the package index.",
    {
        0: "every environment was clean afterwards, or envparity said why not",
        1: "a repair left a problem and gave no reason, or made a new problem",
        3: "the environment could not be made",
    },
    _repair,
    _options,
)
