"""Find the files of this checkout, without those that .gitignore names.

This module reads .gitignore itself and never starts git. So it finds the same files in a clone, in a worktree, in an
unpacked archive without git, and in a checkout that another user owns, which git refuses to read.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from pathspec import GitIgnoreSpec

from dev.command.errors import CommandError


def list_sources(root: Path, *patterns: str) -> list[str]:
    """Return the files below `root` that .gitignore does not name, as sorted paths relative to `root`.

    With `patterns`, in the form of .gitignore, return only the files that match one of them: `*.yml` matches in every
    folder, and `/dev/**/*.py` only below the folder `dev`. The files of another checkout inside of `root` do not count.
    Raises CommandError if `root` has no .gitignore.
    """
    path = root / ".gitignore"
    try:
        ignored = GitIgnoreSpec.from_lines(path.read_text(encoding="utf-8").splitlines())
    except OSError as error:
        raise CommandError(
            f"{path}: expected the list of the files that do not belong to the checkout, found: {error.strerror}; "
            "unpack or clone the sources again"
        ) from error
    wanted = GitIgnoreSpec.from_lines(patterns or ["*"])
    return sorted(name for name in _walk(root, ignored) if wanted.match_file(name))


def _walk(root: Path, ignored: GitIgnoreSpec) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        here = Path(folder).relative_to(root)
        folders[:] = [
            name
            for name in folders
            if name != ".git"
            and not Path(folder, name).is_symlink()
            and not ignored.match_file((here / name).as_posix() + "/")
            and not Path(folder, name, ".git").exists()
        ]
        for name in files:
            file = (here / name).as_posix()
            if name != ".git" and not ignored.match_file(file) and Path(folder, name).is_file():
                yield file
