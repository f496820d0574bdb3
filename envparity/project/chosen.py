"""Chooses the environment and the lock for a command such as `envparity check` if the user does not name them.

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
    """Return `door`, else the name of the project's first door, else the path of the project's environment.

    If the result is the environment, the second value says why envparity chose it. If the result is a door, the second
    value is None. Raise EnvparityError if the project has neither a door nor an environment.
    """
    if door:
        return door, None
    if config.doors:
        return next(iter(config.doors)), None
    from envparity.project.discovery import find_environment

    found = find_environment(config.root, os.environ, Path(sys.prefix))
    return found.shown(Path.cwd()), found


def with_lock(config: Config, found: "Found | None", no_lock: str | None) -> tuple[Config, str | None]:
    """Return the settings with the lock of an environment, and a text about the chosen environment and lock.

    `found` is the second value of `chosen_door`. If `found` is None, the settings stay unchanged and the text is None.
    If `no_lock` is a text, it says why the command uses no lock, and the settings stay unchanged. Raise EnvparityError
    for the same reasons as `with_nearest_lock`.
    """
    if found is None:
        return config, None
    config, lock = with_nearest_lock(config) if no_lock is None else (config, no_lock)
    return config, f"{found.describe(Path.cwd())}, compared with {lock}"


def with_nearest_lock(config: Config) -> tuple[Config, str]:
    """Return the settings with the nearest lock, and a text that names this lock or says why there is no lock.

    If the settings name a lock already, they stay unchanged. Raise EnvparityError for the same reasons as `find_lock`.
    """
    from envparity.project.discovery import LOCKS, find_lock

    if config.locks is not None:
        return config, config.locks
    lock = find_lock(config.root)
    if lock is None:
        return config, f"no lock, because none of {', '.join(LOCKS)} is in the project and pins every version"
    return config.with_lock(lock.path), lock.describe(Path.cwd())
