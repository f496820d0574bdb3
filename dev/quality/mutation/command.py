"""`scripts/quality mutate`: breaks copies of the environments of v0.4 and v0.8; envparity must report each change."""

import secrets
from argparse import ArgumentParser, Namespace
from collections import defaultdict
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.progress import track as progress
from rich.table import Table

from dev.command.command import Command
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import this_project
from dev.quality.mutation.expectation import COLLISION, KINDS, TRACKS
from dev.quality.mutation.run import Job, MutationOutcome, choose_jobs, run
from envparity.project.config import find_config


def _mutate(wanted: Namespace) -> int:
    project = this_project()
    maker = EnvironmentMaker(project)
    for track in TRACKS:
        maker.track(track)
    seed = wanted.seed or secrets.token_hex(4)
    console = Console(stderr=True)
    console.print(f"seed {seed}", highlight=False)
    jobs = choose_jobs(wanted.count, wanted.kind or (), wanted.track, wanted.number)
    config = find_config(project.root)
    outcomes: list[MutationOutcome] = []
    running = run(jobs, seed, config, lean=wanted.lean, registry=wanted.registry)
    for one in progress(running, total=len(jobs), console=console, disable=not console.is_terminal):
        outcomes.append(one)
        if one.complaints:
            print(_failure(one, seed, wanted), flush=True)
        elif wanted.verbose:
            print(f"{one.job.kind.name} {one.job.number} ({one.job.world}): {one.did}")
    missed = sum(bool(one.complaints) for one in outcomes)
    _print_table(outcomes)
    kinds = len({job.kind.name for job in jobs})
    print(f"seed {seed}: {len(jobs)} mutations of {kinds} kinds, {missed} not reported correctly")
    return 1 if missed else 0


def _options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--count", type=int, default=400, metavar="N", help="make N mutations; the kinds take turns (default: 400)")
    seed = "the seed of every random choice (default: a new seed, which the command prints)"
    add("--seed", metavar="SEED", help=seed)
    kind = "make only mutations of this kind; may be repeated (default: all kinds)"
    add("--kind", action="append", choices=sorted(KINDS), metavar="NAME", help=kind)
    add("--number", type=int, metavar="N", help="make only mutation number N of each kind")
    track = f"damage only this environment; {COLLISION} is v0.4 with a second distribution that writes `multihash`"
    add("--track", choices=(*TRACKS, COLLISION), help=track)
    add("--lean", action="store_true", help="leave the largest distributions out of the copies")
    second = (
        f"for {COLLISION}: get py-multihash 2.0.1 from the package index as the second distribution (default: copy "
        "py-multihash 3.0.0 from the environment of v0.8)"
    )
    add("--registry", action="store_true", help=second)
    add("--verbose", action="store_true", help="print a line for each mutation")


def _failure(one: MutationOutcome, seed: str, wanted: Namespace) -> str:
    job: Job = one.job
    again = f"scripts/quality mutate --seed {seed} --kind {job.kind.name} --number {job.number} --track {job.world}"
    lines = [f"{job.kind.name} {job.number} ({job.world}): {one.did}", *(f"  {said}" for said in one.complaints)]
    options = "".join(f" --{name}" for name in ("lean", "registry") if getattr(wanted, name))
    return "\n".join([*lines, f"  again: {again}{options}"])


def _print_table(outcomes: Sequence[MutationOutcome]) -> None:
    """Print a table with a row for each kind of mutation.

    A row has the command that must report the kind, the codes of the expected findings, and two numbers: the mutations
    that were made, and the mutations that envparity reported.
    """
    table = Table(box=box.MARKDOWN)
    for heading in ("kind", "found by", "codes"):
        table.add_column(heading, overflow="fold")
    for heading in ("mutations", "found"):
        table.add_column(heading, justify="right")
    by_kind: dict[str, list[MutationOutcome]] = defaultdict(list)
    for one in outcomes:
        by_kind[one.job.kind.name].append(one)
    for name, mine in sorted(by_kind.items()):
        codes = ", ".join(sorted({code for one in mine for code in one.codes}))
        caught = sum(not one.complaints for one in mine)
        table.add_row(name, KINDS[name].how.value, codes, str(len(mine)), str(caught))
    Console(width=160).print(table)


COMMAND = Command(
    name="quality mutate",
    does="Damage copies of the tracks' environments in one place at a time, and check that envparity reports the "
    "place.",
    statuses={
        0: "envparity reported every mutation, and nothing else",
        1: "envparity missed a mutation, or reported something else",
        3: "an environment could not be made",
    },
    run=_mutate,
    add=_options,
)
