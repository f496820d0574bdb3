"""The door `venv`: the environment of a track in the checkout, made with this machine's own Python.

A door is one way into an environment, and a track is one pinned version of libp2p on one Python, such as v0.4.
"""

from dev.doors.door import Door
from dev.lockenv.environments import EnvironmentMaker, was_made
from dev.lockenv.project import Project


class VenvDoor(Door):
    """The door to the virtual environment in the folder `.venv-TRACK`."""

    def make(self, project: Project, track: str) -> None:
        """Make the environment if it is missing. Raises CommandError if the environment cannot be made.

        An existing environment stays unchanged, because a new environment would hide the faults of the old one.
        """
        if not was_made(project, track):
            EnvironmentMaker(project).track(track)

    def outside(self, project: Project, track: str) -> str:
        """Return the folder of the environment."""
        return str(project.root / f".venv-{track}")
