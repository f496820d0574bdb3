"""Writes results to files. Each file is replaced as a whole, or not at all."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from threading import get_ident

from envparity.errors import EnvparityError
from envparity.text import visible


def write_whole(option: str, name: str, data: bytes) -> None:
    """Write `data` to the file `name` in one step, so that nobody can read half of it.

    `option` is the command-line option that names the file; the error message begins with this option. A device or a
    pipe is written to, never replaced. Raise EnvparityError if the file cannot be written.
    """
    path = Path(name)
    temporary = Path(f"{name}.part-{os.getpid()}-{get_ident()}")  # several threads may write the same file
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
