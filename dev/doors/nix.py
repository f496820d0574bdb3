"""The door `nix`: a shell of flake.nix.

A door is one way into an environment. This door uses the Nix of this machine, or else a stand-in: a Nix that this
repository makes from Debian's packages.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError
from dev.doors.door import Absent, Door
from dev.doors.nix_folders import NixFolders, check_owner, nix_folders
from dev.doors.offline.nix import made_nix, make_nix
from dev.lockenv.command import run
from dev.lockenv.project import Project

OLDEST = (2, 18)
_HOW = "install Nix 2.18 or later, or on Debian 12: scripts/nix"
_ANSWER = 20.0  # seconds that Nix may take to print its version


class NixDoor(Door):
    """The door to the development shell of a track, that is, of one pinned version of libp2p on one Python."""

    def require(self, project: Project, track: str) -> None:  # noqa: ARG002 - the interface has this parameter
        """Raise Absent if this machine has no Nix that is new enough, or if Nix would refuse to read the checkout."""
        try:
            check_owner(project.root)
            find_nix(nix_folders(project.root))
        except CommandError as error:
            raise Absent(str(error)) from error

    def make(self, project: Project, track: str) -> None:  # noqa: ARG002 - the interface has this parameter
        """Update the Nix that `make_nix` made, if the door uses this Nix.

        An older commit of this repository may have made this Nix with other files. There is nothing else to make: Nix
        itself builds the shell when the door opens.
        """
        folders = nix_folders(project.root)
        if find_nix(folders).program == made_nix(folders.prefix):
            make_nix(folders.host, folders.prefix)

    def outside(self, project: Project, track: str) -> str:
        """Return the folder of the environment; if it is missing, open the door once, which makes the folder.

        Raises CommandError if the door does not open.
        """
        folder = nix_folders(project.root).environments / f".venv-{track}"
        if not folder.is_dir():
            shell = f".#{track.replace('.', '_').replace('-', '_')}"
            program = find_nix(nix_folders(project.root)).program
            run([program, "develop", shell, "--command", "true"], purpose="opening the door nix", cwd=project.root)
        return str(folder)

    def search_path(self, project: Project, path: str) -> str:
        """Return the value of PATH for this door: `path` with the folder of this door's Nix at its start.

        Return `path` unchanged if its first `nix` is this door's Nix already, or if this machine has no usable Nix.
        """
        try:
            program = find_nix(nix_folders(project.root)).program
        except CommandError:
            return path
        return path if shutil.which("nix", path=path) == str(program) else f"{program.parent}{os.pathsep}{path}"


@dataclass(frozen=True)
class Nix:
    """A program `nix` and its version."""

    program: Path
    version: str


def find_nix(folders: NixFolders) -> Nix:
    """Return the Nix on PATH if it is new enough, else the stand-in in `folders`.

    Raises CommandError if this machine has no Nix that is new enough. The error lists each Nix that was found.
    """
    seen: list[str] = []
    on_path = shutil.which("nix")
    for program in (*([Path(on_path)] if on_path else []), made_nix(folders.prefix)):
        if not program.exists():
            continue
        version = _version(program)
        if tuple(map(int, re.findall(r"\d+", version)[:2])) >= OLDEST:
            return Nix(program, version)
        seen.append(f"{program} of version {version}" if version else f"{program}, which prints no version")
    raise CommandError(f"nix: expected Nix 2.18 or later on PATH, found {'; '.join(seen) or 'none'}; {_HOW}")


def _version(program: Path) -> str:
    """Return `2.26.3` if `nix --version` prints `nix (Nix) 2.26.3`; an empty text if it fails or prints no version."""
    try:
        done = subprocess.run(
            [program, "--version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=_ANSWER, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\) (\d+\.\d+\S*)", done.stdout.decode("utf-8", "replace"))
    return found[1] if found and done.returncode == 0 else ""


def ensure_nix(folders: NixFolders) -> Nix:
    """Return the Nix on PATH; if it is missing or too old, make or update the stand-in and return the stand-in.

    To make the stand-in, this machine needs apt-get. Raises CommandError if this machine has neither a Nix that is new
    enough nor apt-get, or if a step fails.
    """
    made = made_nix(folders.prefix)
    try:
        found = find_nix(folders)
    except CommandError:
        if not shutil.which("apt-get"):
            raise
    else:
        if found.program.resolve() != made.resolve():
            return found
    make_nix(folders.host, folders.prefix)
    return find_nix(folders)
