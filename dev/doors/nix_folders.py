"""The folders in which the Nix door keeps what it makes."""

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

    Nix copies a folder that is no git checkout into its store as a whole, each time it is entered. For such a folder
    they are outside of it.
    """

    host: Project
    """The project with its caches where this machine's own programs may write them."""
    environments: Path
    """What LOCKENV_HOME is within the door."""
    prefix: Path
    """Where a Nix of Debian's packages is made."""


def nix_folders(root: Path) -> NixFolders:
    """Return the folders of the checkout at `root`."""
    if (root / ".git").exists():
        host, environments = read_project(root), root / ".nix-environments"
    else:
        caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
        environments = caches.absolute() / "py-libp2p-ping-test" / digest
        host = read_project(root, environments / "host")
    return NixFolders(host, environments, host.cache / "nix")


def check_owner(root: Path) -> None:
    """Raise CommandError where git, and so Nix, refuses to read the checkout because another user owns it."""
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return
    command = [git, "-C", str(root), "rev-parse", "--git-dir"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0 and "safe.directory" in done.stderr:
        raise CommandError(
            f"{root}: expected a checkout of your own, found somebody else's, which git and Nix do not read; allow it "
            f"with: git config --global --add safe.directory {shlex.quote(str(root))}"
        )
