"""Facts about a checkout that a container needs: the name of its compose project, and the git folder of a worktree."""

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


def project_name(root: Path, taken: Iterable[str] = ()) -> str:
    """Return the name of the compose project of a checkout's devcontainers, for example `checkout_devcontainer`.

    Editors choose the same name. So an editor and a terminal share a container. Compose accepts only lowercase ASCII
    letters, digits, `-` and `_`. So this function changes capital letters of the folder's name to small letters, and
    removes all characters that Compose does not accept. If the result does not begin with a letter or a digit, the name
    is `ping-test-HASH_devcontainer`, with a hash of the folder's path. Example: nothing is left of the folder's name
    `проект`. The name also has the hash if another compose project already has the name without the hash; `taken` lists
    the names of the other projects.
    """
    name = re.sub(r"[^-_a-z0-9]", "", root.name.lower()) + "_devcontainer"
    if re.match(r"[a-z0-9]", name) and name not in set(taken):
        return name
    digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:8]
    return f"ping-test-{digest}_devcontainer"


@dataclass(frozen=True)
class GitFolder:
    """The git folder of a repository: `source` is its path on the machine, and `target` its path in a container."""

    source: Path
    target: PurePosixPath


def git_folder(root: Path, mounted: str = "/workspace") -> GitFolder | None:
    """Return the git folder that the worktree or submodule at `root` needs; None if `.git` is a folder or is missing.

    For a worktree, this is the git folder of the repository that the worktree belongs to. A container mounts the
    checkout at `mounted`. In the container, git follows the path in the file `.git` and looks for the folder at
    `target`.
    """
    try:
        text = (root / ".git").read_text(encoding="utf-8")
    except OSError:  # .git is a folder, or is missing
        return None
    named = text.removeprefix("gitdir:").strip()
    own = Path(os.path.normpath(root / named))
    try:
        common = (own / "commondir").read_text(encoding="utf-8").strip()
    except OSError:  # a submodule has no common folder
        common = "."
    target = os.path.normpath(PurePosixPath(mounted, named, common))
    return GitFolder(Path(os.path.normpath(own / common)), PurePosixPath(target))
