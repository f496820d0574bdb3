"""Reads the requirements that a pyproject.toml declares: those of the project, its extras and its dependency groups.

Some locks do not say to which group a package belongs. envparity reads such a lock together with these requirements.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from envparity.project.locks.document import pyproject_beside, within
from envparity.project.locks.graph import Edge

_EDITABLE = re.compile(r"-e\s*\S+#(?:.*&)?egg=([\w.-]+(?:\[[^\]]*\])?)")


def mapping(value: object) -> Mapping[str, Any]:
    """Return the value if it is a table, otherwise an empty table."""
    return value if isinstance(value, dict) else {}


def texts(value: object) -> list[str]:
    """Return the texts in a list; empty if the value is no list."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def edges_of(requirements: object) -> Iterator[Edge]:
    """Yield the edge of each requirement in a list; skip an entry that is no requirement.

    An edge is one requirement: its name, extras, marker and detail. The detail is the specifier, for example `>=1,<2`.
    A list of PDM may also have editable requirements, such as `-e file:///lib#egg=lib[fast]`.
    """
    for text in texts(requirements):
        editable = _EDITABLE.match(text)
        try:
            one = Requirement(editable[1] if editable else text)
        except (InvalidRequirement, RecursionError):
            continue
        name = str(canonicalize_name(one.name))
        yield Edge(name, tuple(sorted(one.extras)), str(one.marker) if one.marker else None, str(one.specifier))


def group_edges(groups: object, name: str, above: tuple[str, ...] = ()) -> Iterator[Edge]:
    """Yield the edges of a dependency group (PEP 735), also of the groups that it includes.

    `groups` is the table of all groups, and `Type_Check` and `type-check` are one name. A group that includes itself is
    read once.
    """
    above = (*above, canonicalize_name(name))
    members = named(groups, name)
    yield from edges_of(members)
    for one in members if isinstance(members, list) else ():
        included = one.get("include-group") if isinstance(one, dict) else None
        if isinstance(included, str) and canonicalize_name(included) not in above:
            yield from group_edges(groups, included, above)


def named(groups: object, name: str) -> object:
    """Return the group or extra `name` of a table, in any spelling of the name; None if the table does not have it."""
    wanted = canonicalize_name(name)
    return next((value for one, value in mapping(groups).items() if canonicalize_name(one) == wanted), None)


def project_name(folder: Path) -> str:
    """Return the name of the project in a folder, from pyproject.toml, setup.cfg or setup.py; else an empty text."""
    project = pyproject_beside(folder)
    name = within(project, "project", "name") or within(project, "tool", "poetry", "name")
    if isinstance(name, str):
        return name
    for file, pattern in (
        ("setup.cfg", r"(?m)^name\s*=\s*([\w.-]+)\s*$"),
        ("setup.py", r"\bname\s*=\s*['\"]([\w.-]+)"),
    ):
        try:
            found = re.search(pattern, (folder / file).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if found:
            return found[1]
    return ""
