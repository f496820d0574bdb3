"""Reads locks that are TOML or JSON documents, with errors that name the file and the line."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from envparity.errors import EnvparityError
from envparity.project.locks.lock import LockFile, Pin
from envparity.project.toml import Table
from envparity.text import visible

PACKAGE = re.compile(r"^[ \t]*\[\[[ \t]*packages?[ \t]*\]\]", re.MULTILINE)
_DIGEST = re.compile(r"(md5|sha1|sha224|sha256|sha384|sha512|blake2b):[0-9a-fA-F]+")


def read_toml_lock(file: LockFile) -> dict[str, Any]:
    """Return the TOML document in a lock; raise EnvparityError, which names the line, if the text is not TOML."""
    try:
        return tomllib.loads(file.text)
    except (ValueError, RecursionError) as error:
        raise EnvparityError(
            f"{file.origin}{_line_said(error, file)}: expected TOML, found: {visible(str(error))[:200]}"
        ) from error


def read_json_lock(file: LockFile) -> dict[str, Any]:
    """Return the JSON object in a lock; raise EnvparityError, which names the line, if the text is no JSON object."""
    try:
        found = json.loads(file.text)
    except (ValueError, RecursionError) as error:
        raise EnvparityError(
            f"{file.origin}{_line_said(error, file)}: expected JSON, found: {visible(str(error))[:200]}"
        ) from error
    if not isinstance(found, dict):
        raise EnvparityError(f"{file.origin}, line 1: expected a JSON object, found {visible(repr(found))[:100]}")
    return found


def _line_said(error: Exception, file: LockFile) -> str:
    """Return `, line N` for the line that an error of a parser names; an empty text if the error names no line.

    For an error at the end of the document, N is the last line.
    """
    if "at end of document" in str(error):
        return f", line {len(file.text.splitlines()) or 1}"
    found = re.search(r"\bline (\d+)", str(error))
    return f", line {found[1]}" if found else ""


def table_of(file: LockFile, document: dict[str, Any], name: str) -> Table:
    """Return the table `[name]` of a lock, empty if it is missing; its errors name the line of the heading `[name]`."""
    found = re.search(rf"^[ \t]*\[[ \t]*{name}[ \t]*\]", file.text, re.MULTILINE)
    line = file.text.count("\n", 0, found.start()) + 1 if found else 1
    return Table(document.get(name, {}), f"{file.origin}, line {line}: [{name}]")


def packages_of(file: LockFile, document: dict[str, Any], field: str = "package") -> Iterator[Table]:
    """Yield each table of the array `field`; the errors of a table name the line on which the table begins.

    Raise EnvparityError if the field is not an array of tables. A lock without the field has no packages.
    """
    rows = document.get(field, [])
    if not isinstance(rows, list):
        line = file.text.count("\n", 0, max(0, file.text.find(field))) + 1
        raise EnvparityError(
            f"{file.origin}, line {line}: {field}: expected [[{field}]] tables, found {visible(repr(rows))[:100]}"
        )
    lines = [file.text.count("\n", 0, found.start()) + 1 for found in PACKAGE.finditer(file.text)]
    for number, row in enumerate(rows):
        place = f", line {lines[number]}" if len(lines) == len(rows) else ""
        yield Table(row, f"{file.origin}{place}: {field}")


def pinned(
    name: str,
    version: str | None,
    where: str,
    *,
    url: str | None = None,
    marker: str | None = None,
    hashes: frozenset[str] = frozenset(),
    local: bool = False,
) -> Pin:
    """Return a pin of a version or a URL. If both are None, the pin allows any version and any source.

    `where` names the place in the lock. Raise EnvparityError, which names this place, if the name, version, URL or
    marker is not valid.
    """
    ending = f" ; {marker}" if marker else ""
    if url is not None:
        text = f"{name} @ {url}{ending}"
    elif version is not None:
        text = f"{name}=={version}{ending}"
    else:
        text = f"{name}{ending}"
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError) as error:
        if url is None and version is not None:
            try:  # a version from before PEP 440, which only `===` accepts
                requirement = Requirement(f"{name}==={version}{ending}")
            except (InvalidRequirement, RecursionError):
                raise _wrong(text, where, error) from error
        else:
            raise _wrong(text, where, error) from error
    check_url(url, where)
    return Pin(str(canonicalize_name(requirement.name)), requirement, hashes, local)


def commit_url(system: str, place: str, commit: str, subdirectory: str | None) -> str:
    """Return the URL of a commit, such as `git+https://example.com/a.git@COMMIT#subdirectory=python`."""
    return f"{system}+{place}@{commit}{f'#subdirectory={subdirectory}' if subdirectory else ''}"


def check_url(url: str | None, where: str) -> None:
    """Raise EnvparityError, which names the place `where`, if a URL is not valid."""
    try:
        urlsplit(url or "")
    except ValueError as error:
        raise EnvparityError(f"{where}: expected a URL, found {visible(url or '')[:200]!r}: {error}") from error


def _wrong(text: str, where: str, error: Exception) -> EnvparityError:
    said = visible((str(error).splitlines() or ["too deeply nested"])[0])[:200]
    return EnvparityError(f"{where}: expected a valid name, version and marker, found {visible(text)[:200]!r}: {said}")


def hash_texts(rows: Iterator[object] | list[object], where: str, field: str = "hash") -> frozenset[str]:
    """Return the hashes of files. Each row is the table of one file; its field `field` is the hash, and may be missing.

    Raise EnvparityError, which names the place `where`, if a row is no table or its hash is not `ALGORITHM:HEX`.
    """
    found: set[str] = set()
    for row in rows:
        if not isinstance(row, dict):
            raise EnvparityError(f"{where}: expected a table for each file, found {visible(repr(row))[:100]}")
        if field in row:
            found.add(one_hash(row[field], where))
    return frozenset(found)


def one_hash(value: object, where: str) -> str:
    """Return a hash `ALGORITHM:HEX`, such as `sha256:…`, in lower case; raise EnvparityError for another value."""
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise EnvparityError(f"{where}: expected a hash such as sha256:…, found {visible(repr(value))[:100]}")
    return value.lower()


def pyproject_beside(folder: Path) -> dict[str, Any]:
    """Return the content of the pyproject.toml in a folder; empty if the file is missing or is not TOML."""
    try:
        with (folder / "pyproject.toml").open("rb") as file:
            return tomllib.load(file)
    except (OSError, ValueError, RecursionError):
        return {}


def within(document: object, *names: str) -> Any:
    """Return the value in nested tables, for example `within(pyproject, "tool", "uv")`; None if it is missing."""
    for name in names:
        if not isinstance(document, dict):
            return None
        document = document.get(name)
    return document
