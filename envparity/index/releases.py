"""Finds the releases of a distribution, the requirements of each release, and the time of its upload.

The user's own pip and uv answer these questions, because their settings name the package indexes. Neither this module
nor its cache holds the address of an index. A release never changes, so the cache keeps each answer without a time
limit. The cache is one file for each project.
"""

import json
import re
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Literal

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from envparity.errors import EnvparityError
from envparity.files import write_whole
from envparity.index.clients import (
    EXTRA,
    ClientMissing,
    ClientSilent,
    IndexClients,
    pip_command,
    pip_version,
    uv_program,
)

SCHEMA: Literal["envparity-releases-1"] = "envparity-releases-1"
_QUESTION = 30.0  # the time limit for one question, in seconds
_LARGEST = 64 << 20  # bytes; a larger cache is not read
_IN_WORDS = re.compile(r"(?m)^Available versions: (.+)$")  # how pip before 25.2 lists the versions


class ReleaseUnknown(Exception):
    """A question about a release has no answer. The message is the reason, as part of a sentence."""


class _OptionUnknown(ReleaseUnknown):
    """The installed pip is too old: it does not know an option that the question needs."""


class Metadata(msgspec.Struct, frozen=True):
    """The requirements of one release; `sha256` is the hash of the wheel whose metadata has these requirements."""

    requires: tuple[str, ...]
    sha256: str | None = None


class _Cache(msgspec.Struct):
    """The fields of the cache file. `versions` has canonical names as keys, the other fields have `name==version`."""

    schema: Literal["envparity-releases-1"] = SCHEMA
    versions: dict[str, tuple[str, ...]] = {}
    metadata: dict[str, Metadata] = {}
    uploaded: dict[str, str] = {}


@dataclass(frozen=True)
class Release:
    """A release. `uploaded` is the time when its first file was uploaded; None if the time is unknown."""

    name: str
    version: str
    uploaded: datetime | None = None


class Releases:
    """Answers questions about releases, from the cache or else from pip and uv. Several threads may use it.

    `cache` is the cache's file, None for no file. With `offline` only the cache answers. `series` is the minor version
    of Python to ask for, for example `3.11`. `budget` is the time limit for all questions together, in seconds. `tell`
    is called with each question before pip or uv answers it. `versions`, `metadata` and `uploaded` raise ReleaseUnknown
    if a question has no answer.
    """

    def __init__(
        self,
        cache: Path | None,
        *,
        series: str = f"{sys.version_info[0]}.{sys.version_info[1]}",
        offline: bool = False,
        budget: float = 90,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self._path = cache
        self._series = series
        self._offline = offline
        self._deadline = time.monotonic() + budget
        self._budget = budget
        self._tell = tell
        self._lock = Lock()
        self._clients = IndexClients()
        self._unreachable: str | None = None
        self._changed = False
        self._known = _read(cache)

    def versions(self, name: str, including: str | None = None) -> tuple[str, ...]:
        """Return the versions of `name` that the index offers, newest first.

        pip includes pre-releases only if the version `including` is a pre-release. If the cache has a list of versions,
        and `including` is in this list or is None, return this list. It may lack the newest releases, but
        envparity needs only releases before `including`. Raise ReleaseUnknown if pip does not answer or finds no
        release.
        """
        name = canonicalize_name(name)
        pre = ["--pre"] if including is not None and version_of(including).is_prerelease else []
        kept = self._known.versions.get(name)
        if kept is not None and not pre:
            kept = tuple(one for one in kept if not version_of(one).is_prerelease)
        if kept and (including is None or including in kept):
            return kept
        asked = ["index", "versions", name, "--ignore-requires-python", "--python-version", self._series, *pre]
        question, none = f"which releases {name} has", f"pip finds no release of {name}"
        try:
            found = _listed(self._pip(question, [*asked, "--json"], none))
        except _OptionUnknown:  # pip before 25.2 has no --json
            found = _in_words(self._pip(question, asked, none))
        if found is None:
            raise ReleaseUnknown(f"envparity cannot read how {pip_version()} lists the releases of {name}; {EXTRA}")
        self._keep(lambda: self._known.versions.__setitem__(name, found))
        return found

    def metadata(self, name: str, version: str) -> Metadata:
        """Return the requirements of a release, from the metadata of its wheel.

        Raise ReleaseUnknown if there is no answer, for example for a release that has only an sdist. To find the
        requirements of an sdist, pip would have to run the code in it.
        """
        key = _key(name, version)
        if (kept := self._known.metadata.get(key)) is not None:
            return kept
        said = self._pip(
            f"what {key} requires",
            [
                *("install", "-q", "--dry-run", "--no-deps", "--ignore-installed", "--report", "-"),
                # pip before 23.3 needs a --target to answer for another Python; --dry-run installs nothing into it.
                *("--target", "nowhere", "--no-user"),
                *("--only-binary=:all:", "--ignore-requires-python", "--python-version", self._series, key),
            ],
            f"pip finds no wheel of {key}",
        )
        try:
            (item,) = json.loads(said)["install"]
            wanted = item["metadata"].get("requires_dist", ())
            hashes = item["download_info"].get("archive_info", {}).get("hashes", {})
            found = Metadata(tuple(without_url(str(one)) for one in wanted), hashes.get("sha256"))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ReleaseUnknown(f"envparity cannot read pip's report on {key}") from error
        self._keep(lambda: self._known.metadata.__setitem__(key, found))
        return found

    def uploaded(self, name: str, version: str) -> datetime:
        """Return when the first file of a release was uploaded, in UTC; raise ReleaseUnknown if that is unknown."""
        key = _key(name, version)
        if (kept := self._known.uploaded.get(key)) is not None:
            return datetime.fromisoformat(kept)
        try:
            uv = uv_program()
        except ClientMissing as missing:
            raise ReleaseUnknown(f"{missing} to ask for the time of upload; {EXTRA}") from missing
        said = self._ask(
            f"when {key} was uploaded",
            [
                *(uv, "pip", "compile", "-q", "--no-deps", "--no-header", "--universal"),
                *("--python-version", self._series, "--format", "pylock.toml", "-"),
            ],
            f"uv finds no release {key}",
            stdin=key,
        )
        times = list(upload_times(said))
        if not times:
            raise ReleaseUnknown(f"the index does not say when {key} was uploaded")
        first = min(times).astimezone(UTC)
        self._keep(lambda: self._known.uploaded.__setitem__(key, first.isoformat()))
        return first

    def release(self, name: str, version: str) -> Release:
        """Return a release with the time of its upload; the time is None if it is unknown."""
        try:
            return Release(name, version, self.uploaded(name, version))
        except ReleaseUnknown:
            return Release(name, version)

    def save(self) -> None:
        """If there are new answers, write them to the file, and keep the answers that other processes wrote to it.

        The file is replaced as a whole. An error is ignored, because the next run can find the answers again.
        """
        if self._path is None or not self._changed:
            return
        with self._lock:
            there = _read(self._path)
            for field in ("versions", "metadata", "uploaded"):
                setattr(self._known, field, getattr(there, field) | getattr(self._known, field))
            data = msgspec.json.format(msgspec.json.encode(self._known, order="sorted"), indent=1)
        with suppress(OSError, EnvparityError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole("releases", str(self._path), data + b"\n")
            self._changed = False

    def _keep(self, store: Callable[[], None]) -> None:
        with self._lock:
            store()
            self._changed = True

    def _pip(self, question: str, arguments: Sequence[str], otherwise: str) -> str:
        try:
            pip = pip_command()
        except ClientMissing as missing:
            raise ReleaseUnknown(f"{missing} to ask; {EXTRA}") from missing
        waits = ["--timeout", "10", "--retries", "1", "--no-input", "--disable-pip-version-check"]
        return self._ask(question, [*pip, *arguments, *waits], otherwise)

    def _ask(self, question: str, command: Sequence[str], otherwise: str, stdin: str | None = None) -> str:
        """Run pip or uv and return its output.

        Raise ReleaseUnknown if there is no answer. If the program reaches the index and fails, the message is
        `otherwise`.
        """
        if self._offline:
            raise ReleaseUnknown(f"offline, and the cache does not say {question}")
        if self._unreachable:
            raise ReleaseUnknown(self._unreachable)
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise ReleaseUnknown(
                f"no answer within {self._budget:g} s; the answers so far are kept, so run the command again to "
                "continue"
            )
        if self._tell:
            self._tell(question)
        waits = {"UV_HTTP_TIMEOUT": "10", "UV_HTTP_RETRIES": "1"}
        try:
            said = self._clients.run(command, stdin=stdin or "", timeout=min(left, _QUESTION), extra=waits)
        except ClientSilent as silent:
            self._unreachable = f"the package index did not answer within {silent.seconds:.0f} s"
            raise ReleaseUnknown(self._unreachable) from silent
        except ClientMissing as missing:
            raise ReleaseUnknown(str(missing)) from missing
        if said.status == 0:
            return said.output
        if said.unreachable:
            self._unreachable = "the package index cannot be reached"
            raise ReleaseUnknown(self._unreachable)
        if said.unknown_option:
            raise _OptionUnknown(
                f"expected pip 22.2 or later in the environment of envparity, found {pip_version()}, which has no "
                f"{said.unknown_option}; {EXTRA}"
            )
        raise ReleaseUnknown(otherwise)


def _listed(said: str) -> tuple[str, ...] | None:
    """Return the versions in pip's JSON; None if the text has another form."""
    try:
        return tuple(str(one) for one in json.loads(said)["versions"])
    except (ValueError, KeyError, TypeError):
        return None


def _in_words(said: str) -> tuple[str, ...] | None:
    found = _IN_WORDS.search(said)
    return tuple(one.strip() for one in found[1].split(",")) if found else None


def upload_times(pylock: str) -> Iterator[datetime]:
    """Yield the time of upload of each file in `pylock`, the text of a pylock.toml; nothing if it is not TOML."""
    try:
        packages = tomllib.loads(pylock).get("packages", ())
    except tomllib.TOMLDecodeError:
        return
    for package in packages:
        for file in (*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else ())):
            if isinstance(when := file.get("upload-time"), datetime):
                yield when


def _read(path: Path | None) -> _Cache:
    """Read the cache; return an empty cache if the file is missing, too large or damaged."""
    try:
        if path is None or path.stat().st_size > _LARGEST:
            return _Cache()
        found = msgspec.json.decode(path.read_bytes(), type=_Cache)
        for when in found.uploaded.values():
            datetime.fromisoformat(when)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, ValueError, RecursionError):
        return _Cache()
    return found


def _key(name: str, version: str) -> str:
    return f"{canonicalize_name(name)}=={version}"


def version_of(text: str) -> Version:
    """Return a text as a Version, which can be ordered; raise ReleaseUnknown if the text is not a version."""
    try:
        return Version(text)
    except InvalidVersion as error:
        raise ReleaseUnknown(f"{text!r} is not a version that an index can have") from error


def without_url(text: str) -> str:
    """Return a requirement without its URL."""
    try:
        one = Requirement(text)
    except InvalidRequirement:
        return text.partition("@")[0].strip()
    if one.url is None:
        return text
    one.url = None
    return str(one)
