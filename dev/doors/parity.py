"""`scripts/parity`: make the doors, then let envparity compare what is behind them.

Exit status: envparity's own; 2 as well where a door that was named cannot be made.
"""

import os
from collections.abc import Sequence

from rich.console import Console

from dev.command.command import guard
from dev.doors.door import Absent, leave_door
from dev.doors.registry import DOORS
from dev.lockenv.project import Project, this_project
from envparity.cli.command import make_parser, parse
from envparity.cli.main import COMMANDS
from envparity.cli.main import main as envparity


def main(arguments: Sequence[str]) -> int:
    """Make the doors of a comparison and compare them; return the exit status.

    It stays in the caller's folder and keeps PYTHONPATH, because the caller's own doors may need both.
    """
    words = ["compare", *arguments]
    options = parse(make_parser(COMMANDS, {"compare": "scripts/parity"}), words)
    project = this_project()
    without: list[str] = []

    def make() -> int:
        leave_door()  # the door `venv` is the checkout's own, even where this process runs in another door
        for door in DOORS.values():
            os.environ["PATH"] = door.search_path(project, os.environ.get("PATH", os.defpath))
        os.environ.pop("LIBP2P_SOURCE", None)  # a door shows the track's own library
        track = options.track or project.default_track
        if track in project.tracks:
            without.extend(_make(project, track, options.doors))
        return 0

    return guard("parity", make, cannot=2) or envparity(["--project", str(project.root), *words, *without])


def _make(project: Project, track: str, named: Sequence[str]) -> list[str]:
    """Make every door, or the named ones; return the options that tell envparity which doors this machine lacks."""
    without: list[str] = []
    with Console(stderr=True).status("", spinner="line") as status:  # on a terminal only
        for name in named or DOORS:
            if name not in DOORS:
                continue
            status.update(f"making the door {name} ready")
            try:
                DOORS[name].require(project, track)
            except Absent as absent:
                if named:
                    raise
                without += ["--without", f"{name}={absent}"]
            else:
                DOORS[name].make(project, track)
    return without
