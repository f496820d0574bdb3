"""Releases of a distribution: which there are, what each requires, when it was uploaded.

Asked of the person's own clients, pip and uv, which know where packages come from; no address is in this module
or in what it keeps. A release never changes, so an answer is kept for good, one file a project.
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
_QUESTION = 30.0  # seconds that one question may take
_LARGEST = 64 << 20  # bytes of a cache that is worth reading
_IN_WORDS = re.compile(r"(?m)^Available versions: (.+)$")  # how pip before 25.2 lists them


class ReleaseUnknown(Exception):
    """Why a release cannot be told of, as a clause that follows `release unknown: `."""


class _OptionUnknown(ReleaseUnknown):
    """The client is too old for what it was asked."""


class Metadata(msgspec.Struct, frozen=True):
    """What one release says of itself; `sha256` is of the wheel that it was read from."""

    requires: tuple[str, ...]
    sha256: str | None = None


class _Cache(msgspec.Struct):
    """The file, field by field; keys are canonical names, or `name==version`."""

    schema: Literal["envparity-releases-1"] = SCHEMA
    versions: dict[str, tuple[str, ...]] = {}
    metadata: dict[str, Metadata] = {}
    uploaded: dict[str, str] = {}


@dataclass(frozen=True)
class Release:
    """One release by name and version; `uploaded` is when the first of its files was, None where nobody says."""

    name: str
    version: str
    uploaded: datetime | None = None


class Releases:
    """What the clients say of releases, kept in `cache`; every question raises ReleaseUnknown where there is no answer.

    `offline` answers from the cache alone, `budget` is in seconds for all questions together, and `tell` is called
    with a line on what is being asked. It may be used from several threads.
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
        """The versions that the index offers, newest first, pre-releases only if `including` is one.

        A list that was kept is good enough if it holds `including`: what came later is not asked for.
        """
        name = canonicalize_name(name)
        kept = self._known.versions.get(name)
        if kept is not None and (including is None or including in kept):
            return kept
        pre = ["--pre"] if including is not None and version_of(including).is_prerelease else []
        asked = ["index", "versions", name, "--ignore-requires-python", "--python-version", self._series, *pre]
        question, none = f"which releases {name} has", f"pip finds no release of {name}"
        try:
            found = _listed(self._pip(question, [*asked, "--json"], none))
        except _OptionUnknown:  # before 25.2 pip lists them for people alone
            found = _in_words(self._pip(question, asked, none))
        if found is None:
            raise ReleaseUnknown(f"{pip_version()} did not list the releases of {name} as this reads them; {EXTRA}")
        self._keep(lambda: self._known.versions.__setitem__(name, found))
        return found

    def metadata(self, name: str, version: str) -> Metadata:
        """What a release requires, by its wheel's metadata: an sdist would have to be run for it, and is not."""
        key = _key(name, version)
        if (kept := self._known.metadata.get(key)) is not None:
            return kept
        said = self._pip(
            f"what {key} requires",
            [
                *("install", "-q", "--dry-run", "--no-deps", "--ignore-installed", "--report", "-"),
                # Nothing is put there; before 23.3 pip answers for another Python only if it is told of some place.
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
            raise ReleaseUnknown(f"pip's report on {key} is not one that this reads") from error
        self._keep(lambda: self._known.metadata.__setitem__(key, found))
        return found

    def uploaded(self, name: str, version: str) -> datetime:
        """When the first file of a release was uploaded."""
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
        """A release with its time of upload, where that can be had."""
        try:
            return Release(name, version, self.uploaded(name, version))
        except ReleaseUnknown:
            return Release(name, version)

    def save(self) -> None:
        """Write what is new, whole or not at all, with what others wrote meanwhile; nothing where that cannot be."""
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
        """Run a client and give what it prints; ReleaseUnknown says `otherwise` where it answers that there is none."""
        if self._offline:
            raise ReleaseUnknown(f"offline, and not asked before {question}")
        if self._unreachable:
            raise ReleaseUnknown(self._unreachable)
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise ReleaseUnknown(f"no answer within {self._budget:g} s; what was read is kept, so ask again to go on")
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
    """The versions in pip's JSON; None where it is not what this reads."""
    try:
        return tuple(str(one) for one in json.loads(said)["versions"])
    except (ValueError, KeyError, TypeError):
        return None


def _in_words(said: str) -> tuple[str, ...] | None:
    found = _IN_WORDS.search(said)
    return tuple(one.strip() for one in found[1].split(",")) if found else None


def upload_times(pylock: str) -> Iterator[datetime]:
    """The time of upload of each file that a pylock.toml names."""
    try:
        packages = tomllib.loads(pylock).get("packages", ())
    except tomllib.TOMLDecodeError:
        return
    for package in packages:
        for file in (*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else ())):
            if isinstance(when := file.get("upload-time"), datetime):
                yield when


def _read(path: Path | None) -> _Cache:
    """The cache; an empty one where there is none, or what is there is no cache."""
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
    """A version that can be ordered; ReleaseUnknown where it is none."""
    try:
        return Version(text)
    except InvalidVersion as error:
        raise ReleaseUnknown(f"{text!r} is not a version that an index can have") from error


def without_url(text: str) -> str:
    """A requirement; of one by URL, what it says beside the URL."""
    try:
        one = Requirement(text)
    except InvalidRequirement:
        return text.partition("@")[0].strip()
    if one.url is None:
        return text
    one.url = None
    return str(one)
