"""Reads files of a limited size, and writes results to files. Each file is replaced as a whole, or not at all."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from threading import get_ident

from envparity.errors import EnvparityError
from envparity.text import visible

_LARGEST = 1 << 28  # bytes


def read_whole(path: Path, what: str, advice: str = "", *, name: str | None = None, most: int = _LARGEST) -> bytes:
    """Return the bytes of a file, which may have at most `most` bytes.

    Raise EnvparityError if the file cannot be read or is too large. The message names the file by `name`, or else by
    its path, and says that `what` was expected. If the file cannot be read, the message ends with `advice`.
    """
    name = visible(str(path)) if name is None else name
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise EnvparityError(f"{name}: expected {what}, found: {said}{advice}") from error
    if len(data) > most:
        raise EnvparityError(f"{name}: expected {what} of at most {most} bytes, found more")
    return data


def write_whole(option: str, name: str, data: bytes) -> None:
    """Write `data` to the file `name` in one step, so that no program can read an incomplete file.

    `option` is the command-line option that names the file; the error message begins with this option. If `name` is a
    device or a pipe, write to it and do not replace it. Raise EnvparityError if the file cannot be written.
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
