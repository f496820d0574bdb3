"""The door `venv`: the environment of a track in the checkout, made with this machine's own Python."""

from dev.doors.door import Door
from dev.lockenv.environments import EnvironmentMaker, was_made
from dev.lockenv.project import Project


class VenvDoor(Door):
    """The folder `.venv-TRACK`."""

    def make(self, project: Project, track: str) -> None:
        """Make the environment if it is missing. An existing one stays, because a new one would hide its faults."""
        if not was_made(project, track):
            EnvironmentMaker(project).track(track)
