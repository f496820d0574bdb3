"""Keeps answers that never change, each in a small file: resolutions as of an instant, and the contents of wheels."""

import hashlib
import re
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TypeVar

import msgspec

from envparity.errors import EnvparityError
from envparity.files import write_whole
from envparity.history.contents import Contents
from envparity.history.instant import stamp
from envparity.history.resolver import Question, Resolution
from envparity.text import visible

_VERSION = "3"  # the version of the format; files in another format are in other folders
_LARGEST = 64 << 20  # bytes; a larger file is not read
_SHA256 = re.compile(r"[0-9a-f]{64}")
Kept = TypeVar("Kept")


class Resolutions:
    """The kept resolutions of one question: the same requirements, Python and platform, as of different instants.

    Several threads and several processes may use the same folder at once.
    """

    def __init__(self, cache: Path, question: Question, resolver: str) -> None:
        """Read the kept answers. `resolver` is uv's name and version, because another uv may answer differently."""
        asked = msgspec.json.encode([_VERSION, question.requirements, question.series, question.platform, resolver])
        self._folder = cache / "resolutions" / hashlib.sha256(asked).hexdigest()[:24]
        self._lock = Lock()
        found = (_read(path, Resolution) for path in _files(self._folder))
        self._known = [one for one in found if one is not None and _is_zoned(one)]

    def find(self, instant: datetime) -> Resolution | None:
        """Return a kept resolution that is valid as of `instant`, or None.

        A resolution as of a later instant is valid too if it did not fail, if it is `settled`, and if it chose only
        releases that are older than `instant`.
        """
        with self._lock:
            for one in self._known:
                if one.asked == instant or (
                    one.failure is None and one.settled and one.newest is not None and one.newest < instant < one.asked
                ):
                    return one
        return None

    def latest(self) -> Resolution | None:
        """Return the resolution as of the latest instant; None if no resolution is kept."""
        with self._lock:
            return max(self._known, key=lambda one: one.asked, default=None)

    def keep(self, resolution: Resolution) -> None:
        """Save a resolution if its field `lasting` is true; raise EnvparityError if the file cannot be written."""
        if not resolution.lasting:
            return
        with self._lock:
            self._known.append(resolution)
        _write(self._folder / f"{stamp(resolution.asked).replace(':', '')}.json", resolution)


class Archive:
    """The kept contents of artefacts (wheels and sdists), by the sha256 of the artefact in hex."""

    def __init__(self, cache: Path) -> None:
        self._folder = cache / "artefacts" / _VERSION

    def find(self, hashes: tuple[str, ...]) -> Contents | None:
        """Return the contents of the first artefact in `hashes` whose contents are kept, or None."""
        for one in hashes:
            if _SHA256.fullmatch(one) and (found := _read(self._folder / f"{one}.json", Contents)) is not None:
                return found
        return None

    def keep(self, sha256: str, contents: Contents) -> None:
        """Keep the contents of an artefact; raise EnvparityError if the file cannot be written."""
        _write(self._folder / f"{sha256}.json", contents)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(folder.glob("*.json"))
    except OSError:  # the folder cannot be read
        return []


def _is_zoned(one: Resolution) -> bool:
    return all(at.tzinfo is not None for at in (one.asked, *(each.uploaded for each in one.selected if each.uploaded)))


def _read(path: Path, kind: type[Kept]) -> Kept | None:
    """Return the value in a file; None if the file is missing or too large, or holds no value of the type `kind`."""
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _write(path: Path, value: Resolution | Contents) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvparityError(
            f"--cache: expected to make the folder {visible(str(path.parent))}, found: {error.strerror}"
        ) from error
    write_whole("--cache", str(path), msgspec.json.encode(value, order="sorted") + b"\n")
