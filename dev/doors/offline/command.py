"""The command `scripts/offline`: it makes stand-ins for things that this machine lacks.

`scripts/offline engine` replaces an installed Docker, `scripts/offline images` the pinned base images.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from dev.command.command import Command, main_of
from dev.doors.engine import find_engine
from dev.doors.offline.engine import ensure_engine
from dev.doors.offline.images import make_images

_STATUSES = {0: "done", 3: "it could not be done"}


def main(arguments: Sequence[str]) -> int:
    """Run the command that the first of `arguments` names; return the exit status."""
    return main_of("offline", DOES, COMMANDS, arguments)


def _engine(options: Namespace) -> int:
    engine = find_engine() if options.check else ensure_engine()
    print(engine.version())
    return 0


def _images(options: Namespace) -> int:
    for tag, image in make_images(find_engine(), only_missing=options.missing).items():
        print(tag, image)
    return 0


def _check(parser: ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="change nothing: only say whether there is one")


def _missing(parser: ArgumentParser) -> None:
    parser.add_argument("--missing", action="store_true", help="make only those that this machine lacks")


DOES = "Stand-ins for what this machine lacks or does not reach, made of Debian's packages."
COMMANDS = {
    "engine": Command(
        name="offline engine",
        does="Prints the version of the Docker engine. On Debian, as root, it installs and starts a missing engine.",
        statuses=_STATUSES,
        run=_engine,
        add=_check,
    ),
    "images": Command(
        name="offline images",
        does="Makes stand-ins for the pinned base images, for a machine that reaches no image registry.",
        statuses=_STATUSES,
        run=_images,
        add=_missing,
    ),
}
