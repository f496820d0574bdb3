"""Read and upgrade the pinned versions of the Debian packages that image builds install.

The pins are in locks/toolchain.toml and in the Dockerfile.
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from dev.command.errors import CommandError
from dev.doors.engine import Container, Engine
from dev.lockenv.project import Project

# This script runs in a container of the base image, because image builds take their packages from the Debian of the
# base image, and not from the Debian of this machine.
_ASK = """
apt-get update -qq
for name in "$0" "$@"; do echo "$name $(apt-cache policy "$name" | sed -n 's/ *Candidate: //p')"; done
"""


def packages(project: Project) -> dict[str, dict[str, str]]:
    """Return a dict from each group of packages, for example `compiler`, to a dict from package to pinned version.

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
    """Return one dict from package to pinned version for all groups. Raises CommandError if a group is missing."""
    return {name: version for group in packages(project).values() for name, version in group.items()}


def move_pins(engine: Engine, project: Project, base: str) -> dict[str, tuple[str, str]]:
    """Upgrade every pin to the version that the mirror offers, in locks/toolchain.toml and in the Dockerfile.

    The mirror is the package mirror of the image `base`. Return a dict from each upgraded package to its old version
    and its new version. Raises CommandError if the mirror cannot be asked or lacks a package.
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
