"""Reads Pipfile.lock, the lock of pipenv."""

from collections.abc import Iterator
from typing import Any

from envparity.errors import EnvparityError
from envparity.project.locks.document import commit_url, one_hash, pinned, read_json_lock
from envparity.project.locks.lock import LockFile, LockFormat, Markers, Pin, Select
from envparity.project.locks.places import places_of_keys
from envparity.project.toml import Table
from envparity.text import visible

_GROUPS = {"develop": "dev"}  # pipenv's option for the section `develop` is --dev


def _read(file: LockFile) -> Select:
    document = read_json_lock(file)
    sections = {
        _GROUPS.get(name, name): value
        for name, value in document.items()
        if name != "_meta" and isinstance(value, dict)
    }
    if "default" not in sections:
        raise EnvparityError(f"{file.origin}, line 1: expected a Pipfile.lock with the section default, found none")
    others = [name for name in sections if name != "default"]
    chosen = file.choice.of_groups(others, (), file.origin)
    file.choice.of_extras((), file.origin)
    pins = [
        _pin(name, row, file)
        for section in (*(() if file.choice.only_groups else ("default",)), *chosen)
        for name, row in sections[section].items()
    ]
    # A marker may ask for the section, for example `'dev' in dependency_groups`.
    sections_chosen: Any = {"dependency_groups": frozenset(chosen), "extras": frozenset()}

    def select(environment: Markers) -> Iterator[Pin]:
        found: dict[str, Pin] = {}
        for pin in pins:  # pipenv installs one section after another, so a later pin replaces an earlier pin
            is_pinned = pin.version is not None or pin.url is not None or pin.local
            if (is_pinned or pin.name not in found) and pin.applies({**environment, **sections_chosen}):
                found[pin.name] = pin
        yield from found.values()

    return select


def _pin(name: str, row: object, file: LockFile) -> Pin:
    line = file.text.count("\n", 0, max(0, file.text.find(f'"{name}": {{'))) + 1
    where = f"{file.origin}, line {line}: {visible(name)[:100]}"
    table = Table(row, where)
    marker = table.optional("markers")
    hashes = frozenset(one_hash(one, where) for one in table.members("hashes"))
    for system in ("git", "hg", "svn", "bzr"):
        if system in table:
            commit = table.optional("ref") or ""
            url = commit_url(system, table.text(system), commit, table.optional("subdirectory"))
            return pinned(name, None, where, url=url, marker=marker)
    address = table.optional("file")
    if address is not None and "://" in address and not address.startswith("file:"):
        return pinned(name, None, where, url=address, marker=marker, hashes=hashes)
    if "path" in table or address is not None:
        return pinned(name, None, where, marker=marker, local=True)
    version = table.text("version")
    if version == "*":  # pipenv pins no version of a package that only another system needs
        return pinned(name, None, where, marker=marker)
    if not version.startswith("=="):
        raise table.wrong("version", "==VERSION")
    return pinned(name, version.lstrip("="), where, marker=marker, hashes=hashes)


FORMAT = LockFormat(
    "Pipfile.lock",
    lambda name, _: name.endswith("Pipfile.lock"),
    _read,
    lambda _text: "pipenv",
    places=places_of_keys,
)
