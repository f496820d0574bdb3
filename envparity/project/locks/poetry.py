"""Reads poetry.lock, the lock of Poetry, in the versions 1.0, 1.1 and 2.x of the format."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from envparity.errors import EnvparityError
from envparity.project.locks.declared import edges_of, group_edges, mapping, texts
from envparity.project.locks.document import (
    commit_url,
    hash_texts,
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
from envparity.project.locks.poetry_constraint import allows
from envparity.project.toml import Table
from envparity.text import visible

_KNOWN = ("1.0", "1.1", "2.0", "2.1")
_SYSTEMS = ("git", "hg", "svn")


@dataclass(frozen=True)
class _Package:
    """One `[[package]]`. Only locks from version 2.1 on have `groups` and `markers`; older locks need `requires`."""

    name: str
    version: str
    groups: tuple[str, ...]
    markers: Mapping[str, str]
    """The marker of each group."""
    requires: Mapping[str, object]
    extras: Mapping[str, tuple[str, ...]]
    pin: Pin
    where: str


def _read(file: LockFile) -> Select:
    document = read_toml_lock(file)
    metadata = table_of(file, document, "metadata")
    version = metadata.text("lock-version")
    if version not in _KNOWN and not version.startswith("2."):
        raise EnvparityError(
            f"{metadata.where}: expected lock-version {', '.join(_KNOWN)}, found {visible(version)[:50]}; export the "
            "lock with `poetry export -o requirements.txt`"
        )
    packages = [_package(table, metadata) for table in packages_of(file, document)]
    project = _Project(pyproject_beside(file.path.parent), document, packages)
    groups = file.choice.of_groups(project.groups, project.default_groups, file.origin, always=("main",))
    extras = file.choice.of_extras(project.extras, file.origin)
    grouped = version not in ("1.0", "1.1", "2.0")

    def select(environment: Markers) -> Iterator[Pin]:
        if grouped:
            found = list(_of_groups(packages, groups, frozenset(extras), environment))
        else:
            found = _reached(packages, project, groups, extras, environment, file.origin)
        yield from (one.pin for one in found)
        # `poetry install --only GROUP` installs the project too, but not with `--no-root`.
        if project.name is not None and not file.choice.no_project:
            yield pinned(project.name, None, f"{file.path.parent / 'pyproject.toml'}: name", local=True)

    return select


def _package(table: Table, metadata: Table) -> _Package:
    name, version, where = table.text("name"), table.text("version"), table.where
    files = table.members("files") or metadata.table("files").members(name)
    hashes = hash_texts(files, where)
    marker = table.raw("markers")
    groups = tuple(str(canonicalize_name(group)) for group in table.texts("groups"))
    if isinstance(marker, dict):
        markers = {str(canonicalize_name(group)): str(text) for group, text in marker.items()}
    else:
        markers = dict.fromkeys(groups, table.optional("markers") or "")
    extras = table.table("extras")
    return _Package(
        name=str(canonicalize_name(name)),
        version=version,
        groups=groups,
        markers=markers,
        requires={one: table.table("dependencies").raw(one) for one in table.table("dependencies")},
        extras={str(canonicalize_name(one)): extras.texts(one) for one in extras},
        pin=_pin(name, version, table.table("source"), where, hashes),
        where=where,
    )


def _pin(name: str, version: str, source: Table, where: str, hashes: frozenset[str]) -> Pin:
    kind = source.optional("type")
    if kind in _SYSTEMS:
        commit = source.optional("resolved_reference") or source.text("reference")
        url = commit_url(kind, source.text("url"), commit, source.optional("subdirectory"))
        return pinned(name, None, where, url=url)
    if kind == "url":
        return pinned(name, None, where, url=source.text("url"), hashes=hashes)
    if kind in ("directory", "file"):
        return pinned(name, version, where, hashes=hashes if kind == "file" else frozenset(), local=True)
    return pinned(name, version, where, hashes=hashes)


@dataclass(frozen=True)
class _Project:
    """The groups, extras and requirements of the project, from the lock and from the pyproject.toml next to it."""

    pyproject: Mapping[str, Any]
    document: Mapping[str, Any]
    packages: list[_Package]

    @property
    def poetry(self) -> Mapping[str, Any]:
        return mapping(within(self.pyproject, "tool", "poetry"))

    @property
    def name(self) -> str | None:
        """Return the name of the project; None if Poetry does not install the project, or if the name is missing."""
        if self.poetry.get("package-mode") is False:
            return None
        name = self.poetry.get("name") or within(self.pyproject, "project", "name")
        return name if isinstance(name, str) else None

    @property
    def _group_tables(self) -> dict[str, Mapping[str, Any]]:
        """Return a dict from a group's canonical name, as in the lock, to its table `[tool.poetry.group.NAME]`."""
        return {str(canonicalize_name(name)): mapping(one) for name, one in mapping(self.poetry.get("group")).items()}

    @property
    def groups(self) -> list[str]:
        """Return every group, with `main` for the requirements of the project itself."""
        found = ["main"]
        if "dev-dependencies" in self.poetry:
            found.append("dev")
        found += self._group_tables
        found += [str(canonicalize_name(name)) for name in mapping(self.pyproject.get("dependency-groups"))]
        found += [group for one in self.packages for group in one.groups]
        return list(dict.fromkeys(found))

    @property
    def default_groups(self) -> list[str]:
        """Return the groups that `poetry install` installs."""
        optional = {name for name, one in self._group_tables.items() if one.get("optional") is True}
        return [name for name in self.groups if name not in optional]

    @property
    def extras(self) -> list[str]:
        """Return the extras of the project."""
        return [str(canonicalize_name(one)) for one in mapping(self.document.get("extras"))]

    def edges(self, groups: Iterable[str], extras: Iterable[str], environment: Markers) -> Iterator[Edge]:
        """Yield the requirements of the project for the chosen groups and extras."""
        wanted = set(extras)
        tables = mapping(self.document.get("extras"))
        by_extra = {str(canonicalize_name(name)): texts(row) for name, row in tables.items()}
        optional = {
            str(canonicalize_name(re.split(r"[\s(\[;<>=!~]", text, maxsplit=1)[0]))
            for extra in wanted
            for text in by_extra.get(extra, ())
        }
        for group in groups:
            if group == "main":
                yield from edges_of(within(self.pyproject, "project", "dependencies"))
                for extra, listed in mapping(within(self.pyproject, "project", "optional-dependencies")).items():
                    if str(canonicalize_name(extra)) in wanted:
                        yield from edges_of(listed)
                rows = mapping(self.poetry.get("dependencies"))
            else:
                rows = dict(mapping(self._group_tables.get(group, {}).get("dependencies")))
                rows |= mapping(self.poetry.get("dev-dependencies")) if group == "dev" else {}
                yield from group_edges(self.pyproject.get("dependency-groups"), group)
            for name, row in rows.items():
                if name.lower() != "python":
                    yield from _poetry_edges(name, row, environment, frozenset(optional))


def _of_groups(
    packages: Iterable[_Package], groups: Iterable[str], extras: frozenset[str], environment: Markers
) -> Iterator[_Package]:
    """Yield the packages that belong to a chosen group and whose marker for this group holds."""
    chosen = set(groups)
    for one in packages:
        if any(
            group in chosen and marker_holds(one.markers.get(group), environment, extras, one.where)
            for group in one.groups
        ):
            yield one


def _reached(
    packages: list[_Package],
    project: _Project,
    groups: Iterable[str],
    extras: Iterable[str],
    environment: Markers,
    origin: str,
) -> list[_Package]:
    """Return the packages to which the project's requirements lead, for a lock before 2.1, which has no groups.

    Raise EnvparityError if the lock has packages, and no pyproject.toml with requirements is next to it.
    """
    if packages and not project.poetry and within(project.pyproject, "project") is None:
        raise EnvparityError(
            f"{origin}: expected a pyproject.toml next to this lock, because a lock before version 2.1 does not say "
            "the group of a package; found none; copy the pyproject.toml, or run `poetry lock` with Poetry 2"
        )
    by_name: dict[str, list[_Package]] = {}
    for one in packages:
        by_name.setdefault(one.name, []).append(one)

    def find(edge: Edge) -> _Package | None:
        every = by_name.get(edge.name, [])
        if len(every) < 2:
            return every[0] if every else None
        fitting = [one for one in every if allows(str(edge.detail or "*"), one.version)]
        return max(fitting or every, key=lambda one: _order(one.version))

    def edges(one: _Package, active: frozenset[str]) -> Iterator[Edge]:
        optional = frozenset(
            str(canonicalize_name(re.split(r"[\s(\[;<>=!~]", text, maxsplit=1)[0]))
            for extra in active
            for text in one.extras.get(str(canonicalize_name(extra)), ())
        )
        for name, row in one.requires.items():
            yield from _poetry_edges(name, row, environment, optional)

    walk: Walk[_Package] = Walk(environment, find, edges, origin, frozenset(extras))
    return walk.run(project.edges(groups, extras, environment))


def _poetry_edges(name: str, row: object, environment: Markers, optional: frozenset[str]) -> Iterator[Edge]:
    """Yield each `Edge` of one requirement in Poetry's own notation: a version, a table, or a list of tables.

    `optional` has the names of the optional requirements that a chosen extra adds.
    """
    name = str(canonicalize_name(name))
    for one in row if isinstance(row, list) else [row]:
        table = {"version": one} if isinstance(one, str) else mapping(one)
        if table.get("optional") is True and name not in optional:
            continue
        python, platform = table.get("python"), table.get("platform")
        if isinstance(python, str) and not allows(python, environment.get("python_full_version", "0")):
            continue
        if isinstance(platform, str) and platform.lstrip("= ") != environment.get("sys_platform"):
            continue
        marker = table.get("markers")
        yield Edge(
            name,
            tuple(str(extra) for extra in texts(table.get("extras"))),
            marker if isinstance(marker, str) else None,
            table.get("version"),
        )


def _order(version: str) -> Version:
    try:
        return Version(version)
    except InvalidVersion:
        return Version("0")


FORMAT = LockFormat(
    "poetry.lock",
    lambda name, text: name.endswith("poetry.lock") or "generated by Poetry" in text.partition("\n")[0],
    _read,
    lambda _text: "poetry",
    places=places_in_tables,
)
