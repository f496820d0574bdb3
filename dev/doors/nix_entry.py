"""What the shells and apps of flake.nix do on entry: the track's environment, from the lock, first on PATH."""

import os
from pathlib import Path

from dev.command.errors import CommandError
from dev.doors.nix_places import find_places
from dev.lockenv.__main__ import track_python
from dev.lockenv.project import read_project


def enter(root: Path, track: str) -> dict[str, str]:
    """Make the environment where it is missing or no longer the lock's; the variables of a shell with it."""
    home = find_places(root).environments
    # The shell's builder sets CC and the apps do not: both build with the compiler that the interpreter names.
    os.environ.pop("CC", None)
    try:
        python = track_python(read_project(root, home), track)
    except OSError as error:
        raise CommandError(f"{home}: expected to make the environment of {track} there, found: {error}") from error
    return {
        "LOCKENV_HOME": str(home),
        "PATH": os.pathsep.join([str(python.parent), *filter(None, [os.environ.get("PATH")])]),
        "VIRTUAL_ENV": str(python.parent.parent),
    }
