"""Records the output of commands on a terminal, for the pictures of a first ping, a collision and the four doors.

A door is a way to reach an environment. In a collision, two distributions overwrite each other's files.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import msgspec

from dev.command.errors import CommandError
from dev.evidence.onterminal import on_terminal
from dev.lockenv.project import Project

_COLUMNS = 600  # so wide that each line of a command stays one line; a picture cuts the end of a long line
_HOME = "/home/you"
_NOT_KEPT = ("LIBP2P_SOURCE", "NO_COLOR", "PYTHON", "VIRTUAL_ENV")


@dataclass(frozen=True)
class Printed:
    """A command, and the lines that it printed, with the escape codes of their colours."""

    command: str
    lines: tuple[str, ...]


Recordings = dict[str, tuple[Printed, ...]]
"""Maps the name of each picture to the commands that it shows."""


def record_terminal(project: Project, folder: Path, tell: Callable[[str], None]) -> Recordings:
    """Run the commands of every picture, and return their output. `folder` is an empty folder for the commands' files.

    `tell` receives a line about each command. Raises CommandError if a command ends with another status than 0 or 1, or
    if the wheel of envparity, which a command installs, cannot be built.
    """
    tools = project.environment("tools") / "bin"
    wheel = _wheel_of_envparity(project, folder)
    swap = {"uvx envparity": f"uvx --from {wheel} envparity"}
    ping, doors = "scripts/ping", "scripts/parity --no-run"
    return {
        "first-ping": (run_recorded(ping, project.root, tools, tell),),
        "collision": tuple(
            run_recorded(command, folder if at == 0 else folder / "shop", tools, tell, swap, home=folder)
            for at, command in enumerate(collision(project))
        ),
        "four-doors": (run_recorded(doors, project.root, tools, tell),),
    }


def collision(project: Project) -> list[str]:
    """Return the commands of the collision that the README of envparity shows, in their order."""
    text = (project.root / "envparity" / "README.md").read_text(encoding="utf-8")
    return re.findall(r"(?m)^\$ (.+)$", text)


def read_terminal(path: Path) -> Recordings:
    """Return the recordings in a file. Raises CommandError if the file is missing or has another format."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Recordings)
    except (OSError, msgspec.MsgspecError) as error:
        raise CommandError(
            f"expected {path.name} as scripts/docs writes it, found: {error}; "
            "record it again with: scripts/docs --record terminal"
        ) from error


def run_recorded(
    command: str,
    cwd: Path,
    tools: Path,
    tell: Callable[[str], None],
    swap: Mapping[str, str] | None = None,
    home: Path | None = None,
) -> Printed:
    """Run a command on a terminal; return the command and its output. The folder `tools` is the first folder of PATH.

    No virtual environment is active. `swap` maps parts of the shown command to the parts that really run. In the
    printed lines, `/home/you` replaces the path `home`. Raises CommandError if the command ends with another status
    than 0 or 1.
    """
    tell(command)
    real = command
    for shown, used in (swap or {}).items():
        real = real.replace(shown, used)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_KEPT)}
    environ = kept | {"TERM": "xterm-256color", "COLUMNS": str(_COLUMNS), "PATH": f"{tools}{os.pathsep}{kept['PATH']}"}
    # A command shows its progress only if its standard error is a terminal, so its standard error is a file here.
    with TemporaryFile("w+", encoding="utf-8") as said:
        status, text = on_terminal(
            ["bash", "-c", real], cwd=cwd, environ=environ, stdin=subprocess.DEVNULL, stderr=said
        )
        said.seek(0)
        text = said.read() + text
    if status not in (0, 1):
        raise CommandError(f"{command}: expected status 0 or 1, found {status}: {text.strip().splitlines()[-1:]}")
    text = text.replace(str(home), _HOME) if home is not None else text
    return Printed(command, tuple(line.rstrip() for line in text.splitlines()))


def _wheel_of_envparity(project: Project, folder: Path) -> Path:
    into = folder / "dist"
    build = ("-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index", "-w", into, project.root)
    done = subprocess.run([sys.executable, *build], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CommandError(f"envparity: expected pip to build the wheel, found: {done.stderr.strip()[-300:]}")
    return next(into.glob("*.whl"))
