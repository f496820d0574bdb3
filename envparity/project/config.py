"""Reads the settings of a project, from `[tool.envparity]` in its pyproject.toml.

A track is one variant of the project, such as `v0.4`, with a lock and perhaps with a version of Python. Several tracks
may share a lock. A door is a command that starts the Python of an environment. The probe is the program that envparity
runs in this Python.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envparity.errors import EnvparityError
from envparity.project.toml import Table, read_toml
from envparity.text import visible

if TYPE_CHECKING:  # not at run time: commands that judge nothing start faster without these modules
    from packaging.specifiers import SpecifierSet

    from envparity.judge.acceptance import Acceptance
    from envparity.judge.baseline import Baseline
    from envparity.project.locks.lock import Choice, Lock

_FIELDS = (
    *("accept", "behaviour", "doors", "exact", "locks", "outside", "probes", "rebuild", "toolchain"),
    *("track", "tracks"),
)


@dataclass(frozen=True)
class BehaviourCheck:
    """A small program of the project, which the probe runs in an environment.

    `code` is a Python program that sets the variable `result`. `expect` is the result that the program must give: a
    text for every track, or a dict from track to text; None accepts every result. `tracks` are the tracks that the
    check is for; None means all tracks.
    """

    name: str
    code: str
    expect: str | dict[str, str] | None = None
    tracks: tuple[str, ...] | None = None

    def expected(self, track: str | None) -> str | None:
        """Return the result that the check must give on a track; None if every result is right."""
        return self.expect.get(track or "") if isinstance(self.expect, dict) else self.expect

    def concerns(self, track: str | None) -> bool:
        """Return whether the check is meant for a track."""
        return self.tracks is None or track in self.tracks


@dataclass(frozen=True)
class Tool:
    """The entry about one tool, such as the compiler, in the project's toolchain file.

    `wanted` is the range of allowed versions, for example `>=12,<15`; None allows every version. `differ` is the reason
    why doors may have different versions in that range; None if all doors must have the same version. `where` names the
    file in error messages.
    """

    name: str
    wanted: str | None = None
    differ: str | None = None
    where: str = "the toolchain file"

    @cached_property
    def versions(self) -> "SpecifierSet | None":
        """Return `wanted` as a range; None allows every version. Raise EnvparityError if `wanted` is not a range."""
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        try:
            return SpecifierSet(self.wanted) if self.wanted is not None else None
        except InvalidSpecifier as error:
            raise EnvparityError(f"{self.where}: [expect.{self.name}]: versions: {error}") from error

    def allows(self, version: str) -> bool:
        """Return whether the range allows a version. A text that is not a version is allowed only if `wanted` is None.

        Raise EnvparityError if `wanted` is not a range.
        """
        try:
            return self.versions is None or self.versions.contains(version, prereleases=True)
        except ValueError:
            return False


@dataclass(frozen=True)
class Config:
    """The settings of one project; every field except `root` is empty if there is no project.

    `root` is the project's folder, and `track` is the default track. `doors` maps names to commands, and `tools` maps
    names to entries of the toolchain file. `locks` is the path of the lock, perhaps with `{track}` in it. `groups` has
    the requirements of each track's dependency group.
    """

    root: Path
    track: str | None = None
    tracks: tuple[str, ...] = ()
    doors: dict[str, str] = field(default_factory=dict)
    outside: dict[str, str] = field(default_factory=dict)
    """Maps a door to a folder, an archive or `image:NAME` that envparity can read without starting a program."""
    pythons: dict[str, str] = field(default_factory=dict)
    """Maps a track to the Python that its environments must have, for example `3.11`."""
    shared_locks: dict[str, str] = field(default_factory=dict)
    """For each track that uses the lock and the dependency group of another track: the name of the other track."""
    locks: str | None = None
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    behaviour: tuple[BehaviourCheck, ...] = ()
    accept: "tuple[Acceptance, ...]" = ()
    baseline: "Baseline | None" = None
    """The errors of an earlier report, which do not change the exit status."""
    choice: "Choice | None" = None
    """The groups and extras of the lock that the environment should have; None: those that the lock's tool chooses."""
    exact: bool = False
    """Whether each distribution needs a pin, even pip, setuptools, wheel and the program that made the lock."""
    tools: dict[str, Tool] = field(default_factory=dict)
    lacking: dict[str, frozenset[str]] = field(default_factory=dict)
    """Maps a door to the tools that it is not meant to have, from the toolchain file."""
    probes: dict[str, Any] = field(default_factory=dict)
    """Further tools whose versions the probe finds: by name, a dict with `command`, `pattern` and perhaps `input`."""
    rebuild: dict[str, str] = field(default_factory=dict)
    """Maps a door to the command that builds its wheels again; `{folder}` in it is the folder that gets the wheels."""
    file: Path | None = None
    """The pyproject.toml that these settings come from; None if there is no project."""

    def check_track(self, track: str | None, option: str = "--track") -> str | None:
        """Return `track`, or the project's default track if `track` is None.

        Raise EnvparityError, which names `option`, if the project does not have this track.
        """
        if track is None or track in self.tracks:
            return track or self.track
        known = f"one of {', '.join(self.tracks)}"
        if not self.tracks:
            lacks = (
                f"[tool.envparity] of {self.file} has no tracks" if self.file else "no pyproject.toml here names tracks"
            )
            known = f"no track, because {lacks}"
        raise EnvparityError(f"{option}: expected {known}, found {track!r}")

    def lock(self, track: str | None) -> "Lock | None":
        """Return the lock of a track; None if the project has no lock.

        The lock also pins each requirement with a URL in the track's dependency group. If `track` is None, return
        the one lock of the whole project. Raise EnvparityError if the project has a lock for each track and `track` is
        None, or if the lock cannot be read.
        """
        if self.locks is None:
            return None
        if track is None and "{track}" in self.locks:
            raise EnvparityError(
                f"locks: expected --track TRACK, because {visible(self.locks)!r} contains {{track}}, found none"
            )
        from envparity.project.locks import read_lock
        from envparity.project.locks.requirements import at_urls

        path = self.root / self.locks.replace("{track}", self.shared_locks.get(track or "", track or ""))
        return read_lock(path, at_urls(self.groups.get(track or "", ())), self.choice)

    def tool(self, name: str, track: str | None) -> Tool | None:
        """Return the entry about a tool for a track; None if there is no entry.

        The entries come from the toolchain file, with one exception: if the settings name a Python for the track, for
        example 3.11, there is always an entry of the tool `python`, and it allows only versions of this series.
        """
        found, python = self.tools.get(name), self.pythons.get(track or "")
        if name != "python" or python is None:
            return found
        where = f"[tool.envparity.tracks] of {self.file}"
        return Tool(name, f"~={python}.0", found.differ if found else None, where)

    def with_outside(self, places: Mapping[str, str]) -> "Config":
        """Return a copy of these settings, with `places` added to the field `outside`."""
        return replace(self, outside=self.outside | dict(places))

    def without(self, door: str) -> frozenset[str]:
        """Return the names of the tools that a door is not meant to have."""
        return self.lacking.get(door, frozenset())

    def with_lock(self, path: Path) -> "Config":
        """Return a copy of these settings, with the file `path` as the lock of every track, and without `groups`."""
        return replace(self, locks=str(path), groups={})


def find_config(start: Path) -> Config:
    """Return the settings of the project that the folder `start` belongs to.

    The settings come from the nearest pyproject.toml with `[tool.envparity]`, in `start` or in a folder above it. If no
    folder has this file, the settings are empty. Raise EnvparityError if the settings are not valid, or if a nearer
    pyproject.toml is not TOML.
    """
    for folder in (start, *start.parents):
        path = folder / "pyproject.toml"
        if path.is_file():
            table = read_toml(path)
            if "envparity" in table.table("tool"):
                return _config(path, table)
    return Config(root=start)


def find_project(folder: str | os.PathLike[str] | None) -> Config:
    """Return the settings of the project that `folder` belongs to; None means the current folder.

    Raise EnvparityError if the folder cannot be read, or if the settings are not valid.
    """
    try:
        start = Path.cwd() if folder is None else Path(folder).resolve(strict=True)
    except (OSError, ValueError) as error:
        raise EnvparityError(f"project: expected a folder that can be read, found: {error}") from error
    return find_config(start)


def _config(path: Path, table: Table) -> Config:
    own = Table(table.table("tool").raw("envparity"), f"{path}: [tool.envparity]", _FIELDS)
    track, tracks = own.optional("track"), _tracks(own)
    if track is not None and track not in tracks:
        raise own.wrong("track", f"one of the project's tracks ({', '.join(tracks) or 'none'})")
    shared = {name: lock for name, one in tracks.items() if (lock := one.optional("lock"))}
    groups = table.table("dependency-groups")
    tools, lacking = _toolchain(path.parent / own.text("toolchain")) if "toolchain" in own else ({}, {})
    return Config(
        root=path.parent,
        file=path,
        track=track,
        tracks=tuple(tracks),
        pythons={name: python for name, one in tracks.items() if (python := _python(one))},
        shared_locks=shared,
        doors=own.named("doors"),
        outside=own.named("outside"),
        locks=own.optional("locks"),
        rebuild=own.named("rebuild"),
        groups={one: tuple(_group(groups, shared.get(one, one))) for one in tracks},
        behaviour=tuple(_behaviour(one) for one in own.rows("behaviour", ("name", "code", "expect", "tracks"))),
        accept=tuple(_acceptance(one) for one in own.rows("accept", ("code", "path", "reason", "sha256"))),
        exact=own.flag("exact"),
        tools=tools,
        lacking=lacking,
        probes={name: _probe(one) for name, one in own.tables("probes", ("command", "pattern", "input")).items()},
    )


def _tracks(own: Table) -> dict[str, Table]:
    """Return a dict from track to its table. In pyproject.toml, `tracks` is a list of names, or a table of tables."""
    known = ("lock", "python")
    if isinstance(own.raw("tracks"), dict):
        return own.tables("tracks", known)
    return {name: Table({}, f"{own.where}: tracks: {visible(name)}", known) for name in own.texts("tracks")}


def _python(track: Table) -> str | None:
    python = track.optional("python")
    if python is not None and not re.fullmatch(r"[0-9]+\.[0-9]+", python):
        raise track.wrong("python", "a Python such as 3.11")
    return python


def _group(groups: Table, name: str, above: tuple[str, ...] = ()) -> list[str]:
    """Return the requirements of a group and of the groups that it includes; an empty list if the group is missing.

    `above` are the groups that include this group. Raise EnvparityError if a group includes itself, or has an entry
    that is neither a requirement nor a table with `include-group`.
    """
    members = groups.raw(name) if name in groups else []
    if not isinstance(members, list) or name in above:
        raise groups.wrong(name, "a list of requirements that does not include itself")
    found: list[str] = []
    for member in members:
        if isinstance(member, str):
            found.append(member)
        elif isinstance(member, dict) and isinstance(included := member.get("include-group"), str):
            found += _group(groups, included, (*above, name))
        else:
            raise groups.wrong(name, "only requirements and include-group")
    return found


def _behaviour(table: Table) -> BehaviourCheck:
    one_for_all = table.raw("expect") is None or isinstance(table.raw("expect"), str)
    return BehaviourCheck(
        table.text("name"),
        table.text("code"),
        table.optional("expect") if one_for_all else table.named("expect"),
        table.texts("tracks") if "tracks" in table else None,
    )


def _acceptance(table: Table) -> "Acceptance":
    from envparity.judge.acceptance import Acceptance
    from envparity.judge.registry import known_rules

    code, path, reason = table.text("code"), table.text("path"), table.text("reason")
    if code not in known_rules():
        from difflib import get_close_matches

        near = get_close_matches(code, known_rules(), 3)
        meant = f" (similar codes: {', '.join(near)})" if near else ""
        raise table.wrong("code", f"a code that `envparity explain` lists{meant}")
    sha256 = table.optional("sha256")
    if sha256 is not None and not re.fullmatch("[0-9a-fA-F]{64}", sha256):
        raise table.wrong("sha256", "a SHA-256 of 64 hexadecimal digits")
    return Acceptance(code, path, reason, sha256)


def _probe(table: Table) -> dict[str, Any]:
    """Return a dict with which the probe finds the version of a tool.

    It has `command`, the words of a command that prints the version, and `pattern`, a regular expression whose first
    group is the version. It may also have `input`, the standard input of the command.
    """
    command, pattern = table.texts("command"), table.text("pattern")
    if not command:
        raise table.wrong("command", "a program and its arguments")
    try:
        groups = re.compile(pattern).groups
    except re.error:
        groups = 0
    if groups < 1:
        raise table.wrong("pattern", "a regular expression with a group for the version")
    said = table.optional("input")
    return {"command": list(command), "pattern": pattern} | ({"input": said} if said else {})


def _toolchain(path: Path) -> tuple[dict[str, Tool], dict[str, frozenset[str]]]:
    """Return two dicts: from name to tool, and from door to the names of the tools that the door is not meant to have.

    Raise EnvparityError if the toolchain file is not valid, or if a door's list names a tool without a table
    `[expect.TOOL]`.
    """
    content = read_toml(path)
    tools = {
        name: Tool(name, table.optional("versions"), table.optional("differ"), str(path))
        for name, table in content.tables("expect", ("versions", "differ")).items()
    }
    lacking: dict[str, frozenset[str]] = {}
    for door, table in content.tables("doors", None).items():
        lacking[door] = frozenset(table.texts("without"))
        if unknown := sorted(lacking[door] - tools.keys()):
            raise table.wrong("without", f"a table [expect.{visible(unknown[0])[:80]}] for each tool of the list")
    return tools, lacking
