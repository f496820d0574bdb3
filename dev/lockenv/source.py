"""A libp2p that replaces the locked libp2p of an environment: a git commit or a local checkout.

Every other distribution of the environment stays as the lock pins it.
"""

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
    """A libp2p to install instead of the locked libp2p.

    The installer gets `requirement`, for example `libp2p @ git+URL@COMMIT`. `fingerprint` is a text that changes if the
    library changes.
    """

    requirement: str
    fingerprint: str


def read_source(value: str) -> Source:
    """Return the libp2p that `value`, the value of LIBP2P_SOURCE, names.

    `value` is `git+https://…@COMMIT` or the path of a checkout. Raises CommandError if a commit does not have all 40
    digits, or if the path holds no pyproject.toml.
    """
    if value.startswith("git+"):
        if not _COMMIT.match(value):
            raise CommandError(
                f"LIBP2P_SOURCE: expected git+https://HOST/REPOSITORY@COMMIT with all 40 digits of the commit, because"
                f" a branch or a tag can move, found {value!r}"
            )
        return Source(f"libp2p @ {value}", value)
    folder = Path(value).expanduser().resolve()
    if not (folder / "pyproject.toml").is_file():
        raise CommandError(
            f"LIBP2P_SOURCE: expected git+https://…@COMMIT or the path of a py-libp2p checkout, found {value!r}, which"
            " has no pyproject.toml"
        )
    return Source(f"libp2p @ {folder.as_uri()}", _fingerprint(folder))


def _fingerprint(folder: Path) -> str:
    """Return a digest of the path, size and time of every file in `folder`, so that an edit changes the digest.

    Hidden folders and the folders that a build leaves do not count.
    """
    digest = hashlib.sha256(str(folder).encode())
    for path, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _LEFT_BY_BUILDS.search(name))
        for name in sorted(files):
            facts = Path(path, name).lstat()
            digest.update(f"{path}/{name} {facts.st_size} {facts.st_mtime_ns}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()
