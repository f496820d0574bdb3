"""`scripts/mutate`: break copies of the tracks' environments, one thing at a time, and see that envparity tells.

Exit status: 0 every mutation was caught, and nothing else was told; 1 one was not; 2 the command line is wrong.
"""

import argparse
import secrets
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.progress import track as progress
from rich.table import Table

from dev.quality.mutation.expectation import COLLISION, KINDS, TRACKS
from dev.quality.mutation.run import Job, Outcome, plan, run
from envparity.project.config import find_config

_DOES = "Breaks copies of the tracks' environments, one thing at a time, and sees whether envparity tells."
STATUSES = (
    "Exit status: 0 every mutation was caught, and nothing else was told; 1 one was not; 2 the command line is wrong; "
    "3 an environment could not be made."
)


def main(arguments: Sequence[str]) -> int:
    """Run what the command line asks for; the exit status."""
    wanted = _parser().parse_args(arguments)
    seed = wanted.seed or secrets.token_hex(4)
    console = Console(stderr=True)
    console.print(f"seed {seed}", highlight=False)
    jobs = plan(wanted.count, wanted.kind or (), wanted.track, wanted.number)
    config = find_config(Path(__file__).resolve().parent)
    outcomes: list[Outcome] = []
    running = run(jobs, seed, config, lean=wanted.lean, registry=wanted.registry)
    for one in progress(running, total=len(jobs), console=console, disable=not console.is_terminal):
        outcomes.append(one)
        if one.complaints:
            print(_failure(one, seed, wanted), flush=True)
        elif wanted.verbose:
            print(f"{one.job.kind.name} {one.job.number} ({one.job.world}): {one.did}")
    missed = sum(bool(one.complaints) for one in outcomes)
    _print_table(outcomes)
    print(f"seed {seed}: {len(jobs)} mutations of {len({job.kind.name for job in jobs})} kinds, {missed} not caught")
    return 1 if missed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("scripts/mutate", allow_abbrev=False, description=_DOES, epilog=STATUSES)
    parser.add_argument(
        "--count", type=int, default=400, metavar="N", help="how many mutations (400), the kinds in turn"
    )
    parser.add_argument("--seed", metavar="SEED", help="what chance is drawn from; a new one is made and shown")
    parser.add_argument(
        "--kind", action="append", choices=sorted(KINDS), metavar="NAME", help="only this kind; may be given again"
    )
    parser.add_argument("--number", type=int, metavar="N", help="only the mutation of this number, of each kind")
    parser.add_argument("--track", choices=(*TRACKS, COLLISION), help="only this environment")
    parser.add_argument("--lean", action="store_true", help="leave the largest distributions out of the copies")
    parser.add_argument(
        "--registry",
        action="store_true",
        help="the second provider of multihash is py-multihash 2.0.1, installed by uv, not the installed 3.0.0",
    )
    parser.add_argument("--verbose", action="store_true", help="a line for each mutation")
    return parser


def _failure(one: Outcome, seed: str, wanted: argparse.Namespace) -> str:
    job: Job = one.job
    again = f"scripts/mutate --seed {seed} --kind {job.kind.name} --number {job.number} --track {job.world}"
    lines = [f"{job.kind.name} {job.number} ({job.world}): {one.did}", *(f"  {said}" for said in one.complaints)]
    options = "".join(f" --{name}" for name in ("lean", "registry") if getattr(wanted, name))
    return "\n".join([*lines, f"  again: {again}{options}"])


def _print_table(outcomes: Sequence[Outcome]) -> None:
    """Kind, what has to find it, by which codes, how often it was tried and caught."""
    table = Table(box=box.MARKDOWN)
    for heading in ("kind", "found by", "codes"):
        table.add_column(heading, overflow="fold")
    for heading in ("tried", "caught"):
        table.add_column(heading, justify="right")
    by_kind: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        by_kind[one.job.kind.name].append(one)
    for name, mine in sorted(by_kind.items()):
        codes = ", ".join(sorted({code for one in mine for code in one.codes}))
        caught = sum(not one.complaints for one in mine)
        table.add_row(name, KINDS[name].how.value, codes, str(len(mine)), str(caught))
    Console(width=160).print(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
