"""Reads uv.lock, the lock of a project or a script of uv."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from packaging.utils import canonicalize_name

from envparity.errors import EnvparityError
from envparity.project.locks.document import (
    commit_url,
    hash_texts,
    one_hash,
    packages_of,
    pinned,
    pyproject_beside,
    read_toml_lock,
    table_of,
    within,
)
from envparity.project.locks.graph import Edge, Walk, marker_holds
from envparity.project.locks.lock import LockFile, LockFormat, Markers, Pin, Select
from envparity.project.locks.places import places_in_tables
from envparity.project.toml import Table
from envparity.text import visible

_VERSION = 1  # the only version of the format; uv promises to raise the number if old readers cannot read a lock
_SOURCES = ("registry", "git", "url", "path", "directory", "editable", "virtual")
# The first lines of a lock of uv. The lock of a script may have any file name.
_START = re.compile(r"version = 1\r?\n(revision|requires-python) = ")
_FOLDERS = ("directory", "editable", "virtual")


@dataclass(frozen=True)
class _Package:
    """One `[[package]]`: its name, version, source, requirements, hashes, and its place in the lock."""

    name: str
    version: str | None
    kind: str
    """The kind of source, one of _SOURCES."""
    location: str
    source: dict[str, Any]
    forks: tuple[str, ...]
    """The forks that this entry is for; empty: every fork. A fork is a marker. uv resolves separately for each fork."""
    requires: tuple[Edge, ...]
    extras: dict[str, tuple[Edge, ...]]
    groups: dict[str, tuple[Edge, ...]]
    hashes: frozenset[str]
    where: str

    def pin(self) -> Pin | None:
        """Return the pin of this entry; None for a project that uv does not install (the source is `virtual`)."""
        if self.kind == "virtual":
            return None
        if self.kind == "git":
            place, _, commit = self.location.partition("#")
            address, _, query = place.partition("?")
            url = commit_url("git", address, commit, "".join(parse_qs(query).get("subdirectory", ())))
            return pinned(self.name, None, self.where, url=url, hashes=self.hashes)
        if self.kind == "url":
            return pinned(self.name, None, self.where, url=self.location, hashes=self.hashes)
        local = self.kind != "registry"
        if self.version is None and not local:
            raise EnvparityError(f"{self.where}: expected a version of {visible(self.name)}, found none")
        return pinned(self.name, self.version, self.where, hashes=self.hashes, local=local)


@dataclass(frozen=True)
class _UvLock:
    packages: tuple[_Package, ...]
    members: tuple[str, ...]
    groups: dict[str, tuple[Edge, ...]]
    """The groups of a workspace whose root is no project."""
    requirements: tuple[Edge, ...]
    """The requirements of a script, whose lock has no project."""
    file: LockFile

    def roots(self) -> list[_Package]:
        """Return the projects to install: the members of the workspace that the options name.

        Without such options, return the member whose folder contains the current folder, or else the project in the
        folder of the lock. If that folder has no project, return every member.
        """
        members = [one for one in self.packages if one.kind in _FOLDERS and one.name in self.members]
        base = self.file.path.parent
        chosen = self.file.choice.of_packages([one.name for one in members], self.file.origin)
        if chosen is not None:
            return [one for one in members if one.name in chosen]
        here = self.file.choice.folder
        if here is not None:
            inside = [one for one in members if here.is_relative_to((base / one.location).resolve())]
            if inside:
                return [max(inside, key=lambda one: len((base / one.location).resolve().parts))]
        root = [one for one in members if Path(one.location) == Path()]
        return root or members

    def select(self, environment: Markers) -> Iterator[Pin]:
        """Yield the pins for an environment; raise EnvparityError for an unknown group or extra."""
        roots, choice, origin = self.roots(), self.file.choice, self.file.origin
        shared = {} if len(roots) == 1 else self.groups
        groups = self._groups(roots, shared)
        extras = choice.of_extras([name for one in roots for name in one.extras], origin)
        active = {_encoded("group", one.name, group) for one in roots for group in groups if group in one.groups}
        active |= {_encoded("extra", one.name, extra) for one in roots for extra in extras if extra in one.extras}
        active |= {f"project-{len(one.name)}-{one.name}" for one in roots if not choice.only_groups}
        starts = [edge for group in groups for one in roots for edge in one.groups.get(group, ())]
        starts += [edge for group in groups for edge in shared.get(group, ())]
        if not choice.only_groups:
            starts += self.requirements
            starts += [Edge(one.name, extras, None, (one.version, one.source)) for one in roots]
        left_out = {one.name for one in roots} if choice.no_project else set()
        left_out |= set(self.members) if choice.no_workspace else set()
        while True:  # repeat, because the extras of a reached member may lead to other entries
            walk: Walk[_Package] = Walk(
                environment, lambda edge: self._find(edge, environment), _edges, origin, frozenset(active)
            )
            found = walk.run(starts)
            more = {
                _encoded("extra", one.name, extra)
                for one, extras_of_one in walk.seen.values()
                if one.name in self.members
                for extra in extras_of_one
            }
            if more <= active:
                break
            active |= more
        for one in found:
            if one.name not in left_out and (pin := one.pin()) is not None:
                yield pin

    def _groups(self, roots: list[_Package], shared: dict[str, tuple[Edge, ...]]) -> tuple[str, ...]:
        every = [name for one in roots for name in one.groups] + list(shared)
        folder = self.file.path.parent
        place = folder / roots[0].location if len(roots) == 1 else folder
        default = within(pyproject_beside(place), "tool", "uv", "default-groups")
        if default == "all":
            names = every
        else:
            names = [str(canonicalize_name(one)) for one in default] if isinstance(default, list) else ["dev"]
        return self.file.choice.of_groups(every, names, self.file.origin)

    def _find(self, edge: Edge, environment: Markers) -> _Package | None:
        """Return the entry to which an edge leads; None if the lock has no such entry.

        If several entries fit, return an entry that has no forks, or has a fork that holds in this environment.
        """
        version, source = edge.detail if isinstance(edge.detail, tuple) else (None, None)
        found = [
            one
            for one in self.packages
            if one.name == edge.name
            and (version is None or one.version == version)
            and (not source or one.source == source)
        ]
        if len(found) > 1:
            nothing: frozenset[str] = frozenset()
            found = [
                one
                for one in found
                if not one.forks or any(marker_holds(fork, environment, nothing, one.where) for fork in one.forks)
            ] or found
        return found[0] if found else None


def _encoded(kind: str, package: str, name: str) -> str:
    """Return the name of an extra or a group in uv's markers, for example `extra-4-shop-gpu`.

    uv uses such names if extras or groups conflict with each other.
    """
    return f"{kind}-{len(package)}-{package}-{name}"


def _edges(package: _Package, extras: frozenset[str]) -> Iterator[Edge]:
    yield from package.requires
    for extra in extras:
        yield from package.extras.get(extra, ())


def _read(file: LockFile) -> Select:
    document = read_toml_lock(file)
    version = document.get("version")
    if version != _VERSION:
        raise EnvparityError(
            f"{file.origin}, line 1: expected version = {_VERSION} of uv.lock, found {visible(repr(version))[:50]}; "
            "export it with `uv export -o pylock.toml`"
        )
    packages = tuple(_package(table) for table in packages_of(file, document))
    manifest = table_of(file, document, "manifest")
    members = manifest.texts("members") or tuple(
        one.name for one in packages if one.kind in _FOLDERS and Path(one.location) == Path()
    )
    groups = _edge_lists(manifest, "dependency-groups")
    return _UvLock(packages, members, groups, _edge_list(manifest, "requirements"), file).select


def _package(table: Table) -> _Package:
    where = table.where
    source = table.raw("source")
    kind = next((one for one in _SOURCES if isinstance(source, dict) and isinstance(source.get(one), str)), None)
    if not isinstance(source, dict) or kind is None:
        raise table.wrong("source", f"a table with one of {', '.join(_SOURCES)}")
    hashes = hash_texts(table.members("wheels"), where)
    sdist = table.raw("sdist")
    if isinstance(sdist, dict) and "hash" in sdist:
        hashes |= {one_hash(sdist["hash"], where)}
    return _Package(
        name=str(canonicalize_name(table.text("name"))),
        version=table.optional("version"),
        kind=kind,
        location=str(source[kind]),
        source=source,
        forks=table.texts("resolution-markers"),
        requires=_edge_list(table, "dependencies"),
        extras=_edge_lists(table, "optional-dependencies"),
        groups=_edge_lists(table, "dev-dependencies"),
        hashes=hashes,
        where=where,
    )


def _edge_list(table: Table, name: str) -> tuple[Edge, ...]:
    return tuple(_edge(row) for row in table.rows(name))


def _edge_lists(table: Table, name: str) -> dict[str, tuple[Edge, ...]]:
    lists = table.table(name)
    return {one: _edge_list(lists, one) for one in lists}


def _edge(row: Table) -> Edge:
    extra = row.raw("extra")
    extras = (extra,) if isinstance(extra, str) else row.texts("extra")
    detail = (row.optional("version"), row.raw("source") or None)
    return Edge(
        str(canonicalize_name(row.text("name"))),
        extras or row.texts("extras"),
        row.optional("marker"),
        detail,
        row.where,
    )


FORMAT = LockFormat(
    "uv.lock",
    lambda name, text: name.endswith("uv.lock") or _START.match(text) is not None,
    _read,
    lambda _text: "uv",
    places=places_in_tables,
)
