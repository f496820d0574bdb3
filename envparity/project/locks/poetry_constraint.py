"""Evaluates version constraints in Poetry's notation, such as `^1.2`, `~1.2`, `1.*` and `>=1,<2 || >=3`."""

import re

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

_PART = re.compile(r"(\^|~(?!=)|)\s*v?(\d[\w.!+-]*?)(\.\*|)$")


def allows(constraint: str, version: str) -> bool:
    """Return whether a constraint allows a version; True if the constraint or the version cannot be read."""
    try:
        found = Version(version)
    except InvalidVersion:
        return True
    return any(_allows_all(part, found) for part in re.split(r"\s*\|\|?\s*", constraint.strip()))


def _allows_all(constraint: str, version: Version) -> bool:
    parts = [part for part in re.split(r"\s*,\s*|(?<=[\w*])\s+(?=[<>=!~^])", constraint.strip()) if part]
    return all(_allows_one(part, version) for part in parts)


def _allows_one(part: str, version: Version) -> bool:
    if part in ("*", ""):
        return True
    try:
        simple = _PART.fullmatch(part)
        if simple is None:
            return SpecifierSet(part).contains(version, prereleases=True)
        operator, number, star = simple.groups()
        if operator == "":
            return SpecifierSet(f"=={number}{star}").contains(version, prereleases=True)
        least = Version(number)
        return least <= version < Version(_next(least.release, operator))
    except (InvalidSpecifier, InvalidVersion):
        return True


def _next(release: tuple[int, ...], operator: str) -> str:
    """Return the first version above the range of `^RELEASE` or `~RELEASE`, for example `2.dev0` for `^1.2`."""
    if operator == "~":
        kept = release[:2] if len(release) > 1 else release[:1]
    else:
        first = next((index for index, number in enumerate(release) if number), len(release) - 1)
        kept = release[: first + 1]
    return ".".join(map(str, (*kept[:-1], kept[-1] + 1))) + ".dev0"
