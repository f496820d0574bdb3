"""The command `scripts/matrix`: it lets every implementation dial every implementation, also itself.

An implementation is a track (one pinned version of py-libp2p on one Python) or a peer (another program for the ping
test, such as `peers/go`). The tests cover every combination of transport, secure channel and muxer that both the dialer
and the listener support. A test's two sides are its dialer and its listener.
"""

import os
import signal
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from dev.command.command import Command, path, positive
from dev.command.errors import CommandError, UsageError
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import Project, this_project
from dev.matrix import engines
from dev.matrix.endings import Ending, PingOutcome, Results
from dev.matrix.engines import Stage
from dev.matrix.filters import Filters
from dev.matrix.implementations import Party, everything, find_parties, not_built, unsupported
from dev.matrix.journal import NAME, Journal, RunPlan, keep_unfinished, read_journal
from dev.matrix.peers import build_peers
from dev.matrix.plan import Test
from dev.matrix.pool import run_all
from dev.matrix.results import FINE, clear, log_path, merge, now, results_of, write, write_log
from dev.matrix.verdict import unsupported as not_run


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    return COMMAND.main(arguments)


def _run(options: Namespace) -> int:
    if options.build is not None:
        return build_peers(this_project(), options.build)
    if options.merge:
        return _merge(options.into, options.merge)
    return _matrix(this_project(), options, options.into)


def _matrix(project: Project, options: Namespace, folder: Path) -> int:
    continues = options.resume or options.rerun_failed
    if continues and not (folder / NAME).is_file():
        option = "--resume" if options.resume else "--rerun-failed"
        raise UsageError(f"{option}: expected a run in {folder}, found none; leave {option} out, or use another --into")
    if not continues and not options.list:
        keep_unfinished(folder)
    plan = read_journal(folder).plan if continues else None
    wanted = [one.name for one in plan.implementations] if plan else options.among
    if options.engine == "docker" and not wanted:
        wanted = list(project.released_tracks)
    parties = {party.name: party for party in find_parties(project, wanted)}
    if not wanted and (left := not_built(project, parties.values())):
        build = f"scripts/matrix --build {' '.join(left)}"
        print(f"scripts/matrix: skipped, not built yet: {', '.join(left)}; build with: {build}", file=sys.stderr)
    fresh = _plan(options, plan, parties)
    tests = {test.name: test for test in everything(list(parties.values())) if test.name in set(fresh.tests)}
    lacking = {name: why for name, test in tests.items() if (why := unsupported(test, parties))}
    if options.list:
        _list(tests, lacking)
        return 0
    if not set(tests) - set(lacking) and not continues:
        raise UsageError("expected tests to run, found none that pass the filters; see the plan with --list")
    with closing(Journal(folder, None if continues else fresh)) as journal:
        if not continues:
            clear(folder)
        return _go(project, options, folder, journal, parties, tests, lacking)


def _list(tests: dict[str, Test], lacking: dict[str, str]) -> None:
    for name, test in tests.items():
        known = f"\tlimit: {test.limit.cause}" if test.limit else ""
        print(f"{name}\tunsupported: {lacking[name]}" if name in lacking else f"{name}{known}")


def _go(
    project: Project,
    options: Namespace,
    folder: Path,
    journal: Journal,
    parties: dict[str, Party],
    tests: dict[str, Test],
    lacking: dict[str, str],
) -> int:
    """Run the tests for which the journal has no outcome, write the results and return the exit status.

    The status is 0 if every test ended as expected, otherwise 1. If signal n stops the run, the results hold the tests
    that are done, and the status is 128 + n.
    """
    record = read_journal(folder)
    if options.rerun_failed:
        journal.again(name for name, outcome in record.done.items() if outcome.status not in FINE)
        record = read_journal(folder)
    left = [name for name in record.plan.tests if name not in record.done]
    journal.session()
    journal.add((not_run(tests[name], lacking[name]) for name in left if name in lacking), 0.0)
    todo = [tests[name] for name in left if name not in lacking]
    number = 0
    try:
        if todo:
            with _stage(project, record.plan, parties, todo) as stage:
                _run_tests(todo, stage, record.plan, journal, folder)
    except KeyboardInterrupt as stopped:
        number = stopped.args[0] if stopped.args else signal.SIGINT
    results, record = results_of(folder)
    write(folder, results, record.plan.workers)
    _tell(folder, results, len(record.plan.tests) - len(record.done))
    return 128 + number if number else _status(results)


def _run_tests(todo: Sequence[Test], stage: Stage, plan: RunPlan, journal: Journal, folder: Path) -> None:
    began = time.monotonic()
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    count: Counter[str] = Counter()
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("running", total=len(todo))
        with closing(run_all(todo, stage, plan.workers, plan.retries)) as outcomes:
            for outcome in outcomes:
                write_log(folder, outcome)
                journal.add([outcome], time.monotonic() - began)
                count[outcome.status] += 1
                told = ", ".join(f"{number} {status}" for status, number in count.items())
                progress.update(task, advance=1, description=told)
                if outcome.status not in FINE and console.is_terminal:
                    progress.print(_line(outcome), markup=False, highlight=False, soft_wrap=True)


def _stage(
    project: Project, plan: RunPlan, parties: dict[str, Party], todo: Sequence[Test]
) -> AbstractContextManager[Stage]:
    sides = sorted({side for test in todo for side in (test.dialer, test.listener)})
    if plan.engine == "docker":
        return engines.containers(project, sides, plan.timeout)
    maker = EnvironmentMaker(project)
    commands: dict[str, list[Path]] = {}
    for name in sides:
        program = parties[name].program
        commands[name] = [program] if program else engines.program_of(maker.track(name, maker.source))
    return engines.processes(project, commands, plan.timeout)


def _plan(options: Namespace, before: RunPlan | None, parties: dict[str, Party]) -> RunPlan:
    """Return a new plan from the command line; if this command resumes a run, return `before`, the plan of that run.

    `before` is None for a new run. Raises CommandError if `parties` differ from the implementations of `before`.
    """
    implementations = tuple(party.implementation for party in parties.values())
    if before is None:
        filters = Filters(options.select, options.ignore, *options.shard)
        tests = tuple(test.name for test in everything(list(parties.values())) if filters.want(test))
        return RunPlan(
            now(),
            filters.select,
            filters.ignore,
            filters.shard,
            filters.shards,
            options.timeout,
            options.retries,
            options.engine,
            options.workers,
            implementations,
            tests,
        )
    if before.implementations != implementations:
        found = ", ".join(f"{one.name} {one.version}" for one in implementations)
        raise CommandError(
            f"expected the implementations that the run started with, found {found}; start again without --resume"
        )
    return before


def _merge(folder: Path, shards: Sequence[Path]) -> int:
    results, workers = merge(shards)
    keep_unfinished(folder)
    clear(folder)
    (folder / NAME).unlink(missing_ok=True)
    write(folder, results, workers)
    for outcome in results.outcomes:
        if outcome.log:
            write_log(folder, outcome)
    _tell(folder, results, 0)
    return _status(results)


def _tell(folder: Path, results: Results, left: int) -> None:
    if not sys.stderr.isatty():
        for outcome in results.outcomes:
            if outcome.status not in FINE:
                print(f"{_line(outcome)} ({log_path(folder, outcome.test)})")
    count = Counter(outcome.status for outcome in results.outcomes)
    told = ", ".join(f"{count[status]} {status}" for status in Ending if count[status]) or "none"
    further = f"; {left} left, continue with: scripts/matrix --resume --into {folder}" if left else ""
    print(f"{len(results.outcomes)} tests, {results.seconds:.0f} s: {told}; {folder / 'index.html'}{further}")


def _line(outcome: PingOutcome) -> str:
    why = outcome.cause if outcome.status is Ending.UNEXPECTED else outcome.error
    return f"{outcome.status}: {outcome.test.name}: {why}"


def _status(results: Results) -> int:
    return 0 if all(outcome.status in FINE for outcome in results.outcomes) else 1


def _options(parser: ArgumentParser) -> None:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    add = parser.add_argument
    among = (
        "test only these implementations, for example v0.4,v0.8,go (default: every track with a released library, and "
        "each other implementation that is already built)"
    )
    add("--among", type=lambda text: text.split(","), default=[], metavar="NAMES", help=among)
    add("--select", default="", metavar="A|B", help="run only tests whose name contains A or B, for example 'quic|wss'")
    add("--ignore", default="", metavar="A|B", help="skip tests whose name contains A or B")
    shard = "split the tests into N shards and run only shard I; the name of a test decides its shard"
    add("--shard", type=_shard, default=(1, 1), metavar="I/N", help=shard)
    modes = parser.add_mutually_exclusive_group().add_argument
    modes("--build", nargs="*", metavar="NAME", help="build the peers NAME and run no test (default: every peer)")
    modes("--list", action="store_true", help="print the plan and run no test")
    modes("--resume", action="store_true", help="continue the run in --into, with the options that it started with")
    again = "continue the run in --into, and repeat its tests that failed, were flaky or passed unexpectedly"
    modes("--rerun-failed", action="store_true", help=again)
    modes("--merge", nargs="+", type=path, metavar="DIR", help="merge the folders of all shards into one result")
    into = "keep the journal, the results and the logs in DIR (default: matrix)"
    add("--into", type=path, default="matrix", metavar="DIR", help=into)
    add("--timeout", type=positive, default=20, metavar="S", help="stop a test after S seconds (default: 20)")
    retries = "run a failed test again, at most N times; a test that then passes is flaky (default: 1)"
    add("--retries", type=_count, default=1, metavar="N", help=retries)
    workers = "run N tests at the same time (default: the number of cores)"
    add("--workers", type=positive, default=cores, metavar="N", help=workers)
    engines_help = (
        "process: start each node as a process; docker: start each node in a container of its track's image, and leave "
        "out the peers; without --among, this tests every track that has its own lock and a released library (default: "
        "process)"
    )
    add("--engine", choices=["process", "docker"], default="process", help=engines_help)


def _shard(text: str) -> tuple[int, int]:
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and text.isascii() and 1 <= int(number) <= int(of) <= 1000):
        raise ArgumentTypeError(f"expected I/N with 1 <= I <= N <= 1000, found {text[:20]!r}")
    return int(number), int(of)


def _count(text: str) -> int:
    return 0 if text == "0" else positive(text)


COMMAND = Command(
    name="matrix",
    does="Test every dialer with every listener, on every combination of layers that both support. An implementation "
    "is a track or a peer, and each implementation is a dialer and a listener. The layers are the transport, the "
    "secure channel and the muxer.",
    statuses={
        0: "every test ended as expected (passed, known limit, unsupported), or the peers are built",
        1: "a test failed, was flaky or passed unexpectedly",
        3: "something is missing, or a peer could not be built",
    },
    run=_run,
    add=_options,
    more="A new run replaces a finished run in --into. It does not replace an unfinished run: continue that run with "
    "--resume. A signal ends a run and keeps its results. To test a peer, first build it with scripts/matrix --build "
    "NAME. If REDIS_ADDR=HOST:PORT is set, scripts/matrix uses the Redis at this address and starts no other Redis.",
)
