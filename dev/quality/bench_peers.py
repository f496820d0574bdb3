"""`scripts/bench peers`: compares dials by py-, js-, go- and rust-libp2p to the same listeners."""

from argparse import ArgumentParser, Namespace

from rich import box
from rich.table import Table

from dev.command.command import Command, positive
from dev.lockenv.project import this_project
from dev.matrix.dialing import AMONG, FIGURES, Dialing, dial_all
from dev.matrix.progress import wide_console, with_progress


def _bench(options: Namespace) -> int:
    show(dial_all(this_project(), options.among, options.runs, lambda turns: with_progress(turns, "dialing")))
    return 0


def _options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    among = f"measure only these implementations, for example v0.8,go (default: {','.join(AMONG)})"
    add("--among", type=lambda text: text.split(","), default=AMONG, metavar="NAMES", help=among)
    runs = "dial N times with each pair; the pairs take turns (default: 15)"
    add("--runs", type=positive, default=15, metavar="N", help=runs)


def show(dialing: Dialing) -> None:
    """Print tables with the medians of each pair of dialer and listener, in ms, and `-` for a pair without a median.

    Then print a line for each pair with a known limit or with failed dials. A known limit is a bug or a missing feature
    of a library. The benchmark does not measure a pair with a known limit.
    """
    console = wide_console()
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


COMMAND = Command(
    name="bench peers",
    does="Measure how long each implementation takes to dial the same listeners over tcp, noise and yamux on loopback.",
    statuses={0: "every pair was measured", 1: "a pair failed"},
    run=_bench,
    add=_options,
    more="scripts/docs --record performance measures the same dials and writes docs/reference/performance.md.",
)
