"""`python -m nixhost`: what scripts/nix and the shells of flake.nix call.

Exit status: 0 done; 1 the environment could not be made; 2 the command line is wrong; 3 there is no Nix, nor could one
be made; else that of the Nix that was run.
"""

import argparse
import os
import shlex
import sys
from collections.abc import Sequence

from dev.command.errors import CommandError
from dev.command.legacy import run_command
from dev.doors.nix import ensure_nix, find_nix
from dev.doors.nix_entry import enter
from dev.doors.nix_places import check_owner, find_places
from dev.lockenv.project import this_project

STATUSES = (
    "Exit status: 0 done; 2 the command line is wrong; 3 there is no Nix, nor could one be made; 130, 143 stopped; "
    "else Nix's own."
)


def main(arguments: Sequence[str]) -> int:
    """Run one command; errors become one line on standard error."""
    if arguments[:1] == ["enter"] and len(arguments) == 2:
        return _enter(arguments[1])
    if arguments[:1] != ["nix"]:
        print(f"nixhost: expected nix or enter TRACK, found {shlex.join(arguments)}", file=sys.stderr)
        return 2
    return _nix(arguments[1:])


def _enter(track: str) -> int:
    try:
        for name, value in enter(this_project().root, track).items():
            print(f"export {name}={shlex.quote(value)}")
    except CommandError as error:
        print(f"nix: {error}", file=sys.stderr)
        return 1
    return 0


def _nix(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        "scripts/nix",
        allow_abbrev=False,
        epilog=STATUSES,
        usage="scripts/nix [-h] [--check] | scripts/nix ARGUMENT...",
        description="The Nix on PATH, or on Debian one of its packages, made in .cache/nix; with arguments, it is run.",
    )
    parser.add_argument("--check", action="store_true", help="change nothing: only say whether there is one")
    own = not arguments or list(arguments) in (["--help"], ["-h"], ["--check"])
    options = parser.parse_args(arguments if own else [])
    root = this_project().root
    places = find_places(root)
    try:
        check_owner(root)
        nix = find_nix(places) if options.check else ensure_nix(places)
    except CommandError as error:
        print(f"scripts/nix: {error}", file=sys.stderr)
        return 3
    except OSError as error:
        print(f"scripts/nix: expected to write and run what it needs, found: {error}", file=sys.stderr)
        return 3
    if not own:
        os.execv(nix.program, [str(nix.program), *arguments])  # noqa: S606 - Nix takes this process's place
    print(nix.version, nix.program)
    return 0


if __name__ == "__main__":
    run_command(main)
