"""Build the peers: programs for the ping test, such as `peers/go`. Each peer has a script `peers/NAME/build`."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from dev.command.errors import CommandError, UsageError
from dev.command.progress import long_work
from dev.lockenv.project import Project


def build_peers(project: Project, names: Sequence[str]) -> int:
    """Build the peers `names`, or all peers if `names` is empty; return 0, or 3 if a build fails.

    After a build that fails, no other build starts. The build itself prints the reason. Before the first build, this
    function checks every name. Raises UsageError if a name is unknown, and CommandError if a peer has no executable
    build script.
    """
    folder = project.root / "peers"
    every = sorted(build.parent.name for build in folder.glob("*/build"))
    builds = [folder / name / "build" for name in names or every]
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name, re.ASCII) or not (folder / name).is_dir():
            raise UsageError(f"expected one of {' '.join(every)}, found {name}")
    for build in builds:
        if not build.is_file() or not os.access(build, os.X_OK):
            what = build.relative_to(project.root)
            raise CommandError(f"{what}: expected an executable file, found none; see docs/guides/add-a-peer.md")
    return 0 if all(map(_is_built, builds)) else 3


def _is_built(build: Path) -> bool:
    """Run the script `build`, and return whether it succeeded."""
    with long_work(f"peers: building {build.parent.name}"):
        return subprocess.run([build], check=False).returncode == 0
