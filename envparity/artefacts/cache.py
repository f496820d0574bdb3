"""Keeps each `Wheel` in a small file, so that envparity does not fetch or read the same wheel again.

The name of the file is the hash of the wheel. A fetched wheel is not kept if the lock has no hash for its pin.
"""

import hashlib
import re
import time
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import msgspec

from envparity.artefacts.artefact import Wheel
from envparity.errors import EnvparityError
from envparity.files import write_whole
from envparity.text import visible

_VERSION = "1"  # the version of the format, and the name of the folder with the files in this format
_LARGEST = 256 << 20  # bytes; a larger file is not read
_HASH = re.compile(r"[a-z0-9]+:[0-9a-f]{32,128}")
_ABSENT = 24 * 3600.0  # seconds for which the cache uses the answer that a wheel is missing in the index


class WheelCache:
    """The contents of wheels, by their hashes, such as `sha256:HEX`; several processes may use the same folder at once.

    The cache also keeps the answer that the index has no wheel of a pin. An index may get a wheel later. So such an
    answer is used for a day. After this day, the answer is used only while the index cannot be reached.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / _VERSION

    def find(self, hashes: Iterable[str]) -> dict[str, Wheel]:
        """Return the wheels whose hash is one of `hashes`, by their hash."""
        found: dict[str, Wheel] = {}
        for one in sorted(self._kept.intersection(hashes)):
            if (wheel := _read(self._path(one))) is not None:
                found[one] = wheel
        return found

    @cached_property
    def _kept(self) -> set[str]:
        """Return the hashes of the wheels in the cache.

        A lock has many more hashes than the cache has files, so one listing is faster than a look-up for each hash.
        """
        try:
            folders = [folder for folder in self.folder.iterdir() if folder.name != "absent"]
            return {f"{folder.name}:{path.stem}" for folder in folders for path in folder.glob("*.json")}
        except OSError:  # the folder is missing or cannot be read
            return set()

    def keep(self, of: str, wheel: Wheel) -> None:
        """Keep the contents of the wheel with the hash `of`; raise EnvparityError if the file cannot be written.

        Keep nothing if `of` does not have a form such as `sha256:HEX`.
        """
        if not _HASH.fullmatch(of):
            return
        _write(self._path(of), msgspec.json.encode(wheel) + b"\n")
        self._kept.add(of)

    def absent(self, question: str, *, old: bool = False) -> str | None:
        """Return the kept reason why the index has no wheel for a pin; None if the cache has no reason.

        `question` is a text with the pin, and with the Python and the platform of the environment. A reason that is
        older than a day counts only with `old`.
        """
        path = self._question(question)
        try:
            if old or time.time() - path.stat().st_mtime < _ABSENT:
                return path.read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError):
            pass
        return None

    def keep_absent(self, question: str, reason: str) -> None:
        """Keep the reason why the index has no wheel for `question`; raise EnvparityError if that fails."""
        _write(self._question(question), f"{reason}\n".encode())

    def _path(self, of: str) -> Path:
        algorithm, _, digest = of.partition(":")
        return self.folder / algorithm / f"{digest}.json"

    def _question(self, question: str) -> Path:
        return self.folder / "absent" / f"{hashlib.sha256(question.encode()).hexdigest()}.txt"


def _read(path: Path) -> Wheel | None:
    """Return the wheel in a file; None if the file is missing, too large or damaged."""
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        return msgspec.json.decode(path.read_bytes(), type=Wheel)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvparityError(
            f"--cache: expected to make the folder {visible(str(path.parent))}, found: {error.strerror}"
        ) from error
    write_whole("--cache", str(path), data)
