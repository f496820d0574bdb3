"""The library: the functions `snapshot`, `check` and `compare`, and their types.

The commands `envparity snapshot`, `envparity check` and `envparity compare` do the same work. The functions neither
print nor exit. If they cannot do their task, they raise EnvparityError. docs/guides/use-as-a-library.md says which
versions of envparity may change the names in `__all__`.

A track is one variant of the project, such as `v0.4`. A door is a way to reach an environment. A parameter `door` is
one of these:

- the name of a door in pyproject.toml
- the path of an environment's folder, of a Python or of a saved snapshot
- the path of an image's archive, of an OCI layout or of a root file system
- `image:NAME` or `container:NAME`
- `NAME=PATH` or `NAME=COMMAND`, where NAME is a name that you choose for the door
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from envparity.errors import EnvparityError
from envparity.fix.fix import Fix
from envparity.judge.baseline import BaselineFacts, read_baseline
from envparity.judge.findings import Finding
from envparity.judge.lock_lines import LockLine
from envparity.judge.report import DoorFacts, Report, Status
from envparity.judge.rules import Severity
from envparity.judge.session import Tracing, check_door, compare_doors
from envparity.project.chosen import chosen_door, with_lock
from envparity.project.config import Config, find_project
from envparity.project.locks.lock import Choice
from envparity.snapshot.doors import Look, find_door, open_door
from envparity.snapshot.outside import Outside
from envparity.snapshot.types import Snapshot

__all__ = [
    "BaselineFacts",
    "Choice",
    "DoorFacts",
    "EnvparityError",
    "Finding",
    "Fix",
    "LockLine",
    "Look",
    "Outside",
    "Report",
    "Severity",
    "Snapshot",
    "Status",
    "Tracing",
    "check",
    "compare",
    "snapshot",
]

Place = str | os.PathLike[str]
_USUAL = Look()


def snapshot(
    door: Place | None = None, *, project: Place | None = None, track: str | None = None, look: Look = _USUAL
) -> Snapshot:
    """Return the snapshot of one environment: everything that is installed in the environment.

    Without `door`, read the environment of the project's first door. If the project has no doors, read the active
    environment, or else the environment in the project's folder. `project` is the folder of the project; None is the
    current folder. `look` has the options for reading the environment.

    Raise EnvparityError if the door does not open, if the door has several environments, if the project does not have
    the track, or if `door` is None and envparity finds neither a door nor an environment.
    """
    config = find_project(project)
    track = config.check_track(track, "track")
    name, _ = chosen_door(config, _text(door, config))
    return open_door(find_door(name, config, track, look.outside), config, track, look)


def check(
    door: Place | None = None,
    *,
    project: Place | None = None,
    track: str | None = None,
    lock: Place | None = None,
    locked: bool = True,
    choice: Choice | None = None,
    look: Look = _USUAL,
    tracing: Tracing | None = None,
    baseline: Place | None = None,
) -> Report:
    """Judge one environment, compare it with its lock, and return the report.

    Without `door`, judge the environment that the function `snapshot` reads without `door`. `lock` is the file to
    compare with. If `lock` is None, compare with the lock that pyproject.toml names. If pyproject.toml names no lock
    and no door, and `door` is None, compare with the nearest lock, in the project's folder or above it. If `locked` is
    false, compare with no lock. `choice` names the groups and extras of the lock that the environment should have. With
    `tracing`, also compare the files with the wheels that the lock names. `baseline` is a JSON report of an earlier
    run. The errors in that earlier report are known: they stay in the new report, but they do not change the status.

    Raise EnvparityError if envparity cannot make the report: for example, if the door does not open, if the project
    does not have the track, if a file (the lock, the baseline or a wheel) cannot be read, or if the lock does not have
    a group or an extra of `choice`.
    """
    config = _settings(project, lock, choice, baseline)
    name, found = chosen_door(config, _text(door, config))
    config, chosen = with_lock(config, found, None if locked else "no lock")
    return check_door(config, name, track, look, locked=locked, tracing=tracing, chosen=chosen)


def compare(
    doors: Sequence[Place] = (),
    *,
    project: Place | None = None,
    track: str | None = None,
    lock: Place | None = None,
    locked: bool = True,
    choice: Choice | None = None,
    look: Look = _USUAL,
    tracing: Tracing | None = None,
    baseline: Place | None = None,
    without: Mapping[str, str] | None = None,
    strict: bool = False,
) -> Report:
    """Judge several environments, compare them with each other and with the lock, and return the report.

    Without `doors`, open every door of pyproject.toml whose program or files this machine has, except the doors in
    `without`, a dict from door to reason. The other parameters are those of `check`.

    Raise EnvparityError for the same reasons as `check`, and if two doors have the same name. There are two more
    reasons without `doors`: `without` has an unknown door, or fewer than two doors are open. With `strict`, every
    door of pyproject.toml must be open, too.
    """
    config = _settings(project, lock, choice, baseline)
    names = [text for door in doors if (text := _text(door, config)) is not None]
    return compare_doors(config, names, track, look, locked=locked, without=without, strict=strict, tracing=tracing)


def _settings(project: Place | None, lock: Place | None, choice: Choice | None, baseline: Place | None) -> Config:
    config = find_project(project)
    choice = choice or Choice()
    if choice.folder is None:  # in a workspace, the member with this folder is the project
        choice = replace(choice, folder=Path(project or Path.cwd()).resolve())
    config = replace(config, choice=choice)
    if baseline is not None:
        config = replace(config, baseline=read_baseline(Path(baseline), os.fspath(baseline)))
    # Like a path on the command line, this path is relative to the current folder, not to the project's folder.
    return config if lock is None else config.with_lock(Path(lock).absolute())


def _text(door: Place | None, config: Config) -> str | None:
    """Return a door as a text; None if `door` is None.

    A Path is always a path, and never the name of a door in pyproject.toml. If a door has the same name as the path,
    the text begins with `./`.
    """
    if door is None or isinstance(door, str):
        return door
    path = os.fspath(door)
    return f"./{path}" if path in config.doors else path
