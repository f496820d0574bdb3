"""`scripts/test`: the tests, in environments that it makes, without those for which this machine lacks something."""

import shutil
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from dev.command.command import Command, run_child
from dev.command.errors import CommandError
from dev.doors.engine import find_engine
from dev.doors.nix import find_nix
from dev.doors.nix_folders import check_owner, nix_folders
from dev.lockenv.environments import EnvironmentMaker, was_made
from dev.lockenv.project import Project, this_project
from dev.lockenv.system import how_to_get

# Exits with 1 where this machine has no address but loopback.
_ADDRESSES = "import multiaddr.utils as m, sys; sys.exit({ip[:4] for ip in m.get_network_addrs(4)} <= {'127.'})"
_COMMIT = "v0.4-git"


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
    marks = [f"not {mark}" for mark in _leave_out(project, pythons[first], strict=options.strict)]
    status = run_child([pythons[first], "-m", "pytest", "-m", " and ".join(marks), *options.rest])
    for track in () if options.rest else others:
        if status == 0:
            print(f"test: the in-process tests once more, on libp2p {track.removeprefix('v')}", flush=True)
            within = " and ".join([*marks, "not processes"])
            status = run_child([pythons[track], "-m", "pytest", "-m", within, "tests/pingtest"])
    return status


def _leave_out(project: Project, python: Path, *, strict: bool) -> Iterator[str]:
    """Yield the marks of the tests that are left out, and say why; CommandError where a strict run lacks something."""
    for mark, find, needs in _looks(project, python):
        try:
            find()
        except CommandError as error:
            if strict:
                raise
            _say(f"what needs {needs.replace('{}', str(error))}")
            yield mark
    if not strict:
        _say("what reaches the package registries; run it with: scripts/test --strict")
        yield "network"
    if not was_made(project, _COMMIT):
        _say(f"what compares with the commit of {_COMMIT}; get it with: scripts/ping --track {_COMMIT}")
        yield "commit"


def _say(tests: str) -> None:
    print(f"test: left out: {tests}", file=sys.stderr, flush=True)


def _looks(project: Project, python: Path) -> Sequence[tuple[str, Callable[[], object], str]]:
    """Return how to look for what this machine may lack, in order.

    Each row has the mark of the tests that need it, a function that raises CommandError where it is missing, and the
    line of a run that goes on without those tests; `{}` in that line is the error.
    """
    redis, browser = (how_to_get(project.toolchain, need) for need in ("redis", "browser"))
    engine, peers = "scripts/offline engine && scripts/offline images", "scripts/matrix --build"
    return (
        ("redis", lambda: _program("redis-server", redis), f"redis-server; get it with: {redis}"),
        ("browser", lambda: _program("chromium", browser), f"chromium; get it with: {browser}"),
        ("docker", find_engine, f"a Docker engine; get it with: {engine}"),
        ("nix", lambda: _nix(project), "Nix; get it with: scripts/nix"),
        ("peers", lambda: _peers(project, peers), f"the peers of other implementations; get them with: {peers}"),
        ("netns", lambda: _namespaces(python), "network namespaces: {}"),
        ("lan", lambda: _addresses(python), "an address other than loopback; get one by joining a network"),
    )


def _program(program: str, how: str) -> None:
    if not shutil.which(program):
        raise CommandError(f"expected {program} on PATH, found none; install it with: {how}")


def _nix(project: Project) -> None:
    check_owner(project.root)
    find_nix(nix_folders(project.root))


def _peers(project: Project, build: str) -> None:
    for name in sorted(path.name for path in (project.root / "peers").iterdir() if path.is_dir()):
        if not (project.root / ".cache" / "peers" / name).exists():
            raise CommandError(f"expected the peer {name} to be built, found none; build it with: {build}")


def _namespaces(python: Path) -> None:
    asked: list[str | Path] = [python, "tests/support/netrelay.py", "--check"]
    done = subprocess.run(asked, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise CommandError(done.stdout.strip().removeprefix("netrelay: "))


def _addresses(python: Path) -> None:
    if subprocess.run([python, "-c", _ADDRESSES], check=False).returncode:
        raise CommandError("expected an address of this machine other than loopback, found none; join a network")


def _options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--strict",
        action="store_true",
        help="what would be left out is an error, and the tests that reach the package registries run too",
    )


COMMAND = Command(
    name="test",
    does="Runs the tests, those in process on both tracks, in environments that it makes. It leaves out the tests for "
    "which this machine lacks something, and says so.",
    statuses={
        0: "all passed",
        1: "a test failed",
        2: "it was interrupted",
        3: "something is missing",
        4: "pytest does not know an option",
        5: "no test was found",
    },
    run=_test,
    add=_options,
    usage="scripts/test [-h] [--strict] [PYTEST OPTION ...]",
    more="PYTEST OPTION: a file, a folder, -k WORD and every other option of pytest.",
    passes_on=True,
)
