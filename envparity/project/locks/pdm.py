"""Reads pdm.lock, the lock of PDM, in the versions 4.x of the format."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name

from envparity.errors import EnvparityError
from envparity.project.locks.declared import edges_of, group_edges, mapping, named
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
from envparity.project.toml import Table
from envparity.text import visible


@dataclass(frozen=True)
class _Package:
    """One `[[package]]`; a package has one entry for each set of extras with which it is required."""

    name: str
    extras: frozenset[str]
    groups: tuple[str, ...]
    marker: str | None
    requires: tuple[str, ...]
    pin: Pin
    where: str


def _read(file: LockFile) -> Select:
    document = read_toml_lock(file)
    metadata = table_of(file, document, "metadata")
    version = metadata.text("lock_version")
    if not version.startswith("4."):
        raise EnvparityError(
            f"{metadata.where}: expected lock_version 4, found {visible(version)[:50]}; export the lock with "
            "`pdm export -o requirements.txt`"
        )
    packages = [_package(table, metadata) for table in packages_of(file, document)]
    project = pyproject_beside(file.path.parent)
    groups = _chosen_groups(metadata.texts("groups") or ("default",), project, file)
    grouped = any(one.groups for one in packages)

    def select(environment: Markers) -> Iterator[Pin]:
        nothing: frozenset[str] = frozenset()
        if grouped:
            for one in packages:
                if set(one.groups) & set(groups) and marker_holds(one.marker, environment, nothing, one.where):
                    yield one.pin
        else:
            yield from _reached(packages, project, groups, environment, file.origin)
        name = within(project, "project", "name")
        if isinstance(name, str) and _is_installed(project) and not file.choice.without_project:
            yield pinned(name, None, f"{file.path.parent / 'pyproject.toml'}: name", local=True)

    return select


def _chosen_groups(locked: tuple[str, ...], project: Mapping[str, Any], file: LockFile) -> tuple[str, ...]:
    """Return the chosen groups. For PDM, an extra of the project is a group, too.

    Without options, `pdm install` installs every group of the lock that the project still has, also the extras. With an
    option that names an extra, PDM installs no other extra. Raise EnvparityError if an option names a group or an extra
    that the lock lacks.
    """
    choice = file.choice
    optional = within(project, "project", "optional-dependencies")
    tables = (optional, within(project, "dependency-groups"), within(project, "tool", "pdm", "dev-dependencies"))
    every = [
        name
        for name in locked
        if name != "default" and (not project or any(named(table, name) is not None for table in tables))
    ]
    extras = [name for name in every if named(optional, name) is not None]
    names_extra = bool(choice.extras) or any(named(optional, name) is not None for name in choice.groups)
    default = [name for name in every if not (names_extra and name in extras)]
    chosen = choice.of_groups(every, default, file.origin)
    wanted = choice.of_extras(extras, file.origin)
    return (*(() if choice.only_groups else ("default",)), *chosen, *wanted)


def _package(table: Table, metadata: Table) -> _Package:
    name, where = table.text("name"), table.where
    files = table.members("files")
    if not files and "files" in metadata:  # before version 4.3, the lock lists all files together
        versioned = metadata.table("files")
        files = versioned.members(f"{name} {table.optional('version') or ''}".strip())
    hashes = hash_texts(files, where)
    version = table.optional("version")
    if "git" in table or "revision" in table:
        commit = table.optional("revision") or ""
        url = commit_url("git", table.text("git"), commit, table.optional("subdirectory"))
        pin = pinned(name, None, where, url=url)
    elif "url" in table and "path" not in table:
        pin = pinned(name, None, where, url=table.text("url"), hashes=hashes)
    elif "path" in table:
        pin = pinned(name, None if table.flag("editable") else version, where, local=True)
    else:
        pin = pinned(name, table.text("version"), where, hashes=hashes)
    return _Package(
        str(canonicalize_name(name)),
        frozenset(table.texts("extras")),
        table.texts("groups"),
        table.optional("marker") or table.optional("markers"),
        table.texts("dependencies"),
        pin,
        where,
    )


def _reached(
    packages: list[_Package],
    project: Mapping[str, Any],
    groups: Iterable[str],
    environment: Markers,
    origin: str,
) -> Iterator[Pin]:
    """Yield the pins to which the requirements of the groups lead, for an older lock, which names no groups.

    Raise EnvparityError if the lock has packages, and no pyproject.toml with a table `[project]` is next to it.
    """
    if packages and within(project, "project") is None:
        raise EnvparityError(
            f"{origin}: expected a pyproject.toml next to this lock, because the lock does not say the groups of a "
            "package; found none; copy the pyproject.toml"
        )
    by_name: dict[str, list[_Package]] = {}
    for one in packages:
        by_name.setdefault(one.name, []).append(one)

    def find(edge: Edge) -> list[_Package] | None:
        # A marker chooses between several versions of a package; entries that differ in their extras belong together.
        nothing: frozenset[str] = frozenset()
        found = [one for one in by_name.get(edge.name, []) if marker_holds(one.marker, environment, nothing, one.where)]
        key = (edge.name, frozenset(one.pin.version for one in found))
        return entries.setdefault(key, found) if found else None

    entries: dict[tuple[str, frozenset[str | None]], list[_Package]] = {}

    def edges(found: list[_Package], extras: frozenset[str]) -> Iterator[Edge]:
        for one in found:
            if one.extras <= extras:
                yield from edges_of(list(one.requires))

    walk: Walk[list[_Package]] = Walk(environment, find, edges, origin)
    for entry in walk.run(edge for group in groups for edge in _of_group(project, group)):
        yield from (one.pin for one in entry)


def _of_group(project: Mapping[str, Any], group: str) -> Iterator[Edge]:
    if group == "default":
        yield from edges_of(within(project, "project", "dependencies"))
        return
    tables = (
        within(project, "project", "optional-dependencies"),
        within(project, "dependency-groups"),
        within(project, "tool", "pdm", "dev-dependencies"),
    )
    yield from group_edges(next((one for one in tables if named(one, group) is not None), {}), group)


def _is_installed(project: Mapping[str, Any]) -> bool:
    """Return whether PDM installs the project itself."""
    settings = mapping(within(project, "tool", "pdm"))
    if "package-type" in settings:
        return bool(settings["package-type"] == "library")
    return bool(settings.get("distribution", True))


FORMAT = LockFormat(
    "pdm.lock",
    lambda name, text: (
        name.endswith("pdm.lock") or ("generated by PDM" in text.partition("\n")[0] and "\n[metadata]" in text)
    ),
    _read,
    lambda _text: "pdm",
    places=places_in_tables,
)
