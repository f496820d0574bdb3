"""Reads the pins of a lock for one environment into a dict, which a test can compare."""

from collections.abc import Mapping
from pathlib import Path

from envparity.project.locks import read_lock
from envparity.project.locks.lock import Choice


def pins_in(path: Path, environment: Mapping[str, str], choice: Choice | None = None) -> dict[str, str | None]:
    """Return a dict from the name of each pin to its version, or to its URL if it has no version.

    The value is `local` for a folder or a file of this machine, and None for a pin that allows any version.
    """
    found = read_lock(path, choice=choice).for_environment(environment)
    return {name: "local" if pin.local else pin.version or pin.url for name, pin in found.items()}
