"""The command `scripts/lock`: it compiles the locks from pyproject.toml, and can upgrade the pins of Debian's packages.

The command is in `dev.doors` because it needs a container of the base image to upgrade the pins of Debian's packages.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from dev.command.command import Command
from dev.command.errors import CommandError, FailedError
from dev.doors.bases import find_base
from dev.doors.engines import find_engine
from dev.doors.pins import move_pins
from dev.lockenv.project import Project, this_project
from dev.lockenv.resolve import lock_again

_TOOLCHAIN = ["toolchain"]


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    return COMMAND.main(arguments)


def _lock(options: Namespace) -> int:
    project = this_project()
    if options.upgrade == _TOOLCHAIN:
        return _move_debian_pins(project)
    try:
        _compile(project, options.upgrade)
    except CommandError as error:
        raise FailedError(str(error)) from error
    return 0


def _compile(project: Project, upgrade: list[str] | None) -> None:
    for path, changed in lock_again(project, tuple(upgrade) if upgrade else upgrade is not None):
        if changed:
            print(path.relative_to(project.root), flush=True)
        elif sys.stderr.isatty():
            print(f"{path.relative_to(project.root)} stays", file=sys.stderr)


def _move_debian_pins(project: Project) -> int:
    engine = find_engine()
    base, _ = find_base(engine, project)
    for name, (old, new) in move_pins(engine, project, base).items():
        print(f"{name} {old} -> {new}")
    return 0


def _options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--upgrade",
        nargs="*",
        metavar="NAME",
        help="upgrade every pinned version, or only the versions of NAME (default: upgrade nothing); `--upgrade "
        "toolchain` upgrades only the pinned versions of Debian's packages, and needs a Docker engine",
    )


COMMAND = Command(
    name="lock",
    does="Compile the locks from the groups of requirements in pyproject.toml. The command keeps each pinned version "
    "that still fits its group, and prints the name of each lock that it changes.",
    statuses={
        0: "the locks are written",
        1: "the locks could not be compiled",
        3: "an environment could not be made, or with --upgrade toolchain: the pins could not be upgraded",
    },
    run=_lock,
    add=_options,
)
