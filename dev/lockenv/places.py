"""Check that lockenv can write to the folder of the environments and caches. The error suggests another folder."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dev.command.errors import CommandError
from dev.lockenv.project import Project

_FULL = 20_000_000
"""A disk with less free space than this number of bytes counts as full, and as the cause of a failed installation."""
_ELSEWHERE = "keep the environments in another folder: export LOCKENV_HOME=$HOME/.cache/py-libp2p-ping-test"


@contextmanager
def writes_to(project: Project) -> Iterator[None]:
    """Raise CommandError if the folder of the environments cannot be used.

    If the block fails and a disk is full, raise a CommandError about this disk.

    Python makes no environment in a folder whose path has a colon, because PATH separates folders with colons. This
    user may also have no right to write there, and the disk may be read-only or full.
    """
    home = project.home
    if os.pathsep in str(home):
        raise CommandError(
            f"{home}: expected a path without {os.pathsep!r} for the environments, because PATH separates folders with "
            f"{os.pathsep!r}; {_ELSEWHERE}"
        )
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        raise CommandError(
            f"{home}: expected to write the environments there, found: {error.strerror}; {_ELSEWHERE}"
        ) from error
    try:
        yield
    except (CommandError, OSError) as error:
        if full := full_disks(home):
            raise CommandError(
                f"{', '.join(full)}: expected free space on the disk of this folder, found "
                f"{min(full.values()) // 1_000_000} MB; free about 1000 MB, or use another disk (TMPDIR names the "
                f"folder of temporary files, UV_CACHE_DIR the folder of downloads), or {_ELSEWHERE}"
            ) from error
        raise


def full_disks(home: Path, environ: Mapping[str, str] = os.environ) -> dict[str, int]:
    """Return the folders that are on a full disk, as a dict from folder to free space in bytes.

    The function looks at each folder that an installation writes to: `home`, the folder of temporary files, and the
    cache of uv.
    """
    caches = Path(environ.get("XDG_CACHE_HOME") or Path(environ.get("HOME") or "/", ".cache"))
    places = (home, Path(tempfile.gettempdir()), Path(environ.get("UV_CACHE_DIR") or caches / "uv"))
    found: dict[str, int] = {}
    for place in places:
        there = next((one for one in (place, *place.parents) if one.exists()), None)
        if there is not None and (free := shutil.disk_usage(there).free) < _FULL:
            found.setdefault(str(place), free)
    return found
