"""The interface that each door in `registry` implements.

A door is one way into an environment: `venv`, `docker`, `devcontainer` or `nix`. envparity, which compares the
environments, knows only the command that opens a door: the door's line in `[tool.envparity.doors]` of pyproject.toml.
The class of the door makes everything that this command needs. To add a door, add a file with a class that implements
`Door`, a line in `registry`, a line in pyproject.toml, and a table `[doors.NAME]` in locks/toolchain.toml.
"""

import os
from abc import abstractmethod
from typing import Protocol

from dev.command.errors import CommandError
from dev.lockenv.project import Project


class Absent(CommandError):
    """This machine lacks something that a door needs. The message of the error names the missing thing."""


class Door(Protocol):
    """One door of this repository. It leads to the environment of a track: one version of libp2p on one Python."""

    def require(self, project: Project, track: str) -> None:  # noqa: ARG002 - every machine can make `venv`
        """Raise Absent if this machine cannot make the door for a track."""
        return

    @abstractmethod
    def make(self, project: Project, track: str) -> None:
        """Make the environment behind the door, for example build its image. Raises CommandError if a step fails."""

    @abstractmethod
    def outside(self, project: Project, track: str) -> str:
        """Return where the environment is: a folder, or a text such as `image:NAME` or `container:ID`.

        `envparity --no-run` gets this text, and starts no program of the environment. If the environment is missing, a
        door makes it or raises CommandError. Some doors return the text anyway, and then envparity reports the error.
        """

    def search_path(self, project: Project, path: str) -> str:  # noqa: ARG002 - most doors need no other folder
        """Return the value of PATH for this door's command: `path`, to which some doors add one folder of programs."""
        return path


def leave_door() -> None:
    """Remove the variables with which a door names its folder of environments, its Pythons and its uv.

    Afterwards, even a process that runs inside a door makes environments as if it ran outside of the door.
    """
    for name in ("LOCKENV_HOME", "LOCKENV_PYTHON", "LOCKENV_UV"):
        os.environ.pop(name, None)
