"""Chooses the environment and the lock of a check if the user does not name them.

A door is a way to reach an environment.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from envparity.project.config import Config

if TYPE_CHECKING:  # not at run time: a command with a door needs no search
    from envparity.project.discovery import Found


def chosen_door(config: Config, door: str | None) -> "tuple[str, Found | None]":
    """Return `door`, else the project's first door, else the environment of the project.

    For the environment of the project, the second value says why it was chosen. Raise EnvparityError if the project has
    no environment.
    """
    if door:
        return door, None
    if config.doors:
        return next(iter(config.doors)), None
    from envparity.project.discovery import find_environment

    found = find_environment(config.root, os.environ, Path(sys.prefix))
    return found.shown(Path.cwd()), found


def with_lock(config: Config, found: "Found | None", no_lock: str | None) -> tuple[Config, str | None]:
    """Return the settings with the lock of an environment, and a text that explains both choices.

    `found` is the second value of `chosen_door`; if it is None, the settings stay unchanged and the text is None.
    `no_lock` is the reason to compare with no lock, or None. Raise EnvparityError for the same reasons as
    `with_nearest_lock`.
    """
    if found is None:
        return config, None
    config, lock = with_nearest_lock(config) if no_lock is None else (config, no_lock)
    return config, f"{found.describe(Path.cwd())}, compared with {lock}"


def with_nearest_lock(config: Config) -> tuple[Config, str]:
    """Return the settings with the nearest lock if no setting names a lock, and a text that names the lock.

    Raise EnvparityError if several locks are equally near, or if a lock cannot be read.
    """
    from envparity.project.discovery import LOCKS, find_lock

    if config.locks is not None:
        return config, config.locks
    lock = find_lock(config.root)
    if lock is None:
        return config, f"no lock, because none of {', '.join(LOCKS)} is in the project and pins every version"
    return config.with_lock(lock.path), lock.describe(Path.cwd())
