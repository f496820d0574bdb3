"""A git checkout of py-libp2p: its folder, its pyproject.toml, and the state of its files in git."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev.command.errors import CommandError, FailedError, UsageError
from dev.upstream.within.asked import read_pyproject


@dataclass(frozen=True)
class Checkout:
    """A git checkout of py-libp2p. `root` is an absolute path, and `pyproject` is the content of its pyproject.toml."""

    root: Path
    pyproject: Mapping[str, Any]

    def refuse_uncommitted(self, names: Sequence[str]) -> None:
        """Raise FailedError if one of these paths must not be overwritten.

        Such a path is a link, a folder, a path below a link or a file, or a file that git could not restore. Git cannot
        restore an overwritten file that it does not track, or whose changes are not committed. `names` are paths
        relative to the checkout.
        """
        strange = [name for name in names if _is_strange(self.root, name)]
        if strange:
            raise FailedError(f"{self.root}: expected files or nothing, found links or folders: {_listed(strange)}")
        present = [name for name in names if (self.root / name).exists()]
        said = _git(self.root, "status", "--porcelain", "-z", "--ignored", "--untracked-files=all", "--", *present)
        kept = [entry[3:] for entry in said.split("\0") if entry] if present else []
        if kept:
            raise FailedError(
                f"{self.root}: expected to overwrite only files that are committed, found others: {_listed(kept)}; "
                "commit them, or remove them with: git stash push --all -- interop/transport"
            )

    def ignored(self, names: Sequence[str]) -> list[str]:
        """Return the paths in `names` that git ignores and that nobody has added to git yet."""
        command = ["git", "-C", str(self.root), "check-ignore", "-z", "--stdin"]
        done = subprocess.run(
            command, input="\0".join(names), env=_environment(), capture_output=True, text=True, check=False
        )
        return [name for name in done.stdout.split("\0") if name]


def read_checkout(root: Path) -> Checkout:
    """Return the checkout of py-libp2p at `root`.

    Raises UsageError if `root` is not the root of such a checkout, and CommandError if git is missing.
    """
    if not root.is_dir():
        raise UsageError(f"INTO: expected a checkout of py-libp2p, found no folder {root}")
    root = root.resolve()
    try:
        pyproject = read_pyproject(root)
    except CommandError as error:
        raise UsageError(f"INTO: expected a checkout of py-libp2p, found {root}: {error}") from error
    name = pyproject["project"].get("name")
    if name != "libp2p":
        raise UsageError(f"INTO: expected a checkout of py-libp2p, found {root}, whose project is {name!r}")
    if not (root / "libp2p" / "__init__.py").is_file():
        raise UsageError(f"INTO: expected a checkout of py-libp2p, found {root}, which lacks libp2p/__init__.py")
    expected = "INTO: expected the root of a git checkout of py-libp2p"
    try:
        top = Path(_git(root, "rev-parse", "--show-toplevel").rstrip("\n"))
    except FailedError as error:  # git also refuses a checkout of another user, and says how to trust it
        raise UsageError(f"{expected}, found: {error}") from error
    if top.resolve() != root:
        raise UsageError(f"{expected}, found {root}, which is below the checkout {top}; clone py-libp2p with git")
    return Checkout(root, pyproject)


def _is_strange(root: Path, name: str) -> bool:
    path = root / name
    folders = [one for one in path.parents if one.is_relative_to(root) and one != root]
    return path.is_symlink() or path.is_dir() or any(one.is_symlink() or one.is_file() for one in folders)


def _git(root: Path, *words: str) -> str:
    """Return the output of git. Raises CommandError if git is missing, and FailedError if git fails."""
    command = ["git", "-C", str(root), *words]
    try:
        done = subprocess.run(
            command, env=_environment(), capture_output=True, text=True, errors="replace", check=False
        )
    except OSError as error:
        raise CommandError(f"git: expected to run it in {root}, found: {error}; install git") from error
    if done.returncode != 0:
        said = " ".join(done.stderr.split())
        raise FailedError(f"git {words[0]}: expected an answer about {root}, found: {said}")
    return done.stdout


def _environment() -> dict[str, str]:
    # git sets variables such as GIT_DIR for a hook. With these variables, git would look at another checkout.
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more
