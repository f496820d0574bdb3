"""`python -m lockenv`: what the scripts call.

Prints the path of an environment's Python. Exit status: 0 made or already there; 1 it could not be made;
2 the command line is wrong.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from dev.command.errors import CommandError
from dev.lockenv import environments
from dev.lockenv.installer import bootstrap
from dev.lockenv.interpreter import find_interpreter
from dev.lockenv.project import Project, this_project
from dev.lockenv.source import read_source
from dev.lockenv.system import how_to_get, require_build_tools, require_pip, require_program


def main(arguments: Sequence[str]) -> int:
    """Run one command; errors become one line on standard error."""
    parser = argparse.ArgumentParser(
        prog="python -m lockenv", allow_abbrev=False, description="Environments made from the locks."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    track = commands.add_parser(
        "track", allow_abbrev=False, help="the environment of a track (LIBP2P_SOURCE swaps its library)"
    )
    track.add_argument("track")
    commands.add_parser("tools", allow_abbrev=False, help="the environment of the linters and other tools")
    commands.add_parser("node", allow_abbrev=False, help="the environment of Node.js")
    test = commands.add_parser("test", allow_abbrev=False, help="the environment that tests of a track run in")
    test.add_argument("track")
    lock = commands.add_parser(
        "lock",
        allow_abbrev=False,
        prog="scripts/lock",
        help="make the locks anew from pyproject.toml (in the tools environment)",
        description="Makes the locks anew from pyproject.toml; each pin that still satisfies its group is kept. Names "
        "the locks that it changed.",
        epilog="Exit status: 0 made; 1 they could not be; 2 the command line is wrong; 3 an environment could not be "
        "made.",
    )
    lock.add_argument(
        "--upgrade",
        nargs="*",
        metavar="NAME",
        help="move all pins, or those of the names given; `toolchain`: those of Debian's packages, by a Docker engine",
    )
    commands.add_parser(
        "prepare", allow_abbrev=False, help="install, or say how to, what the strict run asks of the system"
    )
    how = commands.add_parser("how", allow_abbrev=False, help="the command that installs something on this machine")
    how.add_argument("need", choices=["browser", "build", "git", "pip", "redis"])
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        (lock if options.command == "lock" else parser).error(f"unrecognized arguments: {' '.join(unknown)}")
    try:
        _run(this_project(), options)
    except CommandError as error:
        print(f"lockenv: {error}", file=sys.stderr)
        return 1
    return 0


def _run(project: Project, options: argparse.Namespace) -> None:
    if options.command == "track":
        print(track_python(project, options.track))
    elif options.command == "tools":
        print(environments.tools_environment(project))
    elif options.command == "node":
        print(environments.node_environment(project))
    elif options.command == "test":
        print(environments.test_environment(project, options.track))
    elif options.command == "how":
        print(how_to_get(project.toolchain, options.need))
    elif options.command == "prepare":
        _prepare(project)
    else:
        _lock(project, options.upgrade)


def track_python(project: Project, track: str) -> Path:
    """A track's Python, with the library that LIBP2P_SOURCE names, if it is set."""
    wanted = os.environ.get("LIBP2P_SOURCE")
    return environments.track_environment(project, track, read_source(wanted) if wanted else None)


def _prepare(project: Project) -> None:
    interpreter = find_interpreter(project.toolchain)
    require_pip(project.toolchain, interpreter)
    require_build_tools(project.toolchain, interpreter)
    require_program(project.toolchain, "git", "git")
    require_program(project.toolchain, "redis", "redis-server")
    require_program(project.toolchain, "browser", "chromium")


def _lock(project: Project, upgrade: list[str] | None) -> None:
    from dev.lockenv.resolve import lock_all  # needs `packaging`, which a bare Python lacks

    uv = bootstrap(project, find_interpreter(project.toolchain))
    before = {path: path.read_bytes() for path in (project.root / "locks").glob("*.txt")}
    for name in lock_all(project, uv, tuple(upgrade) if upgrade else upgrade is not None):
        if before.get(path := project.lock(name)) != path.read_bytes():
            print(path.relative_to(project.root), flush=True)
        elif sys.stderr.isatty():
            print(f"{path.relative_to(project.root)} stays", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
