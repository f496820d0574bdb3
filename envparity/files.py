"""Writes results to files: each file is replaced as a whole, or not at all."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from threading import get_ident

from envparity.errors import EnvparityError
from envparity.text import visible


def write_whole(option: str, name: str, data: bytes) -> None:
    """Write the file that an option names, in one step.

    A device or a pipe is written to, never replaced. Raise EnvparityError, which names `option`, if the file cannot be
    written.
    """
    path = Path(name)
    temporary = Path(f"{name}.part-{os.getpid()}-{get_ident()}")  # several threads may write one file
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            path.write_bytes(data)
            return
        try:
            temporary.write_bytes(data)
            temporary.replace(path.resolve())  # replace the file that a link leads to
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise EnvparityError(f"{option}: expected to write {visible(name)}, found: {said}") from error
