"""Another libp2p in place of a track's: a git commit or a local checkout. Everything else stays as locked."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError

_COMMIT = re.compile(r"^git\+(https|ssh|file)://[^\s@]+(@[^\s@]+)?@[0-9a-f]{40}$")

_LEFT_BY_BUILDS = re.compile(r"^\.|^__pycache__$|^build$|\.egg-info$")


@dataclass(frozen=True)
class Source:
    """A libp2p to install in place of the locked one.

    The installer gets `requirement`; `fingerprint` changes whenever the library that it names does.
    """

    requirement: str
    fingerprint: str


def read_source(value: str) -> Source:
    """Read `LIBP2P_SOURCE`: `git+https://…@COMMIT` with the whole 40 digits, or the path of a checkout."""
    if value.startswith("git+"):
        if not _COMMIT.match(value):
            raise CommandError(
                f"LIBP2P_SOURCE: expected git+https://HOST/REPOSITORY@COMMIT with all 40 digits of the commit (a"
                f" branch is another library tomorrow), found {value!r}"
            )
        return Source(f"libp2p @ {value}", value)
    folder = Path(value).expanduser().resolve()
    if not (folder / "pyproject.toml").is_file():
        raise CommandError(
            f"LIBP2P_SOURCE: expected git+https://…@COMMIT or the path of a py-libp2p checkout, found {value!r},"
            " which holds no pyproject.toml"
        )
    return Source(f"libp2p @ {folder.as_uri()}", _fingerprint(folder))


def _fingerprint(folder: Path) -> str:
    """Return a digest of every file's path, size and time, without what a build leaves: an edit changes it."""
    digest = hashlib.sha256(str(folder).encode())
    for path, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _LEFT_BY_BUILDS.search(name))
        for name in sorted(files):
            facts = Path(path, name).lstat()
            digest.update(f"{path}/{name} {facts.st_size} {facts.st_mtime_ns}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()
