"""The interface that each door in `registry` implements.

envparity knows only the command that opens a door: the door's line in `[tool.envparity.doors]` of pyproject.toml. The
class of the door knows what has to exist before that command works, and makes it. To add a door, add a file with a
class that implements `Door`, a line in `registry`, a line in pyproject.toml, and a table `[doors.NAME]` in
locks/toolchain.toml.
"""

import os
from abc import abstractmethod
from typing import Protocol

from dev.command.errors import CommandError
from dev.lockenv.project import Project


class Absent(CommandError):
    """This machine lacks something that a door needs. The error's line says how to get it."""


class Door(Protocol):
    """One door of this repository."""

    def require(self, project: Project, track: str) -> None:  # noqa: ARG002 - every machine can make `venv`
        """Raise Absent if this machine cannot make the door for a track."""
        return

    @abstractmethod
    def make(self, project: Project, track: str) -> None:
        """Make the environment behind the door, for example build its image; CommandError if that fails."""

    def search_path(self, project: Project, path: str) -> str:  # noqa: ARG002 - most doors need no other folder
        """Return `path` and any folder with programs of this project that the door's command starts."""
        return path


def leave_door() -> None:
    """Remove the variables of the door that this process runs in, so that it can make environments of the machine."""
    for name in ("LOCKENV_HOME", "LOCKENV_PYTHON", "LOCKENV_UV"):
        os.environ.pop(name, None)
