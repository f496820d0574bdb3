"""The command `scripts/offline`: it makes stand-ins, which replace programs and images that this machine cannot get.

`scripts/offline engine` installs and starts Debian's Docker engine. `scripts/offline images` makes replacements for the
pinned images of Python and Redis.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from dev.command.command import Command, main_of
from dev.doors.engines import find_engine
from dev.doors.offline.engine import ensure_engine
from dev.doors.offline.images import make_images
from dev.lockenv.project import this_project


def main(arguments: Sequence[str]) -> int:
    """Run the command that the first of `arguments` names; return the exit status."""
    return main_of("offline", DOES, COMMANDS, arguments)


def _engine(options: Namespace) -> int:
    engine = find_engine(compose=True) if options.check else ensure_engine()
    print(engine.version())
    return 0


def _images(options: Namespace) -> int:
    images = make_images(find_engine(), this_project(), only_missing=options.missing)
    for tag, image in images.items():
        print(tag, image)
    return 0


def _check(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--check",
        action="store_true",
        help="change nothing; only report whether this machine has an engine with compose",
    )


def _missing(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--missing", action="store_true", help="make only the stand-ins that the Docker engine does not have yet"
    )


DOES = (
    "Install a Docker engine, or make stand-ins for the pinned images. A stand-in replaces an image that this machine "
    "cannot reach. The engine and the stand-ins come from Debian's packages."
)
COMMANDS = {
    "engine": Command(
        name="offline engine",
        does="Install and start a Docker engine if this machine has no engine with compose (on Debian, as root), and "
        "print the engine's version.",
        statuses={0: "done", 3: "this machine has no engine, and the command could not install and start one"},
        run=_engine,
        add=_check,
    ),
    "images": Command(
        name="offline images",
        does="Make stand-ins for the pinned images, for a machine that cannot reach an image registry.",
        statuses={0: "done", 3: "this machine has no engine, or a stand-in could not be made"},
        run=_images,
        add=_missing,
    ),
}
