"""The command `interop/transport/relock`: it makes the locks again for the py-libp2p checkout that contains it."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from dev.command.command import Command, run_until_stopped
from dev.command.errors import CommandError, FailedError
from dev.lockenv.project import this_project
from dev.lockenv.resolve import lock_again
from dev.upstream.within.asked import read_pyproject, requirements_of_build


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    return COMMAND.main(arguments)


def _relock(options: Namespace) -> int:
    project = this_project()
    checkout = Path(project.root, project.library_folder or ".").resolve()
    build = [str(one) for one in requirements_of_build(read_pyproject(checkout))]
    upgrade = tuple(options.upgrade) if options.upgrade else options.upgrade is not None
    try:
        for path, changed in lock_again(project, upgrade, build):
            if changed:
                print(path.relative_to(checkout), flush=True)
    except CommandError as error:
        raise FailedError(str(error)) from error
    return 0


def _options(parser: ArgumentParser) -> None:
    which = "upgrade every pinned version, or only the versions of NAME (default: keep each version that still fits)"
    parser.add_argument("--upgrade", nargs="*", metavar="NAME", help=which)


COMMAND = Command(
    name="relock",
    prefix="interop/transport/",
    does="Lock the requirements of this checkout of py-libp2p again, and print the name of each lock that changed.",
    statuses={0: "the locks are written", 1: "the locks could not be compiled", 3: "an environment could not be made"},
    run=_relock,
    add=_options,
)

if __name__ == "__main__":
    run_until_stopped(lambda: main(sys.argv[1:]))
