"""Asks pip's own parser for the lines of a requirements file."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.markers import Marker

from dev.quality.locks.entry import Entry, entry
from dev.quality.locks.toolbox import Toolbox

_PROGRAM = """\
import json, sys
from pip._internal.network.session import PipSession
from pip._internal.req.constructors import install_req_from_parsed_requirement
from pip._internal.req.req_file import parse_requirements

for parsed in parse_requirements(sys.argv[1], PipSession()):
    one = install_req_from_parsed_requirement(parsed)
    parts = list(one.req.specifier) if one.req is not None else []
    exact = [part.version for part in parts if part.operator in ("==", "===") and not part.version.endswith("*")]
    print(json.dumps({
        "name": one.name or "",
        "version": exact[0] if len(exact) == len(parts) == 1 else None,
        "url": one.link.url if one.link else None,
        "folder": one.link.file_path if one.link and one.link.is_file else None,
        "marker": str(one.markers) if one.markers else None,
        "hashes": [f"{name}:{value}" for name, values in one.hash_options.items() for value in values],
        "constraint": parsed.constraint,
    }))
"""


@dataclass(frozen=True)
class Row:
    """One distribution of an export, and the marker that says in which environments the tool installs it.

    If the marker is None, the tool installs the distribution in every environment.
    """

    entry: Entry
    marker: Marker | None = None
    pinned: bool = True
    """Whether the row names one version, a URL or a folder."""


def rows_of_requirements(path: Path, tools: Toolbox) -> Iterator[Row]:
    """Yield the rows of a requirements file and of the files that it names.

    A constraint is not a row. It only gives its version to the rows of the same name that have no version. Raise
    ToolError if pip cannot read the file.
    """
    printed = tools.call_python("pip", _PROGRAM, path, folder=path.parent)
    found = [json.loads(line) for line in printed.splitlines()]
    constraints = [one for one in found if one["constraint"]]
    for one in found:
        if one["constraint"]:
            continue
        by = [other for other in constraints if other["name"] == one["name"]] if one["version"] is None else []
        # A constraint with a marker gives a version in some environments only, so each constraint has its own row.
        yield from (_row(one | {key: other[key] for key in ("version", "url", "marker")}) for other in by)
        if not by:
            yield _row(one)


def _row(one: dict[str, Any]) -> Row:
    local = one["folder"] is not None
    name = one["name"] or (_project_name(Path(one["folder"])) if local else "?")
    found = entry(name, version=one["version"], url=one["url"], local=local, hashes=frozenset(one["hashes"]))
    return Row(
        found,
        Marker(one["marker"]) if one["marker"] else None,
        name != "?" and bool(local or one["url"] or one["version"]),
    )


def _project_name(folder: Path) -> str:
    """Return the name in the pyproject.toml of a folder; `?` if the file has no name or cannot be read."""
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "?"
    name = project.get("project", {}).get("name") or project.get("tool", {}).get("poetry", {}).get("name")
    return name if isinstance(name, str) else "?"
