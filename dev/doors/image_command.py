"""The command `scripts/image`: it builds the images of tracks.

It can also build each image twice and compare the two results, or build only wheels.

A track is one pinned version of libp2p on one Python, such as v0.4.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from dev.command.command import Command
from dev.doors.bases import find_base
from dev.doors.engines import find_engine
from dev.doors.image import build, build_wheels, make_plan, tracks_of
from dev.doors.verify import build_twice
from dev.lockenv.project import this_project


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    return COMMAND.main(arguments)


def _image(options: Namespace) -> int:
    project = this_project()
    tracks = tracks_of(project, options.track)
    engine = find_engine()
    bases: dict[str, str] = {}
    for track in tracks:
        bases[track], remark = find_base(engine, project, options.base, track)
        if remark and list(bases.values()).count(bases[track]) == 1:
            print(f"scripts/image: {remark}", file=sys.stderr)
    if options.wheels:
        for track in tracks:
            build_wheels(
                engine, project, make_plan(project, track, bases[track], "wheels"), Path(options.wheels).absolute()
            )
        print(options.wheels)
        return 0
    plans = [make_plan(project, track, bases[track], options.target) for track in tracks]
    status = 0
    for plan in plans:
        if not options.verify:
            print(plan.tag, build(engine, project, plan, show=sys.stderr.isatty()))
            continue
        first, second, differences = build_twice(engine, project, plan)
        print(plan.tag, first, "from both builds" if first == second else f"and {second}: the builds differ")
        for line in differences:
            print(f"  {line}")
        status = max(status, int(first != second))
    return status


def _options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    which = (
        "build the image of this track; may be repeated (default: every track that has its own lock and a released "
        "library)"
    )
    add("--track", metavar="TRACK", choices=this_project().tracks, action="append", default=[], help=which)
    target = "build this stage of the Dockerfile (default: runtime)"
    add(
        "--base",
        metavar="IMAGE",
        help="build on this image (default: the image that the variable BASE_IMAGE names, or else the pinned image)",
    )
    add("--target", choices=["runtime", "dev"], default="runtime", help=target)
    wheels = (
        "build no image; for each distribution that the lock installs from source, build the wheel again, and write "
        "the wheels into FOLDER"
    )
    add("--wheels", metavar="FOLDER", help=wheels)
    add("--verify", action="store_true", help="build each image twice from scratch, and compare the two images")


COMMAND = Command(
    name="image",
    does="Build the image of a track, or of several tracks. The variable LIBP2P_SOURCE replaces the track's "
    "library with a commit or a checkout.",
    statuses={0: "done", 1: "with --verify: two builds gave different images", 3: "an image could not be built"},
    run=_image,
    add=_options,
)
