"""Asks uv to resolve requirements as of an instant; uv itself ignores files that were uploaded later."""

import os
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import msgspec
from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from envparity.errors import EnvparityError
from envparity.history.instant import now, stamp
from envparity.index.clients import (
    EXTRA,
    ClientMissing,
    ClientSilent,
    IndexClients,
    IndexUnreachable,
    Said,
    uv_program,
    without_addresses,
)
from envparity.text import visible

_QUESTION = 300.0  # seconds for one resolution: uv may have to build an sdist to learn its requirements
_AT_ONCE = "4"  # requests that one uv may have open at the same time
_SETTLING = timedelta(hours=1)  # the time after an upload in which an index may not list the new file yet
_REASON = 400  # characters of uv's explanation that are kept


class Selected(msgspec.Struct, frozen=True):
    """A release that a resolution has chosen.

    A file fits if it is for the Python and the platform of the question. `uploaded` is when the first file that fits
    was uploaded; None if the index does not give the time. `wheels` are the sha256, in hex, of the wheels that fit, and
    `size` is the size in bytes of the largest of these wheels. `sdist` is the sha256 of the sdist, which an installer
    builds if no wheel fits.
    """

    name: str
    version: str
    uploaded: datetime | None = None
    wheels: tuple[str, ...] = ()
    sdist: str | None = None
    size: int = 0

    @property
    def key(self) -> str:
        """Return `name==version`."""
        return f"{self.name}=={self.version}"

    @property
    def label(self) -> str:
        """Return `name version`, to show to a person."""
        return f"{self.name} {self.version}"


class Resolution(msgspec.Struct, frozen=True):
    """The releases that requirements resolve to as of the instant `asked`; `failure` says why they do not resolve.

    `lasting` is true if the same question always gets this answer. It is false after the build of a release failed,
    because the build may succeed next time. `settled` is true if uv answered over an hour after the instant. Shortly
    after an upload, an index may not list the new file yet, so an early answer can be incomplete.
    """

    asked: datetime
    selected: tuple[Selected, ...] = ()
    failure: str | None = None
    lasting: bool = True
    settled: bool = True

    @property
    def versions(self) -> dict[str, str]:
        """Return the chosen versions by canonical name."""
        return {one.name: one.version for one in self.selected}

    @property
    def newest(self) -> datetime | None:
        """Return when the newest of the chosen releases was uploaded; None if the index does not say.

        uv can choose all these releases as of every instant after that upload.
        """
        return max((one.uploaded for one in self.selected if one.uploaded), default=None)

    def same(self, other: "Resolution") -> bool:
        """Return whether the two resolutions chose the same releases, or both failed."""
        return self.versions == other.versions and (self.failure is None) == (other.failure is None)


@dataclass(frozen=True)
class Question:
    """The question that uv resolves: requirements (PEP 508), for a series of Python (`3.11`), on this platform."""

    requirements: tuple[str, ...]
    series: str

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the canonical names of the distributions that the requirements name."""
        return tuple(dict.fromkeys(canonicalize_name(Requirement(one).name) for one in self.requirements))

    @cached_property
    def marker_environment(self) -> dict[str, str]:
        """Return a dict from marker variable to value, for this machine and the Python `series`.0, such as 3.11.0."""
        here: Mapping[str, Any] = default_environment()
        full = f"{self.series}.0"
        return {**here, "python_version": self.series, "python_full_version": full, "extra": ""}

    @property
    def platform(self) -> str:
        """Return the operating system and the machine type that wheels have to fit."""
        return f"{self.marker_environment['sys_platform']} {self.marker_environment['platform_machine']}"


def read_question(requirements: Sequence[str], series: str) -> Question:
    """Return the question of a command line; raise EnvparityError if a requirement or the series is not valid.

    `series` is the minor version of Python, for example 3.11.
    """
    if not re.fullmatch(r"3\.[0-9]{1,2}", series):
        raise EnvparityError(f"--python: expected a series of Python such as 3.11, found {visible(series)[:20]!r}")
    read: list[str] = []
    for text in requirements:
        try:
            one = Requirement(text)
        except (InvalidRequirement, RecursionError) as error:
            reason = str(error).splitlines()[0][:120]
            raise EnvparityError(
                f"requirement: expected one such as 'libp2p==0.4.0', found {visible(text)[:80]!r}: {visible(reason)}"
            ) from error
        if one.url is not None and not one.url.startswith("git+"):
            raise EnvparityError(
                f"requirement: expected a release from a package index, found {visible(one.name)} at a URL; "
                "no index says when this file was uploaded"
            )
        read.append(str(one))
    return Question(tuple(sorted(set(read))), series)


class Resolver:
    """Asks uv the same question as of different instants."""

    def __init__(self, question: Question, clients: IndexClients) -> None:
        self._question = question
        self._clients = clients

    def resolve(self, instant: datetime) -> Resolution:
        """Return the releases that the question resolves to as of an instant.

        If the requirements cannot be resolved, return a Resolution whose `failure` says why. Raise IndexUnreachable if
        uv cannot ask the index or does not answer in time. Raise EnvparityError if uv cannot run, if the index does not
        have a distribution that the question names, or if the index does not say when its files were uploaded.
        """
        if os.environ.get("UV_OFFLINE", "0").lower() not in ("", "0", "false", "no", "off"):
            # Offline, uv resolves from its own cache as if no other release existed. The answer could be wrong.
            raise IndexUnreachable(
                "index: expected to ask the package index, because the cache does not have the answer, found "
                "UV_OFFLINE set; "
                "unset UV_OFFLINE"
            )
        try:
            said = self._clients.run(
                [
                    *(uv_program(), "pip", "compile", "--no-header", "--no-annotate", "--no-offline"),
                    *("--format", "pylock.toml"),
                    *("--python", sys.executable, "--python-version", self._question.series),
                    *("--exclude-newer", stamp(instant), "-"),
                ],
                stdin="\n".join(self._question.requirements),
                timeout=_QUESTION,
                extra={"UV_CONCURRENT_DOWNLOADS": _AT_ONCE, "UV_PYTHON_DOWNLOADS": "never"},
            )
        except ClientMissing as missing:
            raise EnvparityError(
                f"history: expected uv, which resolves the requirements, found {missing}; {EXTRA}"
            ) from missing
        except ClientSilent as silent:
            raise IndexUnreachable(
                f"index: expected a resolution as of {stamp(instant)}, found {silent}; the answers so far are kept, "
                "so run the command again to continue"
            ) from silent
        if said.status == 0:
            chosen = tuple(sorted(selected(said.output), key=lambda one: one.name))
            return Resolution(instant, chosen, settled=now() - instant > _SETTLING)
        return self._failed(instant, said)

    def _failed(self, instant: datetime, said: Said) -> Resolution:
        if said.unreachable:
            raise IndexUnreachable(
                f"index: expected uv to reach the package index, found: {_last(said.reason)}; the answers so far "
                "are kept, "
                "so run the command again to continue"
            )
        if "missing an upload date" in said.reason:
            raise EnvparityError(
                "index: expected the time of upload of each file, found files without it; use a package index "
                "that gives "
                "these times"
            )
        for name in self._question.names:
            if re.search(rf"\b{re.escape(name)} was not found in the", said.reason):
                raise EnvparityError(f"requirement: expected a distribution that the package index has, found {name}")
        if said.status != 1:
            raise EnvparityError(
                f"history: expected uv to resolve the requirements, found exit status {said.status}: "
                f"{_last(said.reason)}"
            )
        none = "No solution found" in said.reason
        return Resolution(instant, failure=_why(said.reason), lasting=none)


def _last(reason: str) -> str:
    return visible(reason)[-200:] or "nothing"


def _why(reason: str) -> str:
    """Return uv's explanation without the characters that draw lines, and without hints and paths."""
    text = re.sub(r"[\u00d7\u2500-\u25ff]+", " ", reason).partition("hint:")[0]
    text = re.sub(r"^.*?No solution found when resolving dependencies\W*(cause:)?", "", text)
    text = re.sub(r"(?<=\s)/\S+", "(a path)", text)
    text = " ".join(text.split())
    return visible(text if len(text) <= _REASON else f"{text[:_REASON]}…") or "uv does not say why"


def selected(pylock: str) -> Iterator[Selected]:
    """Yield the releases that a pylock.toml (PEP 751) names, without their URLs."""
    for package in tomllib.loads(pylock).get("packages", ()):
        wheels, source = package.get("wheels", []), package.get("sdist")
        times = [
            _utc(file["upload-time"]) for file in (*wheels, *([source] if source else [])) if "upload-time" in file
        ]
        yield Selected(
            name=canonicalize_name(package["name"]),
            version=without_addresses(str(package.get("version", "unversioned"))),
            uploaded=min(times, default=None),
            wheels=tuple(sorted(_sha256(file) for file in wheels if _sha256(file))),
            sdist=_sha256(source) or None if source else None,
            size=max((int(file.get("size", 0)) for file in wheels), default=0),
        )


def _utc(when: datetime) -> datetime:
    return when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC).replace(microsecond=0)


def _sha256(file: Mapping[str, Any]) -> str:
    return str(file.get("hashes", {}).get("sha256", ""))
