"""`scripts/test`: the tests, in environments that it makes, without those for which this machine lacks something."""

import shutil
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Missing:
    """What this machine lacks for the tests of a mark."""

    mark: str
    error: str
    """The line that ends a strict run."""
    needs: str
    """What those tests need, and how to get it: the line of a run that goes on without them."""


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
    for look in _LOOKS:
        missing = look(project, python)
        if missing and strict:
            raise CommandError(missing.error)
        if missing:
            _say(missing.needs)
            yield missing.mark
    if not strict:
        _say("what reaches the package registries; run it with: scripts/test --strict", "")
        yield "network"
    if not was_made(project, _COMMIT):
        _say(f"what compares with the commit of {_COMMIT}; get it with: scripts/ping --track {_COMMIT}", "")
        yield "commit"


def _say(tests: str, word: str = "what needs ") -> None:
    print(f"test: left out: {word}{tests}", file=sys.stderr, flush=True)


def _program(program: str, need: str, project: Project) -> Missing | None:
    if shutil.which(program):
        return None
    how = how_to_get(project.toolchain, need)
    error = f"expected {program} on PATH, found none; install it with: {how}"
    return Missing(need, error, f"{program}; get it with: {how}")


def _unless(mark: str, find: Callable[[], object], needs: str) -> Missing | None:
    """Return what is missing where `find` raises; `{}` in `needs` is its message."""
    try:
        find()
    except CommandError as error:
        return Missing(mark, str(error), needs.format(error))
    return None


def _nix(project: Project) -> None:
    check_owner(project.root)
    find_nix(nix_folders(project.root))


def _peers(project: Project) -> Missing | None:
    build = "scripts/matrix --build"
    for name in sorted(path.name for path in (project.root / "peers").iterdir() if path.is_dir()):
        if not _built(project, name):
            error = f"expected the peer {name} to be built, found none; build it with: {build}"
            return Missing("peers", error, f"the peers of other implementations; get them with: {build}")
    return None


def _built(project: Project, peer: str) -> bool:
    return (project.root / ".cache" / "peers" / peer).exists()


def _namespaces(python: Path) -> None:
    asked: list[str | Path] = [python, "tests/support/netrelay.py", "--check"]
    done = subprocess.run(asked, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise CommandError(done.stdout.strip().removeprefix("netrelay: "))


def _addresses(python: Path) -> None:
    if subprocess.run([python, "-c", _ADDRESSES], check=False).returncode:
        raise CommandError("expected an address of this machine other than loopback, found none; join a network")


_LOOKS: tuple[Callable[[Project, Path], Missing | None], ...] = (
    lambda project, _: _program("redis-server", "redis", project),
    lambda project, _: _program("chromium", "browser", project),
    lambda *_: _unless(
        "docker", find_engine, "a Docker engine; get it with: scripts/offline engine && scripts/offline images"
    ),
    lambda project, _: _unless("nix", lambda: _nix(project), "Nix; get it with: scripts/nix"),
    lambda project, _: _peers(project),
    lambda _, python: _unless("netns", lambda: _namespaces(python), "network namespaces: {}"),
    lambda _, python: _unless(
        "lan", lambda: _addresses(python), "an address other than loopback; get one by joining a network"
    ),
)
"""How to find what is missing, in the order in which it is looked for: the project and a Python of the tests."""


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
