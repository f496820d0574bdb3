"""The command `scripts/nix`: it runs the Nix of this machine, or a Nix that it makes from Debian's packages."""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from dev.command.command import Command, enter_checkout, guard
from dev.doors.door import leave_door
from dev.doors.nix import Nix, ensure_nix, find_nix
from dev.doors.nix_folders import check_owner, nix_folders
from dev.lockenv.project import this_project


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status.

    This command itself handles an empty command line, and `--help`, `-h` or `--check` as the only argument. In every
    other case, Nix gets the arguments and replaces this process.
    """
    if not arguments or list(arguments) in (["--help"], ["-h"], ["--check"]):
        return COMMAND.main(arguments)
    enter_checkout()
    return guard(COMMAND.name, lambda: _become(arguments))


def _become(arguments: Sequence[str]) -> int:
    nix = _nix(check=False)
    os.execv(nix.program, [str(nix.program), *arguments])  # noqa: S606 - Nix replaces this process


def _print(options: Namespace) -> int:
    nix = _nix(check=options.check)
    print(nix.version, nix.program)
    return 0


def _nix(*, check: bool) -> Nix:
    leave_door()
    root = this_project().root
    folders = nix_folders(root)
    check_owner(root)
    return find_nix(folders) if check else ensure_nix(folders)


def _options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="change nothing; only report whether this machine has a Nix"
    )


COMMAND = Command(
    name="nix",
    does="Find a Nix 2.18 or later on PATH, or else make one in .cache/nix from Debian's packages (on Debian 12). "
    "Without arguments the command prints the version and the path of this Nix. With arguments it runs this Nix.",
    statuses={0: "done", 3: "this machine has no Nix 2.18 or later, and the command could not make one"},
    run=_print,
    add=_options,
    more="With arguments, the exit status is that of Nix.",
    usage="scripts/nix [-h] [--check] | scripts/nix ARGUMENT...",
)
