"""Opens doors. A door is a command that starts a Python, and this Python reads its program from standard input.

envparity knows nothing else about a door. The program that envparity sends is the probe, which prints a snapshot: a
JSON document with everything that is installed in one environment. A track is a set of the project's requirements with
its own lock, such as `v0.4`.
"""

import os
import shlex
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from envparity import LARGEST_SNAPSHOT
from envparity.errors import EnvparityError
from envparity.probe.assembly import probe_text
from envparity.processes import Ended, NotEnded, NotStarted, Supervisor, Task, TooMuch
from envparity.project.config import Config
from envparity.snapshot.folders import gone_home, nothing_at, python_of, refuse_broken
from envparity.text import visible

if TYPE_CHECKING:  # not at run time: `envparity snapshot` starts faster without this module
    from envparity.snapshot.types import Snapshot

_AT_ONCE = 4  # the most doors that are opened at the same time
# How often a door is opened that prints only a part of its snapshot. The program `devcontainer` 0.89.0 sometimes ends
# before it has written all of its output: once in twenty times on a busy machine.
_TRIES = 3
_START = b'{"schema":"envparity-snapshot-'


@dataclass(frozen=True)
class Look:
    """How closely to look at an environment.

    `behaviour` also runs the project's own behaviour checks. `bytecode` also compiles every source again and compares
    the result with the installed bytecode. `timeout` is the time limit for a door and its snapshot, in seconds.
    """

    behaviour: bool = True
    bytecode: bool = False
    timeout: float = 900


@dataclass(frozen=True)
class Door:
    """A way to look at one environment: `command` starts its Python, or `saved` is the file of a snapshot."""

    name: str
    command: tuple[str, ...] = ()
    saved: Path | None = None


def find_door(text: str, config: Config, track: str | None) -> Door:
    """Return the door that `text` names: a door of pyproject.toml, a saved snapshot, an environment or a Python.

    `NAME=PATH` and `NAME=COMMAND` are doors with a name that the user chooses. `track` replaces `{track}` in a command.
    Raise EnvparityError if `text` names no door, or if the command contains `{track}` and `track` is None.
    """
    name, equals, rest = text.partition("=")
    if text in config.doors:
        return Door(visible(text), _command(config.doors[text], text, track))
    found = _path(text, text)
    if found is None and equals and name and "/" not in name:
        found = _path(rest, name) or Door(visible(name), _command(rest, name, track))
    if found is None:
        known = f" ({', '.join(config.doors)})" if config.doors else ""
        raise EnvparityError(
            f"door: expected a door of pyproject.toml{known}, a saved snapshot, the folder of an environment, a "
            f"Python, or NAME=COMMAND, found {visible(text)[:200]!r}{nothing_at(text)}"
        )
    return found


def _path(text: str, name: str) -> Door | None:
    if not text:
        return None  # Path("") would be the current folder
    path = Path(text)
    with suppress(OSError, ValueError):  # not every text can be a path
        if path.is_dir():
            return Door(visible(name), (python_of(path, text),))
        if path.is_file():
            if os.access(path, os.X_OK) and path.suffix != ".json":
                return Door(visible(name), (os.path.abspath(path),))  # noqa: PTH100 - as above
            return Door(visible(path.name.removesuffix(".json") if name == text else name), saved=path)
        refuse_broken(path, text)
    return None


def _command(text: str, name: str, track: str | None) -> tuple[str, ...]:
    if track is None and ("{track}" in text or "{track_}" in text):
        raise EnvparityError(
            f"door {visible(name)}: expected --track TRACK, because {visible(text)!r} contains {{track}}, found none"
        )
    track_ = (track or "").replace(".", "_").replace("-", "_")
    filled = text.replace("{track}", track or "").replace("{track_}", track_)
    try:
        words = tuple(shlex.split(filled))
    except ValueError as error:
        raise EnvparityError(f"door {visible(name)}: expected a command, found {visible(text)!r}: {error}") from error
    if not words or not words[0]:
        raise EnvparityError(f"door {visible(name)}: expected a command, found an empty one")
    return words


def probe_settings(config: Config, track: str | None, look: Look) -> dict[str, object]:
    """Return the probe's settings, a dict of JSON values: what to look at behind each door, and how closely."""
    return {
        "behaviour": [[one.name, one.code] for one in config.behaviour if one.concerns(track)]
        if look.behaviour
        else [],
        "behaviour_timeout": min(300, look.timeout),
        "toolchain": config.probes,
        "bytecode": look.bytecode,
    }


def open_doors(doors: Sequence[Door], config: Config, track: str | None, look: Look) -> "list[Snapshot]":
    """Open doors at the same time and return their snapshots in order; raise EnvparityError if a door fails."""
    from envparity.snapshot.types import decode_snapshot, read_snapshot

    taken = iter(_look_around([door for door in doors if door.saved is None], config, track, look))
    return [
        read_snapshot(door.saved) if door.saved is not None else decode_snapshot(next(taken), f"door {door.name}")
        for door in doors
    ]


def open_door(door: Door, config: Config, track: str | None, look: Look) -> "Snapshot":
    """Open a door and return its snapshot; raise EnvparityError if that fails."""
    return open_doors([door], config, track, look)[0]


def snapshot_bytes(door: Door, config: Config, track: str | None, look: Look) -> bytes:
    """Return the snapshot as the bytes that the probe printed, or as the bytes of a saved snapshot's file.

    Raise EnvparityError if the door does not open, or if the file is not a snapshot.
    """
    if door.saved is None:
        return _look_around([door], config, track, look)[0]
    from envparity.snapshot.types import decode_snapshot, read_bytes

    data = read_bytes(door.saved)
    decode_snapshot(data, str(door.saved))
    return data


def _look_around(
    doors: Sequence[Door], config: Config, track: str | None, look: Look, tries: int = _TRIES
) -> list[bytes]:
    """Return the line that each door's probe prints; if one door fails, end all of them and raise its error.

    A door that prints only a part of the line is opened again, `tries` times in all.
    """
    commands = [(*_program(door, config), "-I", "-") for door in doors]
    program = probe_text(probe_settings(config, track, look)).encode() if doors else b""
    tasks = [Task(command, config.root, look.timeout, program, LARGEST_SNAPSHOT) for command in commands]
    lines = Supervisor(attended=True, at_once=_AT_ONCE).run_all(
        tasks, lambda number, ended: _snapshot_in(ended, doors[number], tasks[number], last=tries == 1)
    )
    if cut := [door for door, line in zip(doors, lines, strict=True) if not line]:
        again = iter(_look_around(cut, config, track, look, tries - 1))
        lines = [line or next(again) for line in lines]
    return lines


def _program(door: Door, config: Config) -> tuple[str, ...]:
    """Return a door's command. If its program has a slash, look for this path in the project's folder first."""
    name = door.command[0]
    here = config.root / name
    if "/" in name and here.exists():
        return (str(here), *door.command[1:])
    if "/" in name:
        refuse_broken(here, name)
    if shutil.which(name) is None:
        raise EnvparityError(f"door {door.name}: expected the program {visible(name)}, found none on this machine")
    return door.command


def _snapshot_in(ended: Ended | NotEnded, door: Door, task: Task, *, last: bool) -> bytes:
    """Return the line with the snapshot from all lines that a door printed, or nothing if the door may try again.

    Raise EnvparityError if the door printed no whole snapshot on its last try, or if its exit status is not 0.
    """
    if isinstance(ended, NotEnded):
        raise EnvparityError(f"door {door.name}: {visible(_not_ended(ended, task))}") from ended
    # JSON escapes the quotation marks inside a text, so these bytes can only be the start of a snapshot.
    start = ended.output.rfind(_START)
    line, newline, _ = ended.output[max(start, 0) :].partition(b"\n")
    line = line.rstrip(b"\r")  # a terminal adds the carriage return, for example that of `docker run -t`
    cut = start >= 0 and not (newline and line.endswith(b"}"))
    if ended.status == 0 and cut and not last:
        return b""
    if ended.status != 0 or start < 0 or cut:
        home = gone_home(task.command[0]) if ended.status != 0 else ""
        raise EnvparityError(
            f"door {door.name}: {visible(shlex.join(task.command))} {_why(ended, cut=start >= 0)}{home}"
        )
    return line + b"\n"


def _not_ended(failure: NotEnded, task: Task) -> str:
    if isinstance(failure, NotStarted):
        return f"expected to run {task.command[0]}, found: {failure}"
    if isinstance(failure, TooMuch):
        return f"expected a snapshot of at most {task.most} bytes, found more"
    return f"expected a snapshot in {task.timeout:g} s, found none; allow more time with --timeout"


def _why(ended: Ended, *, cut: bool) -> str:
    lines = [line.strip() for line in ended.complaints.decode("utf-8", "replace").splitlines() if line.strip()]
    said = f": {visible(lines[-1])[:500]}" if lines else ""
    if ended.status != 0:
        return f"ended with exit status {ended.status}{said}"
    if cut:
        return f"printed an incomplete snapshot{said}"
    return (
        f"printed no snapshot{said or ', expected a Python of 3.8 or later that reads its program from standard input'}"
    )


def is_there(door: Door, config: Config) -> bool:
    """Return whether this machine has the program that opens a door, or the file of a saved snapshot."""
    if door.saved is not None:
        return door.saved.exists()
    word = door.command[0]
    return (config.root / word).exists() if "/" in word else shutil.which(word) is not None
