"""The command `scripts/devcontainer`: it starts the devcontainer of a track, or runs a command in it.

It can also remove all devcontainers of this checkout.

A track is one pinned version of libp2p on one Python, such as v0.4.
"""

import argparse
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from dev.command.command import Command
from dev.command.errors import UsageError
from dev.doors.devcontainer import config_of, end, execute, settings, start
from dev.doors.engines import find_engine
from dev.lockenv.project import this_project


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    return COMMAND.main(arguments)


def _devcontainer(options: Namespace) -> int:
    images = options.action == "down" and options.command == ["--images"]
    if options.action is None or ((options.action == "exec") != bool(options.command) and not images):
        found = " ".join([options.action or "nothing", *options.command])
        raise UsageError(f"expected up, exec COMMAND…, down or down --images, found {found}")
    project, engine = this_project(), find_engine(compose=True)
    track = options.track or project.default_track
    config_of(project, track)
    if options.action == "exec":
        return execute(engine, project, track, options.command)
    if options.action == "down":
        lines = end(engine, project, images=images)
        print("\n".join(lines) or f"there is no devcontainer of {project.root}")
        if images:
            print("the engine keeps the layers of builds; docker buildx prune removes these layers, for every project")
        return 0
    made = settings(engine, project, track)
    for remark in made.remarks:
        print(f"scripts/devcontainer: {remark}", file=sys.stderr)
    start(engine, project, track, made)
    return 0


def _options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    project = this_project()
    which = f"use the devcontainer of this track (default: {project.default_track})"
    add("--track", metavar="TRACK", choices=project.tracks, help=which)
    # The word is optional for argparse, because otherwise argparse would report the missing word and hide an unknown
    # option. `_devcontainer` itself requires the word.
    actions = "up starts the devcontainer, exec runs COMMAND in it, down removes all devcontainers of this checkout"
    add("action", nargs="?", choices=["up", "exec", "down"], help=actions)
    add(
        "command",
        nargs=argparse.REMAINDER,
        metavar="COMMAND",
        help="the command for exec; or --images after down, to remove the images too",
    )


COMMAND = Command(
    name="devcontainer",
    does="Start the devcontainer of a track, run a command in it, or remove all devcontainers of this checkout. This "
    "works from a terminal, without an editor: the command runs the reference program @devcontainers/cli.",
    statuses={0: "done", 3: "the Docker engine or the devcontainer is missing, or the devcontainer did not start"},
    run=_devcontainer,
    add=_options,
    usage="scripts/devcontainer [-h] [--track TRACK] {up | exec COMMAND... | down [--images]}",
    more="With exec, the exit status is that of COMMAND.",
)
