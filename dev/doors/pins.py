"""The pins of Debian's packages: functions that read them, and that move them to the versions on the base's mirror."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from dev.command.errors import CommandError
from dev.doors.engine import Container, Engine
from dev.lockenv.project import Project

# This script runs in a container of the base, because image builds take their packages from the Debian of the base, and
# not from the Debian of this machine.
_ASK = """
apt-get update -qq
for name in "$0" "$@"; do echo "$name $(apt-cache policy "$name" | sed -n 's/ *Candidate: //p')"; done
"""


def packages(project: Project) -> dict[str, dict[str, str]]:
    """Return the pins of Debian's packages: group, for example `compiler` -> package -> version.

    Raises CommandError if a group is missing.
    """
    path = project.root / "locks" / "toolchain.toml"
    with path.open("rb") as file:
        groups = tomllib.load(file).get("debian", {})
    missing = [name for name in ("compiler", "python", "toolchain", "dev") if name not in groups]
    if missing:
        raise CommandError(f"{path}: expected the table [debian.{missing[0]}], found none; restore it from git")
    return {group: dict(pins) for group, pins in groups.items()}


def versions(project: Project) -> dict[str, str]:
    """Return the pins of all groups in one dict: package -> version."""
    return {name: version for group in packages(project).values() for name, version in group.items()}


def move_pins(engine: Engine, project: Project, base: str) -> dict[str, tuple[str, str]]:
    """Move every pin to the version that the mirror offers, in locks/toolchain.toml and in the Dockerfile.

    Return each pin that moved: package -> (old version, new version). CommandError if the mirror lacks a package.
    """
    pinned = versions(project)
    asks = Container(base, ("-c", _ASK, *pinned), entrypoint="sh", user="0")
    said = engine.run(asks, purpose="asking the mirror of the base for its packages")
    offered = dict(line.split(" ", 1) for line in said.splitlines() if " " in line)
    missing = [name for name in pinned if offered.get(name, "(none)") in ("", "(none)")]
    if missing:
        raise CommandError(
            f"pins: expected the mirror of {base} to have {', '.join(missing)}, found no package of that name"
        )
    moved = {name: (version, offered[name]) for name, version in pinned.items() if version != offered[name]}
    _write(project.root / "locks" / "toolchain.toml", moved, ('\n{name} = "{version}"\n', '\n"{name}" = "{version}"\n'))
    _write(
        project.root / "Dockerfile",
        moved,
        ('"{name}={version} ', '"{name}={version}"', " {name}={version} ", ' {name}={version}"'),
    )
    return moved


def _write(path: Path, moved: Mapping[str, tuple[str, str]], forms: Sequence[str]) -> None:
    text = path.read_text(encoding="utf-8")
    for name, (old, new) in moved.items():
        for form in forms:
            text = text.replace(form.format(name=name, version=old), form.format(name=name, version=new))
    path.write_text(text, encoding="utf-8")
