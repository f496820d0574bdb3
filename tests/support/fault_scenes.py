"""The wheels and the intact environments for the tests that break an environment, for example with `pip install`."""

from pathlib import Path

from dev.evidence.faults.scene import Installer, Scene
from dev.evidence.faults.wheels import write_every_wheel


def every_wheel(folder: Path) -> Path:
    """Write every wheel that a fault or its fix installs into `folder`, and return the folder."""
    write_every_wheel(folder)
    return folder


def sound_scenes(folder: Path, wheels: Path) -> dict[Installer, Scene]:
    """Return an intact environment of each installer, below `folder`. Tests share these, so no test may change one."""
    return {"pip": Scene(folder / "pip", "pip", wheels), "uv": Scene(folder / "uv", "uv", wheels)}
