"""The program that the shells and apps of flake.nix start first: it makes the environment of a track.

A track is one pinned version of libp2p on one Python, such as v0.4. The shell script `within/nix-enter` runs this
module as `python -m dev.doors.nix_entry TRACK`. The module prints shell commands that put the environment first on
PATH, and `nix-enter` runs these commands in its shell.
"""

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from dev.command.command import run_until_stopped
from dev.command.errors import CommandError
from dev.doors.nix_folders import nix_folders
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import read_project, this_project


def main(arguments: Sequence[str]) -> int:
    """Print shell commands that set the variables for a track, and return 0; `arguments` holds the track's name.

    If the environment of the track cannot be made, print one line on standard error and return 1.
    """
    (track,) = arguments
    try:
        for name, value in enter(this_project().root, track).items():
            print(f"export {name}={shlex.quote(value)}")
    except CommandError as error:
        print(f"nix: {error}", file=sys.stderr)
        return 1
    return 0


def enter(root: Path, track: str) -> dict[str, str]:
    """Make the environment of `track` if it is missing or does not match the lock.

    Return the variables to set in the shell that uses the environment. Raises CommandError if the environment cannot be
    made.
    """
    home = nix_folders(root).environments
    maker = EnvironmentMaker(read_project(root, home))
    try:
        python = maker.track(track, maker.source)
    except OSError as error:
        raise CommandError(f"{home}: expected to make the environment of {track} there, found: {error}") from error
    return {
        "LOCKENV_HOME": str(home),
        "PATH": os.pathsep.join([str(python.parent), *filter(None, [os.environ.get("PATH")])]),
        "VIRTUAL_ENV": str(python.parent.parent),
    }


if __name__ == "__main__":
    run_until_stopped(lambda: main(sys.argv[1:]))
