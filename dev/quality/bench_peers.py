"""`scripts/bench peers`: what a dial costs py-libp2p, and js, go and rust libp2p that dial the same listeners.

Exit status: 0 measured; 1 a pair failed; 2 the command line is wrong; 3 something is missing.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from rich import box
from rich.console import Console
from rich.progress import track as progress
from rich.table import Table

from dev.command.command import positive
from dev.command.errors import CommandError, FailedError, UsageError
from dev.lockenv.__main__ import track_python
from dev.lockenv.project import Project, this_project
from dev.matrix import engines
from dev.matrix.dialing import FIGURES, Dialing, measure
from dev.matrix.implementations import find_parties
from dev.quality.bench import WIDTH

AMONG = ("v0.4", "v0.8", "js", "go", "rust")
_TIMEOUT = 20  # seconds of a test


def dial_all(
    project: Project, among: Sequence[str], runs: int, turns: Callable[[Sequence[int]], Iterator[int]]
) -> Dialing:
    """Measure these implementations; CommandError or CommandError where one is missing or fails."""
    parties = find_parties(project, among)
    commands = {
        party.name: [party.program] if party.program else engines.program_of(track_python(project, party.name))
        for party in parties
    }
    with engines.processes(project, commands, _TIMEOUT) as stage:
        return measure(stage, parties, runs, turns)


def main(arguments: Sequence[str]) -> int:
    """Measure and show; the exit status."""
    parser = argparse.ArgumentParser(
        "scripts/bench peers",
        allow_abbrev=False,
        description="What a dial costs each implementation against the same listeners: tcp, noise, yamux on loopback.",
        epilog="docs/performance.md is made from such a run by: scripts/why --record performance. Exit status: 0"
        " measured; 1 a pair failed; 2 the command line is wrong; 3 something is missing.",
    )
    parser.add_argument(
        "--among",
        type=lambda text: text.split(","),
        default=AMONG,
        metavar="NAMES",
        help="of these: v0.8,go (all)",
    )
    parser.add_argument("--runs", type=positive, default=15, metavar="N", help="of each pair, in turns (15)")
    options = parser.parse_args(arguments)
    shown = partial(
        progress, description="dialing", console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    )
    try:
        dialing = dial_all(this_project(), options.among, options.runs, lambda turns: iter(shown(turns)))
    except CommandError as error:
        print(f"scripts/bench: {error}", file=sys.stderr)
        return 1 if isinstance(error, FailedError) else 2 if isinstance(error, UsageError) else 3
    show(dialing)
    return 0


def show(dialing: Dialing) -> None:
    """The medians of each pair on standard output, and what did not come back."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    names = [one.name for one in dialing.implementations]
    versions = ", ".join(f"{one.name}: {one.library} {one.version}" for one in dialing.implementations)
    console.print(f"{versions}; {dialing.cores} cores", highlight=False)
    for figure in FIGURES:
        console.print(f"\n{figure}, ms: medians of {dialing.runs}", highlight=False)
        table = Table(box=box.SIMPLE_HEAD)
        table.add_column("dialer")
        for listener in names:
            table.add_column(f"to {listener}", justify="right")
        for dialer in names:
            medians = [dialing.find(dialer, listener).median(figure) for listener in names]
            table.add_row(dialer, *("-" if middle is None else f"{middle:.2f}" for middle in medians))
        console.print(table)
    for one in dialing.pairs:
        if said := one.limit or (f"{len(one.failed)} failed: {one.failed[-1]}" if one.failed else ""):
            console.print(f"{one.dialer} x {one.listener}: {said}", highlight=False, markup=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
