"""Every door that this repository makes, by the name that pyproject.toml gives it."""

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
