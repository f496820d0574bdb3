"""The door `venv`: the environment of a track in the checkout, on this machine's own Python."""

from dev.doors.door import Door
from dev.lockenv.environments import EnvironmentMaker, was_made
from dev.lockenv.project import Project


class VenvDoor(Door):
    """The folder `.venv-TRACK`."""

    def make(self, project: Project, track: str) -> None:
        """Make the environment where it is missing; making it again would hide what is wrong with it."""
        if not was_made(project, track):
            EnvironmentMaker(project).track(track)
