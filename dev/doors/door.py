"""A door that this repository makes: the interface that each door in `registry` implements.

envparity knows a door only by the command that opens it, its line in `[tool.envparity.doors]` of pyproject.toml. What
has to be made before the command works is known here. To add a door, add a file with such a class, its line in
`registry`, its line in pyproject.toml, and its table `[doors.NAME]` in locks/toolchain.toml.
"""

import os
from abc import abstractmethod
from typing import Protocol

from dev.command.errors import CommandError
from dev.lockenv.project import Project


class Absent(CommandError):
    """This machine lacks what a door needs; the line says how to get it."""


class Door(Protocol):
    """One door of this repository."""

    def require(self, project: Project, track: str) -> None:  # noqa: ARG002 - `venv` lacks nothing
        """Raise Absent where this machine cannot make the door for a track."""
        return

    @abstractmethod
    def make(self, project: Project, track: str) -> None:
        """Make the environment behind the door, build or start what holds it; CommandError where that fails."""

    def search_path(self, project: Project, path: str) -> str:  # noqa: ARG002 - most doors need PATH alone
        """Return PATH with the programs, installed by this project, that the door's command starts."""
        return path


def leave_door() -> None:
    """Forget the variables of the door that this process runs in: what it makes next is the machine's own."""
    for name in ("LOCKENV_HOME", "LOCKENV_PYTHON", "LOCKENV_UV"):
        os.environ.pop(name, None)
