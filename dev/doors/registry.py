"""A dict from the name of each door in pyproject.toml to the object that makes the door.

A door is one way into an environment, for example an image.
"""

from collections.abc import Mapping

from dev.doors.devcontainer import DevcontainerDoor
from dev.doors.docker import DockerDoor
from dev.doors.door import Door
from dev.doors.nix import NixDoor
from dev.doors.venv import VenvDoor

DOORS: Mapping[str, Door] = {
    "venv": VenvDoor(),
    "docker": DockerDoor(),
    "devcontainer": DevcontainerDoor(),
    "nix": NixDoor(),
}
