"""The table in docs/reference/toolchain.md: the version of each tool behind each door, from the files with the pins.

A door is one way into an environment: venv, docker, devcontainer or nix.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dev.command.errors import CommandError
from dev.doors.bases import pinned_base, pinned_redis
from dev.doors.pins import packages
from dev.doors.registry import DOORS
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project
from envparity.project.config import Tool, find_config

# Maps a tool to the Debian package that contains it.
PACKAGES = {
    "cmake": "cmake",
    "compiler": "gcc",
    "git": "git",
    "gmp": "libgmp-dev",
    "pkg-config": "pkg-config",
    "redis": "redis-server",
}
# Every base image already contains these tools, so nothing is installed for them.
_OF_THE_BASE = ("libc", "libraries", "openssl")


@dataclass(frozen=True)
class ToolRow:
    """One tool. `doors` maps each door to the tool's version or origin, as Markdown.

    `equal` is a text that says whether the doors must have the same version.
    """

    name: str
    doors: Mapping[str, str]
    equal: str


@dataclass(frozen=True)
class DoorToolchain:
    """The table [doors.NAME] of one door in locks/toolchain.toml.

    `name` is NAME, and the other fields are the keys of the table. Only `has` and `pinned` are required. If the table
    lacks another key, the field is empty or None.
    """

    name: str
    has: str
    pinned: str
    debian: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    branch: str | None = None
    revision: str | None = None
    inferred: Mapping[str, str] | None = None


def read_door_toolchains(project: Project) -> dict[str, DoorToolchain]:
    """Return a dict from each door to its table [doors.NAME].

    Raises CommandError if a door has no table, or if a table has an unknown key or lacks a required key.
    """
    path = project.root / "locks" / "toolchain.toml"
    with path.open("rb") as file:
        tables: dict[str, Any] = tomllib.load(file).get("doors", {})
    if set(tables) != set(DOORS):
        raise CommandError(
            f"{path}: expected the tables [doors.*] of {', '.join(DOORS)}, found {', '.join(tables) or 'none'}; "
            "restore it from git"
        )
    try:
        return {
            name: DoorToolchain(
                name, **table | {key: tuple(table.get(key, ())) for key in ("debian", "without", "systems")}
            )
            for name, table in tables.items()
        }
    except TypeError as error:
        raise CommandError(
            f"{path}: expected [doors.*] to have only known keys, such as 'has' and 'pinned', found: {error}"
        ) from error


def tool_rows(project: Project) -> tuple[ToolRow, ...]:
    """Return a row for each Python and for uv, then a row for each other tool of the toolchain file, sorted by name.

    Raises CommandError if a door has no table, or if PACKAGES lacks a tool.
    """
    doors, tools = read_door_toolchains(project), find_config(project.root).tools
    rest = [_other(project, tool, doors) for name, tool in sorted(tools.items()) if name != "python"]
    pythons = project.pythons_of("tools")
    python = [_python(project, one, tools["python"], doors) for one in pythons]
    return (*python, _uv(project, doors), *rest)


def _python(project: Project, series: str, tool: Tool, doors: Mapping[str, DoorToolchain]) -> ToolRow:
    track = next(track for track, python in project.pythons.items() if python == series)
    base = pinned_base(project, track).partition("@")[0]
    wanted = ", ".join(f"`{one}`" for one in project.toolchain_of(track).interpreters)
    host = f"the first of {wanted} that is a Python {series}"
    found = {name: f"the Python of `{base}`" if door.debian else host for name, door in doors.items()}
    inferred = _inferred(doors["nix"], f"python{series}")
    return ToolRow(f"Python {series}", {**found, "nix": inferred}, _equal(replace(tool, wanted=f"~={series}.0")))


def _uv(project: Project, doors: Mapping[str, DoorToolchain]) -> ToolRow:
    version = read_lock(project.lock("tools")).pins["uv"].version
    return ToolRow(
        "uv",
        {**dict.fromkeys(DOORS, version), "nix": _inferred(doors["nix"], "uv")},
        "no. Three doors have the uv that `locks/tools.txt` pins. The door nix has the uv of nixpkgs, because NixOS "
        "cannot run the pinned uv.",
    )


def _other(project: Project, tool: Tool, doors: Mapping[str, DoorToolchain]) -> ToolRow:
    found = {}
    for name, door in doors.items():
        if name == "nix":
            found[name] = _inferred(door, tool.name)
        elif not door.debian:
            found[name] = "the host's"
        elif tool.name in _OF_THE_BASE:
            found[name] = "the base's"
        else:
            found[name] = _debian(project, door, tool.name)
    if tool.name == "redis":
        image = pinned_redis(project).partition("@")[0]
        found["docker"] = f"in a second container, `{image}`"
        found["devcontainer"] += f" for the tests; in a second container, `{image}`"
    return ToolRow(tool.name, {name: found[name] for name in DOORS}, _equal(tool))


def _debian(project: Project, door: DoorToolchain, name: str) -> str:
    groups, package = packages(project), PACKAGES.get(name)
    if package is None:
        raise CommandError(f"[expect.{name}]: expected a tool that dev/pages/door_toolchains.py knows, found another")
    versions = [groups[one][package] for one in door.debian if package in groups[one]]
    return f"`{package}` {versions[0]}" if versions else "none"


def _inferred(door: DoorToolchain, name: str) -> str:
    version = (door.inferred or {}).get(name)
    return f"{version} (inferred)" if version else "not known: the version in the revision of nixpkgs"


def _equal(tool: Tool) -> str:
    """Return a text that says whether the doors must have the same version of a tool, and if not, why."""
    fits = f"its version must satisfy `{tool.wanted}`" if tool.wanted else ""
    if tool.differ is None:
        return f"yes, and {fits}" if fits else "yes"
    return f"no{fits and f', but {fits}'}. {tool.differ[:1].upper()}{tool.differ[1:]}."
