"""Facts about a checkout that a container needs: the name of its compose project, and its git folder in a worktree."""

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


def project_name(root: Path, taken: Iterable[str] = ()) -> str:
    """Return the name of the compose project of a checkout's devcontainers.

    Editors give the project the same name, so that an editor and a terminal share a container. Compose accepts only
    small ASCII letters, digits, `-` and `_`, so this function removes all other characters from the folder's name. If
    no such letter or digit is then at the start, as for `проект`, the name contains a hash of the folder's path
    instead. The name also contains this hash if `taken`, the names of other checkouts, contains the first name.
    """
    name = re.sub(r"[^-_a-z0-9]", "", root.name.lower()) + "_devcontainer"
    if re.match(r"[a-z0-9]", name) and name not in set(taken):
        return name
    digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:8]
    return f"ping-test-{digest}_devcontainer"


@dataclass(frozen=True)
class GitFolder:
    """The git folder of a worktree. On the machine it is the folder `source`, and in a container the path `target`."""

    source: Path
    target: PurePosixPath


def git_folder(root: Path, mounted: str = "/workspace") -> GitFolder | None:
    """Return the git folder of the worktree or submodule at `root`; None if `.git` is a folder or is missing.

    A container mounts the checkout at `mounted`. There the file `.git` must lead to the same folder as on the machine.
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
