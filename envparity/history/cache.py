"""Answers that do not change, one small file each: what was resolved as of when, and what an artefact holds."""

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

_VERSION = "2"  # a folder's; what is kept by another version is not read
_LARGEST = 64 << 20  # bytes of a file that is worth reading
_SHA256 = re.compile(r"[0-9a-f]{64}")
Kept = TypeVar("Kept")


class Resolutions:
    """The resolutions of one question. May be used from several threads, and by several processes at once."""

    def __init__(self, cache: Path, question: Question, resolver: str) -> None:
        """`resolver` is uv's name and version: another may answer otherwise."""
        asked = msgspec.json.encode([_VERSION, question.requirements, question.series, question.platform, resolver])
        self._folder = cache / "resolutions" / hashlib.sha256(asked).hexdigest()[:24]
        self._lock = Lock()
        found = (_read(path, Resolution) for path in _files(self._folder))
        self._known = [one for one in found if one is not None and _is_zoned(one)]

    def find(self, instant: datetime) -> Resolution | None:
        """One that was asked for as of this instant, or as of a later one since when nothing that was chosen came."""
        with self._lock:
            for one in self._known:
                if one.asked == instant or (
                    one.failure is None and one.settled and one.newest is not None and one.newest < instant < one.asked
                ):
                    return one
        return None

    def latest(self) -> Resolution | None:
        """The one as of the latest instant."""
        with self._lock:
            return max(self._known, key=lambda one: one.asked, default=None)

    def keep(self, resolution: Resolution) -> None:
        """Keep one that will be the same when it is asked for again."""
        if not resolution.lasting:
            return
        with self._lock:
            self._known.append(resolution)
        _write(self._folder / f"{stamp(resolution.asked).replace(':', '')}.json", resolution)


class Archive:
    """What artefacts hold, by the sha256 of the artefact."""

    def __init__(self, cache: Path) -> None:
        self._folder = cache / "artefacts" / _VERSION

    def find(self, hashes: tuple[str, ...]) -> Contents | None:
        """What the first of these artefacts that was read holds."""
        for one in hashes:
            if _SHA256.fullmatch(one) and (found := _read(self._folder / f"{one}.json", Contents)) is not None:
                return found
        return None

    def keep(self, sha256: str, contents: Contents) -> None:
        """Keep what an artefact holds."""
        _write(self._folder / f"{sha256}.json", contents)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(folder.glob("*.json"))
    except OSError:  # a folder that cannot be: nothing is kept there, and keeping says why
        return []


def _is_zoned(one: Resolution) -> bool:
    return all(at.tzinfo is not None for at in (one.asked, *(each.uploaded for each in one.selected if each.uploaded)))


def _read(path: Path, kind: type[Kept]) -> Kept | None:
    """What a file holds, None where there is none or it is not of this kind: then it is made again."""
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
            f"--cache: expected to make {visible(str(path.parent))}, found: {error.strerror}"
        ) from error
    write_whole("--cache", str(path), msgspec.json.encode(value, order="sorted") + b"\n")
