"""The folders in which the Nix door keeps its files, and a check that Nix may read the checkout.

The Nix door is the way into this project's environments through a shell of flake.nix.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError
from dev.lockenv.project import Project, read_project


@dataclass(frozen=True)
class NixFolders:
    """The folders of one checkout's Nix door.

    If the project is not a git checkout, Nix copies the project's whole folder into its store each time the door opens.
    In that case these folders are outside of the project's folder, so that Nix does not copy them.
    """

    host: Project
    """The project of the checkout. Its cache folder has the stand-in and the other programs that the door needs."""
    environments: Path
    """The folder of the environments, which is the value of LOCKENV_HOME inside the door."""
    prefix: Path
    """The folder of the stand-in: a Nix that this repository makes from Debian's packages."""


def nix_folders(root: Path) -> NixFolders:
    """Return the folders of the Nix door of the checkout at `root`."""
    if (root / ".git").exists():
        host, environments = read_project(root), root / ".nix-environments"
    else:
        caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
        environments = caches.absolute() / "py-libp2p-ping-test" / digest
        host = read_project(root, environments / "host")
    return NixFolders(host, environments, host.cache / "nix")


def check_owner(root: Path) -> None:
    """Raise CommandError if git, and therefore Nix, refuses to read the checkout because another user owns it."""
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return
    command = [git, "-C", str(root), "rev-parse", "--git-dir"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0 and "safe.directory" in done.stderr:
        raise CommandError(
            f"{root}: expected a checkout that you own, found another owner, so git and Nix refuse to read it; allow "
            f"it with: git config --global --add safe.directory {shlex.quote(str(root))}"
        )
