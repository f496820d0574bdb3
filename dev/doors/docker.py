"""The door `docker`: the image of a track.

A door is one way into an environment, and a track is one pinned version of libp2p on one Python, such as v0.4.
"""

import os

from dev.command.errors import CommandError
from dev.doors.bases import find_base
from dev.doors.door import Absent, Door
from dev.doors.engine import Engine
from dev.doors.engines import find_engine
from dev.doors.image import build, make_plan, tag_of
from dev.lockenv.project import Project


def require_engine(*, compose: bool = False) -> Engine:
    """Return the container engine of this machine. Raises Absent if the machine has no usable engine.

    With `compose`, an engine is usable only if it can start the services of a compose file.
    """
    try:
        return find_engine(compose=compose)
    except CommandError as error:
        raise Absent(str(error)) from error


class DockerDoor(Door):
    """The door to the image `py-libp2p-ping-test:TRACK`."""

    def require(self, project: Project, track: str) -> None:  # noqa: ARG002 - the interface has these parameters
        """Raise Absent if this machine has no usable container engine."""
        require_engine()

    def make(self, project: Project, track: str) -> None:
        """Build the image from this checkout. Raises CommandError if the build fails.

        If nothing has changed, the engine's cache makes the build quick.
        """
        engine = find_engine()
        base, _ = find_base(engine, project, track=track)
        build(engine, project, make_plan(project, track, base))

    def outside(self, project: Project, track: str) -> str:  # noqa: ARG002 - the interface has this parameter
        """Return the name of the image as `image:NAME`; envparity asks the engine to export this image."""
        return f"image:{tag_of(track)}"

    def search_path(self, project: Project, path: str) -> str:
        """Return the value of PATH for this door. With Docker, or without an engine, it is `path`.

        The command of the door in pyproject.toml names `docker`, and Podman understands the same command. So with
        Podman this method writes a program `docker` that starts Podman, and returns `path` with the folder of this
        program at the start.
        """
        try:
            engine = find_engine()
        except CommandError:
            return path
        if not engine.is_podman:
            return path
        program = project.cache / "podman" / "docker"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f'#!/bin/sh\nexec "{engine.program}" "$@"\n', encoding="utf-8")
        program.chmod(0o755)
        return os.pathsep.join([str(program.parent), path])
