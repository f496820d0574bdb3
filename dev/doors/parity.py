"""The command `scripts/parity`: it makes the doors, and then runs envparity to compare the environments behind them.

A door is one way into an environment: `venv`, `docker`, `devcontainer` or `nix`. The exit status is envparity's own. It
is also 2 if this machine cannot make a door that the command line names, or if making a door fails.
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
    """Make the doors of a comparison and compare the environments behind them; return the exit status.

    This command stays in the caller's folder and keeps PYTHONPATH, because the command line can name other doors, whose
    commands may need both.
    """
    words = ["compare", *arguments]
    options = parse(make_parser(COMMANDS, {"compare": "scripts/parity"}), words)
    project = this_project()
    further: list[str] = []

    def make() -> int:
        leave_door()  # the door `venv` is the checkout's environment, even if this process runs in another door
        for door in DOORS.values():
            os.environ["PATH"] = door.search_path(project, os.environ.get("PATH", os.defpath))
        os.environ.pop("LIBP2P_SOURCE", None)  # compare the track's own libp2p, not a replacement
        track = options.track or project.default_track
        if track in project.tracks:
            further.extend(_make(project, track, options.doors, outside=options.no_run))
        return 0

    return guard("parity", make, cannot=2) or envparity(["--project", str(project.root), *words, *further])


def _make(project: Project, track: str, named: Sequence[str], *, outside: bool) -> list[str]:
    """Make the doors `named`, or every door if `named` is empty; return options for envparity.

    This function ignores each name that is not in DOORS. If `named` is empty, the options name the doors that this
    machine cannot make, so that envparity skips these doors. With `outside`, the options also give the text of
    `Door.outside` for each door, so that envparity can read the environment without starting a program. Raises Absent
    if this machine cannot make one of `named`, and CommandError if making a door fails.
    """
    further: list[str] = []
    with Console(stderr=True).status("", spinner="line") as status:  # prints on a terminal only
        for name in named or DOORS:
            if name not in DOORS:
                continue
            status.update(f"making the door {name} ready")
            try:
                DOORS[name].require(project, track)
            except Absent as absent:
                if named:
                    raise
                further += ["--without", f"{name}={absent}"]
            else:
                DOORS[name].make(project, track)
                if outside:
                    further += ["--outside", f"{name}={DOORS[name].outside(project, track)}"]
    return further
