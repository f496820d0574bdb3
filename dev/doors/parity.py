"""`scripts/parity`: make the doors ready, then let envparity compare what is behind them.

Exit status: envparity's own; 2 as well where a door that was named cannot be made ready.
"""

import os
import sys
from argparse import Namespace
from collections.abc import Sequence

from rich.console import Console

from dev.command.errors import CommandError
from dev.command.legacy import run_command
from dev.doors.ready import MAKES, Absent, programs
from dev.lockenv.project import Project, this_project
from envparity.cli.command import make_parser, parse
from envparity.cli.main import COMMANDS
from envparity.cli.main import main as envparity


def main(arguments: Sequence[str]) -> int:
    """Make the doors of a comparison ready, and compare; what keeps a door shut becomes one line."""
    words = ["compare", *arguments]
    options = parse(make_parser(COMMANDS, {"compare": "scripts/parity"}), words)
    try:
        # The door `venv` is the checkout's own and the host's, within whichever door this very process runs.
        for name in ("LOCKENV_HOME", "LOCKENV_PYTHON", "LOCKENV_UV"):
            os.environ.pop(name, None)
        project = this_project()
        os.environ["PATH"] = programs(project)
        os.environ.pop("LIBP2P_SOURCE", None)  # a door shows the track's own library
        track = options.track or project.default_track
        words += _make(project, track, options) if track in project.tracks else []
    except (Absent, CommandError, OSError) as error:
        print(f"scripts/parity: {error}", file=sys.stderr)
        return 2
    return envparity(["--project", str(project.root), *words])


def _make(project: Project, track: str, options: Namespace) -> list[str]:
    """What envparity is told of the doors that this machine lacks; where they are named, that is an error."""
    without: list[str] = []
    with Console(stderr=True).status("", spinner="line") as status:  # on a terminal only
        for name in options.doors or MAKES:
            if name not in MAKES:
                continue
            status.update(f"making the door {name} ready")
            try:
                MAKES[name](project, track)
            except Absent as absent:
                if options.doors:
                    raise
                without += ["--without", f"{name}={absent}"]
    return without


if __name__ == "__main__":
    run_command(main)
