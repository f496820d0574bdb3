"""A door that this repository makes: the interface that each of `venv`, `docker`, `devcontainer` and `nix` implements.

envparity knows a door only by the command that opens it, its line in `[tool.envparity.doors]` of pyproject.toml. What
has to be made before the command works is known here. To add a door, add a file with a class of this shape, its line
in `registry` and its line in pyproject.toml, and its table `[doors.NAME]` in locks/toolchain.toml.
"""

import os
from typing import Protocol

from dev.command.errors import CommandError
from dev.lockenv.project import Project


class Absent(CommandError):
    """This machine lacks what a door needs; the line says how to get it."""


class Door(Protocol):
    """One door of this repository."""

    def require(self, project: Project, track: str) -> None:
        """Raise Absent where this machine cannot make the door for a track."""

    def make(self, project: Project, track: str) -> None:
        """Make the environment behind the door, build or start what holds it; CommandError where that fails."""

    def search_path(self, project: Project, path: str) -> str:
        """Return PATH with the programs, installed by this project, that the door's command starts."""


class PlainDoor:
    """What most doors have in common: the machine has everything, and PATH is enough."""

    def require(self, project: Project, track: str) -> None:
        """Find nothing that is missing."""

    def search_path(self, project: Project, path: str) -> str:  # noqa: ARG002 - of the interface
        """Return PATH as it is."""
        return path


def leave_door() -> None:
    """Forget the variables of the door that this process runs in: what it makes next is the machine's own."""
    for name in ("LOCKENV_HOME", "LOCKENV_PYTHON", "LOCKENV_UV"):
        os.environ.pop(name, None)
