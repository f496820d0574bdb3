"""The command `python -m dev.lockenv`, for image builds, the devcontainer and CI.

It makes an environment and prints the path of the environment's Python. With `wheels`, it builds wheels and prints the
path of their folder. With `how`, it prints the command that installs a missing program. People use the commands of
`scripts/`, which make the environments that they need.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from dev.command.command import Command, run_until_stopped
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.packages import how_to_get
from dev.lockenv.project import this_project
from dev.lockenv.rebuild import rebuild


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    return COMMAND.main(arguments)


def _run(options: Namespace) -> int:
    maker = EnvironmentMaker(this_project())
    if options.what == "how":
        print(how_to_get(maker.project.toolchain, options.need))
    elif options.what == "track":
        print(maker.track(options.track, maker.source))
    elif options.what == "wheels":
        rebuild(maker, options.track, Path(options.folder).absolute())
        print(options.folder)
    elif options.what == "test":
        print(maker.test(options.track))
    else:
        print(maker.node() if options.what == "node" else maker.tools())
    return 0


def _options(parser: ArgumentParser) -> None:
    every = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    track = every.add_parser(
        "track", allow_abbrev=False, help="the environment of a track (LIBP2P_SOURCE replaces its libp2p)"
    )
    track.add_argument("track")
    every.add_parser("tools", allow_abbrev=False, help="the environment of the linters and other tools")
    every.add_parser("node", allow_abbrev=False, help="the environment of Node.js")
    test = every.add_parser("test", allow_abbrev=False, help="the environment for the tests of a track")
    test.add_argument("track")
    wheels = every.add_parser(
        "wheels",
        allow_abbrev=False,
        help="the wheels of the distributions that a track's lock installs from source, built again into a folder",
    )
    wheels.add_argument("track")
    wheels.add_argument("folder")
    how = every.add_parser("how", allow_abbrev=False, help="print the command that installs NEED on this machine")
    how.add_argument("need", choices=["browser", "build", "git", "pip", "redis"])


COMMAND = Command(
    name="lockenv",
    prefix="",
    usage="python -m dev.lockenv [-h] WHAT ...",
    does="Make an environment if it is missing or does not match its lock, and print the path of its Python.",
    statuses={0: "done", 3: "the environment could not be made"},
    run=_run,
    add=_options,
)

if __name__ == "__main__":
    run_until_stopped(lambda: main(sys.argv[1:]))
