"""Opens doors, and returns the snapshots of the environments behind them.

Most doors are commands that start a Python, and this Python reads its program from standard input. The program that
envparity sends is the probe. It prints a snapshot: a JSON document with everything that is installed in one
environment. Other doors are saved snapshots, or files that envparity reads from outside. A track is one variant of the
project, such as `v0.4`.
"""

import os
import shlex
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from envparity import LARGEST_SNAPSHOT
from envparity.errors import EnvparityError
from envparity.probe.assembly import probe_text
from envparity.processes import Ended, NotEnded, Supervisor, Task
from envparity.project.commands import filled, words_of
from envparity.project.config import Config
from envparity.snapshot.ended import snapshot_in, why_not_ended
from envparity.snapshot.folders import nothing_at, python_of, refuse_archive, refuse_broken, refuse_lock, refuse_program
from envparity.snapshot.outside import (
    Outside,
    Reading,
    Source,
    child_command,
    find_source,
    is_source_there,
    readings_in,
    task_text,
)
from envparity.text import visible

if TYPE_CHECKING:  # not at run time: `envparity snapshot` starts faster without this module
    from envparity.snapshot.types import Snapshot

_AT_ONCE = 4  # the most doors that are opened at the same time
# How often envparity opens a door if the door prints only a part of its snapshot. The program `devcontainer` 0.89.0
# sometimes ends before it has written all of its output: once in twenty times on a busy machine.
_TRIES = 3
_INSIDE = Outside()
Found = TypeVar("Found")


@dataclass(frozen=True)
class Look:
    """How closely to look at an environment.

    `behaviour` also runs the project's own behaviour checks. `bytecode` also compiles every source again and compares
    the result with the installed bytecode. `timeout` is the time limit for a door and its snapshot, in seconds.
    `outside` says how to read the doors that start no program.
    """

    behaviour: bool = True
    bytecode: bool = False
    timeout: float = 900
    outside: Outside = _INSIDE


@dataclass(frozen=True)
class Door:
    """A way to reach an environment. Each door has one of the fields `command`, `saved` and `source`.

    `command` starts the environment's Python. `saved` is the file of a snapshot. `source` are files that envparity
    reads from outside, without starting a program of the environment.
    """

    name: str
    command: tuple[str, ...] = ()
    saved: Path | None = None
    source: Source | None = None


@dataclass(frozen=True)
class Opened:
    """An environment behind a door. A door that is read from outside may have several environments.

    `others` are the folders of environments in the same image that were not read. `sha256` is the SHA-256 of the
    snapshot's bytes, in hex, and `images` are the SHA-256 of the image's configuration and of its manifest.
    """

    name: str
    snapshot: "Snapshot"
    others: tuple[str, ...] = ()
    sha256: str | None = None
    images: tuple[str, ...] = ()


def find_door(text: str, config: Config, track: str | None, outside: Outside = _INSIDE) -> Door:
    """Return the door that `text` names: a door of pyproject.toml, or the path of a snapshot, environment or Python.

    `text` may also name an archive of an image, a root file system, an OCI layout, `image:NAME` or `container:NAME`.
    `NAME=PATH` and `NAME=COMMAND` are doors with a name that the user chooses. `track` replaces `{track}` in a command.
    Raise EnvparityError if `text` names no door, if the command contains `{track}` and `track` is None, or if the door
    would start a program although `outside.no_run` forbids that.
    """
    door = _find(text, config, track, outside)
    if outside.no_run and door.command:
        hint = "add it to [tool.envparity.outside]" if text in config.doors else "name a folder or an image"
        raise EnvparityError(
            f"door {door.name}: expected a place to read without starting a program (--no-run), found the command "
            f"{visible(shlex.join(door.command))[:200]}; {hint}"
        )
    return door


def _find(text: str, config: Config, track: str | None, outside: Outside) -> Door:
    name, equals, rest = text.partition("=")
    if text in config.doors:
        return _of_project(text, config, track, outside)
    found = _path(text, text, outside)
    if found is None and equals and name and "/" not in name and ":" not in name:
        found = _path(rest, name, outside) or Door(visible(name), words_of(rest, _what(name), track))
    if found is None:
        known = f" ({', '.join(config.doors)})" if config.doors else ""
        raise EnvparityError(
            f"door: expected a door of pyproject.toml{known}, a saved snapshot, the folder of an environment, a "
            "Python, an archive of an image, image:NAME, "
            f"or NAME=COMMAND, found {visible(text)[:200]!r}{nothing_at(text)}"
        )
    return found


def _of_project(name: str, config: Config, track: str | None, outside: Outside) -> Door:
    """Return a door of pyproject.toml: a command, or files to read from outside.

    The door has such files if its text in pyproject.toml begins with `image:`, `container:` or `root:`. With --no-run,
    it also has such files if its entry in [tool.envparity.outside], or else its text, names them. Raise EnvparityError
    if the entry names no files.
    """
    text = config.doors[name]
    source = None
    if outside.no_run:
        place = filled(config.outside.get(name, text), _what(name), track)
        source = find_source(place, config.root, outside)
        if source is None and name in config.outside:
            raise EnvparityError(
                f"door {visible(name)}: expected an environment, an image or an archive at {visible(place)[:200]!r}, "
                "found none"
            )
    elif text.startswith(("image:", "container:", "root:")):
        source = find_source(filled(text, _what(name), track), config.root, outside)
    if source is not None:
        return Door(visible(name), source=source)
    return Door(visible(name), words_of(text, _what(name), track))


def _path(text: str, name: str, outside: Outside) -> Door | None:
    if not text:
        return None  # Path("") would be the current folder
    if source := find_source(text, Path.cwd(), outside):
        return Door(visible(name), source=source)
    path = Path(text)
    with suppress(OSError, ValueError):  # not every text can be a path
        if path.is_dir():
            return Door(visible(name), (python_of(path, text),))
        if path.is_file():
            if os.access(path, os.X_OK) and path.suffix != ".json":
                refuse_program(path, text)
                return Door(visible(name), (os.path.abspath(path),))  # noqa: PTH100 - resolve() would follow the link
            refuse_lock(path, text)
            refuse_archive(path, text)
            return Door(visible(path.name.removesuffix(".json") if name == text else name), saved=path)
        refuse_broken(path, text)
    return None


def _what(name: str) -> str:
    return f"door {visible(name)}"


def probe_settings(config: Config, track: str | None, look: Look) -> dict[str, object]:
    """Return the settings of the probe: a dict of JSON values, such as the project's behaviour checks for `track`."""
    return {
        "behaviour": [[one.name, one.code] for one in config.behaviour if one.concerns(track)]
        if look.behaviour
        else [],
        "behaviour_timeout": min(300, look.timeout),
        "toolchain": config.probes,
        "bytecode": look.bytecode,
    }


def open_doors(doors: Sequence[Door], config: Config, track: str | None, look: Look) -> list[Opened]:
    """Open doors at the same time, and return their environments in the order of `doors`.

    Raise EnvparityError if a door fails.
    """
    from envparity.snapshot.types import decode_snapshot, read_bytes

    taken = iter(_look_around([door for door in doors if door.saved is None], config, track, look))
    opened: list[Opened] = []
    for door in doors:
        if door.saved is not None:
            data = read_bytes(door.saved)
            opened.append(Opened(door.name, decode_snapshot(data, str(door.saved)), (), sha256(data).hexdigest()))
            continue
        readings = next(taken)
        for one in readings:
            name = door.name if len(readings) == 1 else f"{door.name}:{visible(one.prefix)}"
            snapshot, digest = decode_snapshot(one.snapshot, f"door {name}"), sha256(one.snapshot).hexdigest()
            opened.append(Opened(name, snapshot, one.others, digest, one.images))
    return opened


def open_door(door: Door, config: Config, track: str | None, look: Look) -> "Snapshot":
    """Open a door and return its snapshot; raise EnvparityError if that fails, or if it has several environments."""
    return _only(open_doors([door], config, track, look), door, lambda one: one.name).snapshot


def snapshot_bytes(door: Door, config: Config, track: str | None, look: Look) -> bytes:
    """Return the snapshot as the bytes that the probe printed, or as the bytes of a saved snapshot's file.

    Raise EnvparityError if the door does not open, if it has several environments, or if the file is not a snapshot.
    """
    if door.saved is None:
        return _only(_look_around([door], config, track, look)[0], door, lambda one: one.prefix).snapshot
    from envparity.snapshot.types import decode_snapshot, read_bytes

    data = read_bytes(door.saved)
    decode_snapshot(data, str(door.saved))
    return data


def _only(found: Sequence[Found], door: Door, name: Callable[[Found], str]) -> Found:
    if len(found) != 1:
        listed = ", ".join(visible(name(one)) for one in found)
        raise EnvparityError(f"door {door.name}: expected one environment, found {listed}; choose with --prefix")
    return found[0]


def _look_around(
    doors: Sequence[Door], config: Config, track: str | None, look: Look, tries: int = _TRIES
) -> list[list[Reading]]:
    """Return the environments behind each door. None of the doors may be a saved snapshot.

    If one door fails, end the programs of all doors and raise the error of this door. If a door prints only a part of
    its snapshot, open it again, but at most `tries` times in total.
    """
    settings = probe_settings(config, track, look) | {"nonce": os.urandom(16).hex()} if doors else {}
    program = probe_text(settings).encode() if any(door.source is None for door in doors) else b""
    tasks = [_task(door, config, look, program, settings) for door in doors]
    found = Supervisor(attended=True, at_once=_AT_ONCE).run_all(
        tasks,
        lambda number, ended: _readings_in(ended, doors[number], tasks[number], settings, last=tries == 1),
    )
    if cut := [door for door, readings in zip(doors, found, strict=True) if not readings]:
        again = iter(_look_around(cut, config, track, look, tries - 1))
        found = [readings or next(again) for readings in found]
    return found


def _task(door: Door, config: Config, look: Look, program: bytes, settings: dict[str, object]) -> Task:
    if door.source is None:
        command = (*_program(door, config), "-I", "-S", "-")
        return Task(command, config.root, look.timeout, program, LARGEST_SNAPSHOT)
    feed = task_text(door.name, door.source, look.outside, settings)
    return Task(child_command(), config.root, look.timeout, feed, LARGEST_SNAPSHOT)


def _readings_in(
    ended: Ended | NotEnded, door: Door, task: Task, settings: dict[str, object], *, last: bool
) -> list[Reading]:
    """Return the environments behind a door; raise EnvparityError if the door failed.

    Return an empty list if the door printed only a part of its snapshot, and envparity will open it again (`last` is
    false).
    """
    if isinstance(ended, NotEnded):
        raise EnvparityError(f"door {door.name}: {visible(why_not_ended(ended, task))}") from ended
    if door.source is not None:
        return readings_in(ended, door.name)
    line = snapshot_in(ended, door.name, task, settings, last=last)
    return [Reading(line, "", ())] if line else []


def _program(door: Door, config: Config) -> tuple[str, ...]:
    """Return a door's command; raise EnvparityError if its program does not exist.

    If the program's name has a slash, look for this path in the project's folder first.
    """
    name = door.command[0]
    here = config.root / name
    if "/" in name and here.exists():
        return (str(here), *door.command[1:])
    if "/" in name:
        refuse_broken(here, name)
    if shutil.which(name) is None:
        raise EnvparityError(f"door {door.name}: expected the program {visible(name)}, found none on this machine")
    return door.command


def is_there(door: Door, config: Config) -> bool:
    """Return whether this machine has the program, file or folder of a door, or docker or podman for an image."""
    if door.saved is not None:
        return door.saved.exists()
    if door.source is not None:
        return is_source_there(door.source)
    word = door.command[0]
    return (config.root / word).exists() if "/" in word else shutil.which(word) is not None
