"""`scripts/test`: makes environments and runs the tests in them, without the tests that this machine cannot run.

Some tests run on two tracks. A track is one pinned version of libp2p, such as v0.4.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from argparse import ArgumentError, ArgumentParser, Namespace
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dev.command.command import Command, run_child
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import this_project
from dev.quality.left_out import Reason, find_reasons, rows, table

_PLUGIN = "dev.quality.pytest_run"
_NO_TEST = 5  # pytest's exit status if it found no test
_PIPE = 140  # The width of the table, in characters, if standard output is not a terminal.
_SLOW = Reason("slow", "they are slow", "scripts/test --slow")
_QUICK = Reason("quick", "they are not slow", "scripts/test")


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    return COMMAND.main(arguments)


def _test(options: Namespace) -> int:
    project = this_project()
    maker = EnvironmentMaker(project)
    for track in project.released_tracks:
        maker.track(track, maker.source)
    maker.tools()
    pythons = {track: maker.test(track) for track in project.released_tracks}
    first, *others = pythons
    command = "scripts/test" + ("" if options.speed == "quick" else f" --{options.speed}")
    speed = {"quick": [_SLOW], "slow": [_QUICK], "all": []}[options.speed]
    reasons = [*speed, *find_reasons(project, pythons[first], command, strict=options.strict)]
    asked = ask(options.rest)
    with tempfile.TemporaryDirectory() as folder:
        runs = {track: _Run(pythons[track], Path(folder, track), reasons) for track in pythons}
        beside = {track: runs[track] for track in (others if asked.everything else ())}
        try:
            with _side_by_side(beside) as second:
                # With LOCKENV_HOME set, the checkout may be read-only, so pytest's cache is in another folder.
                cache = [] if project.home == project.root else ["-o", f"cache_dir={project.cache / 'pytest'}"]
                status = run_child([*runs[first].words(*asked.workers, *cache), *options.rest])
            for track, found in second.items():
                print(f"\ntest: the in-process tests on libp2p {track.removeprefix('v')}", flush=True)
                sys.stdout.write(found.printed)
                nothing_slow = options.speed == "slow" and found.status == _NO_TEST
                status = status or (0 if nothing_slow else found.status)
        finally:
            left_out, skipped = (_outcomes(runs, name) for name in ("left-out.json", "skipped.json"))
            shown = table(rows(reasons, left_out, skipped), shutil.get_terminal_size((_PIPE, 24)).columns)
            if shown:
                print(f"\n{shown}", flush=True)
    return status


@dataclass(frozen=True)
class Asked:
    """The parts of pytest's options that matter to this command."""

    everything: bool
    """Whether the command line asks for all tests: none of its options or arguments chooses tests."""
    workers: tuple[str, ...]
    """The options of pytest-xdist to add; empty if the command line is wrong or switches pytest-xdist off."""


def ask(words: Sequence[str]) -> Asked:
    """Read pytest's options as far as this command needs to know them.

    pytest gets all options unchanged. An option that this function does not list might choose tests, as -k does, so it
    counts as a choice. A word that is not an option counts as a choice too, because it names a file or a test.
    """
    parser = ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("-n", "--numprocesses", dest="workers")
    parser.add_argument("-p", action="append", default=[], dest="plugins")
    parser.add_argument("-s", action="store_const", const="no", dest="capture")
    for flag in ("-x", "-q", "-v", "--exitfirst", "--quiet", "--verbose", "--reverse", "--pdb", "--trace"):
        parser.add_argument(flag, action="count")
    for option in ("-r", "--capture", "--dist", "--durations", "--maxfail", "--tb", "--timeout"):
        parser.add_argument(option)
    try:
        known, others = parser.parse_known_args(list(words))
    except ArgumentError:  # An option lacks its value; pytest will report the error.
        return Asked(everything=False, workers=())
    if "no:xdist" in known.plugins:
        return Asked(not others, ())
    if known.workers is not None:
        return Asked(not others, ("--dist", "loadgroup"))
    # With --pdb, --trace or -s, a person types in the terminal or reads the output live.
    one_process = known.pdb or known.trace or known.capture == "no"
    return Asked(not others, ("-n", "0" if one_process else str(_workers(_cores())), "--dist", "loadgroup"))


def _workers(cores: int) -> int:
    """Return the number of workers: three for two cores, because for a third of the time a test only waits."""
    return cores + cores // 2


def _cores() -> int:
    """Return the number of CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class _Run:
    """One run of pytest."""

    python: Path
    outcome: Path
    """The folder in which the plugin writes the tests that were left out or skipped."""
    reasons: Sequence[Reason]

    def words(self, *options: str) -> list[str | Path]:
        """Create the outcome folder and return the command line.

        pytest's short summary omits skipped tests, because the table at the end has them.
        """
        self.outcome.mkdir()
        left_out = ",".join(one.mark for one in self.reasons)
        # --outcome and --leave-out need `=`. pytest looks for its configuration before it knows these two options. It
        # would read a path in a separate word as the location of the tests.
        own = ["-p", _PLUGIN, f"--outcome={self.outcome}", f"--leave-out={left_out}", "-rfExX"]
        return [self.python, "-m", "pytest", *own, *options]


@dataclass
class _Ended:
    """The result of a run that took place at the same time as another run."""

    status: int = 0
    printed: str = ""


@contextmanager
def _side_by_side(runs: Mapping[str, _Run]) -> Iterator[Mapping[str, _Ended]]:
    """Run the in-process tests of each of `runs` in the background, and wait for them at the end of the block.

    In-process tests start no process. They mostly wait, so one more process can run them at the same time as the
    workers of the caller's run. Their output goes to a file, so that it does not mix with the output of that run. Yield
    a dict from track to result; the results are complete after the block.
    """
    ended = {track: _Ended() for track in runs}
    started = {}
    try:
        for track, run in runs.items():
            words = run.words("-q", "-p", "no:cacheprovider", "-m", "not processes", "tests/pingtest")
            with (run.outcome / "printed").open("wb") as printed:
                started[track] = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=printed, stderr=printed)
        yield ended
        for track, child in started.items():
            if child.poll() is None:
                print("test: waiting for the in-process tests on the other track", flush=True)
            status = child.wait()
            ended[track].status = status if status >= 0 else 128 - status
            ended[track].printed = (runs[track].outcome / "printed").read_text(encoding="utf-8", errors="replace")
    except BaseException as stopped:
        for child in started.values():
            # On Ctrl-C, a terminal sends SIGINT to every process itself. A second signal would interrupt pytest's
            # clean-up.
            if not (isinstance(stopped, KeyboardInterrupt) and stopped.args == (signal.SIGINT,)):
                child.send_signal(signal.SIGINT)
            child.wait()
        raise


def _outcomes(runs: Mapping[str, _Run], name: str) -> Mapping[str, Collection[str]]:
    """Return a dict from mark or reason to tests, merged from the files `name` that the plugin wrote in all runs.

    A run that stopped early has no file.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for run in runs.values():
        path = run.outcome / name
        if path.exists():
            for key, tests in json.loads(path.read_text(encoding="utf-8")).items():
                found[key].update(tests)
    return found


def _options(parser: ArgumentParser) -> None:
    speed = parser.add_mutually_exclusive_group()
    speed.set_defaults(speed="quick")
    speed.add_argument("--slow", dest="speed", action="store_const", const="slow", help="run only the slow tests")
    speed.add_argument("--all", dest="speed", action="store_const", const="all", help="run the slow tests too")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="fail if this machine lacks a program that a test needs; also run the tests that use the package index",
    )


COMMAND = Command(
    name="test",
    does="Make the test environments and run the tests, with the track v0.4. If you choose no tests, the command "
    "also runs the tests of tests/pingtest with v0.8, except the tests that start a process. The command skips slow "
    "tests, and tests that need a program which this machine lacks. A table at the end lists the skipped tests, the "
    "reasons, and how to run them.",
    statuses={
        0: "every test passed",
        1: "a test failed",
        2: "the run was interrupted",
        3: "something is missing",
        4: "pytest does not know an option",
        5: "no test was found",
    },
    run=_test,
    add=_options,
    usage="scripts/test [-h] [--slow | --all] [--strict] [PYTEST OPTION ...]",
    more="PYTEST OPTION is a file, a folder, -k WORD or any other option of pytest, after the options above. If you "
    "name a file, its slow tests run too, unless you give --slow. scripts/test starts three workers for every two "
    "cores that it may use, because tests often wait; -n 2 starts two workers, and -n 0 runs the tests in one "
    "process. -p randomly shuffles the tests, and --reverse reverses their order.",
    passes_on=True,
)
