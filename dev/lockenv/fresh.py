"""Check, without a network, that a lock is not out of date: pyproject.toml still has the requirements of the lock.

A lock has the digest of the requirements of its group in a comment. A lock without this comment passes the check.
"""

import hashlib
import json
import re
import tomllib
from pathlib import Path
from typing import Any

from dev.command.errors import CommandError

_COMMENT = re.compile(rb"(?m)^# The requirements of this group have the digest sha256:([0-9a-f]{64})\.$")


def digest_of(pyproject: Path, group: str) -> str | None:
    """Return the digest of the requirements of a dependency group; None if the file has no such group.

    The digest covers the group, the groups that it includes, and the list `dependency-metadata` of `[tool.uv]`. The
    order of the requirements does not matter. Raises CommandError if the file cannot be read.
    """
    try:
        with pyproject.open("rb") as file:
            table = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CommandError(f"{pyproject}: expected the project's settings, found: {error}") from error
    groups = table.get("dependency-groups", {})
    if group not in groups:
        return None
    declared = table.get("tool", {}).get("uv", {}).get("dependency-metadata", [])
    covered = json.dumps([_requirements(groups, group, ()), declared], sort_keys=True)
    return hashlib.sha256(covered.encode()).hexdigest()


def comment_of(digest: str) -> str:
    """Return the line of a lock that holds the digest of its group."""
    return f"# The requirements of this group have the digest sha256:{digest}.\n"


def check_fresh(root: Path, name: str, content: bytes) -> None:
    """Raise CommandError if the lock `name` was made from other requirements than pyproject.toml has now.

    `content` is the bytes of the lock, and `root` is the folder with pyproject.toml.
    """
    noted = _COMMENT.search(content)
    digest = digest_of(root / "pyproject.toml", name) if noted else None
    if noted and digest and noted[1].decode() != digest:
        raise CommandError(
            f"locks/{name}.txt: expected a lock made from the group {name} of pyproject.toml, found a lock of "
            "other requirements; make it again with: scripts/lock"
        )


def _requirements(groups: dict[str, Any], name: str, within: tuple[str, ...]) -> list[str]:
    found: set[str] = set()
    for one in groups.get(name, ()):
        included = one.get("include-group") if isinstance(one, dict) else None
        if included is None:
            found.add(str(one))
        elif included not in within:
            found.update(_requirements(groups, included, (*within, name)))
    return sorted(found)
