"""Reads lock files: `lock` has the types, each other module reads one format, and FORMATS lists the formats."""

from pathlib import Path

from envparity.errors import EnvparityError
from envparity.project.locks import requirements
from envparity.project.locks.advice import lock_advice
from envparity.project.locks.lock import Lock, LockFormat

FORMATS: tuple[LockFormat, ...] = (requirements.FORMAT,)
"""`read_lock` uses the first format that accepts the path of a file; the last format accepts every path."""


def read_lock(path: Path, further: tuple[str, ...] = ()) -> Lock:
    """Return the lock in a file; raise EnvparityError if the file cannot be read or is not a lock.

    `further` are requirements with URLs, which this function adds to the pins. The lock leaves them out, and the
    installer installs them together with the lock.
    """
    form = next(one for one in FORMATS if one.reads(path))
    origin = str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else f"a file that is no text ({error})"
        raise EnvparityError(f"{path}: expected a lock ({form.looks}), found: {said}{lock_advice(origin)}") from error
    return Lock(origin, (*form.pins(text, origin), *(requirements.read_pin(one, origin) for one in further)))
