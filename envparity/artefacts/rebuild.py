"""Runs the project's own command that builds wheels again for a door.

A lock may say that a distribution is built from source. Then the lock has no hash of a wheel. A command in
`[tool.envparity.rebuild]` builds the wheel again, with the tools that made the environment behind the door.
"""

import os
import shlex
from pathlib import Path

from envparity.errors import EnvparityError
from envparity.processes import NotEnded, NotStarted, Supervisor, Task
from envparity.project.commands import words_of
from envparity.project.config import Config
from envparity.text import visible


def rebuild(config: Config, door: str, track: str | None, cache: Path, timeout: float) -> Path | None:
    """Run the command of a door, and return the folder with the wheels; None if the project has no command for it.

    The folder is in `cache`, and stays there, so that the command can find wheels from an earlier run. The command may
    take `timeout` seconds. Raise EnvparityError if the command fails.
    """
    text = config.rebuild.get(door)
    if text is None:
        return None
    folder = cache / "built" / (track or "all") / door
    what = f"[tool.envparity.rebuild] {visible(door)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvparityError(f"{what}: expected to make {visible(str(folder))}, found: {error.strerror}") from error
    # In a container, the project's folder may have another path than here.
    command = words_of(text, what, track, {"folder": os.path.relpath(folder, config.root)})
    said = f"{what}: {visible(shlex.join(command))[:200]}"
    try:
        ended = Supervisor(attended=True).run(Task(command, config.root, timeout))
    except NotStarted as error:
        raise EnvparityError(f"{said}: expected to run {visible(command[0])}, found: {error}") from error
    except NotEnded as error:
        raise EnvparityError(
            f"{said}: expected wheels in {timeout:g} s, found none; allow more time with --timeout"
        ) from error
    if ended.status != 0:
        lines = [line.strip() for line in ended.complaints.decode("utf-8", "replace").splitlines() if line.strip()]
        raise EnvparityError(
            f"{said} ended with exit status {ended.status}" + (f": {visible(lines[-1])[:500]}" if lines else "")
        )
    return folder
