"""Read and upgrade the pinned versions of the Debian packages that image builds install.

The pins are in locks/toolchain.toml and in the Dockerfile.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dev.command.errors import CommandError
from dev.doors.engine import Container, Engine
from dev.lockenv.project import Project

_INSTANT = re.compile(r"[0-9]{8}T[0-9]{6}Z")

# This script runs in a container of the base image, because image builds take their packages from the Debian of the
# base image, and not from the Debian of this machine. Each argument is RELEASE/PACKAGE. The script looks for PACKAGE in
# that Debian release, or in the base image's own release if RELEASE is empty.
_ASK = r"""
set -eu
apt-get update -qq
. /etc/os-release
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' "Codename: $VERSION_CODENAME" | head -n 1)
for asked in "$@"; do
  release=${asked%%/*} options='' folder=/tmp/${asked%%/*}
  if [ -n "$release" ]; then
    options="-o Dir::Etc::sourcelist=$folder/sources -o Dir::Etc::sourceparts=$folder/none"
    options="$options -o Dir::State::lists=$folder/lists -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache="
    if [ ! -e "$folder" ]; then
      mkdir -p "$folder/lists/partial" "$folder/none"
      signed=/usr/share/keyrings/debian-archive-keyring.gpg
      echo "deb [signed-by=$signed] $mirror $release main" > "$folder/sources"
      apt-get update -qq $options
    fi
  fi
  echo "$asked $(apt-cache $options policy "${asked#*/}" | sed -n 's/ *Candidate: //p')"
done
"""


def packages(project: Project) -> dict[str, dict[str, str]]:
    """Return a dict from each group of packages, for example `compiler`, to a dict from package to pinned version.

    Raises CommandError if a group is missing.
    """
    path = project.root / "locks" / "toolchain.toml"
    groups = {name: pins for name, pins in _debian(path).items() if isinstance(pins, dict) and name != "unpacked"}
    missing = [name for name in ("compiler", "python", "toolchain", "dev") if name not in groups]
    if missing:
        raise CommandError(f"{path}: expected the table [debian.{missing[0]}], found none; restore it from git")
    return {group: dict(pins) for group, pins in groups.items()}


def snapshot(project: Project) -> str:
    """Return the instant at which Debian's dated archive had every pinned version, for example 20261128T150000Z.

    Raises CommandError if the toolchain file has no such instant.
    """
    path = project.root / "locks" / "toolchain.toml"
    found = _debian(path).get("snapshot")
    if not isinstance(found, str) or not _INSTANT.fullmatch(found):
        raise CommandError(
            f"{path}: expected an instant such as 20261128T150000Z as snapshot in [debian], found {found!r}; restore "
            "it from git"
        )
    return found


def _debian(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        debian: dict[str, Any] = tomllib.load(file).get("debian", {})
    return debian


def versions(project: Project) -> dict[str, str]:
    """Return one dict from package to pinned version for all groups. Raises CommandError if a group is missing."""
    return {name: version for group in packages(project).values() for name, version in group.items()}


def unpacked(project: Project) -> dict[str, dict[str, str]]:
    """Return the pins of the Pythons that Debian 12 lacks, from the table [debian.unpacked].

    The result is a dict from each Debian release, for example `trixie`, to a dict from package to pinned version.
    """
    tables = _debian(project.root / "locks" / "toolchain.toml").get("unpacked", {}).values()
    found: dict[str, dict[str, str]] = {}
    for table in tables:
        found.setdefault(table["suite"], {}).update(table["packages"])
    return found


def move_pins(engine: Engine, project: Project, base: str) -> dict[str, tuple[str, str]]:
    """Upgrade every pin to the version that the mirror offers, in locks/toolchain.toml and in the Dockerfile.

    The mirror is the package mirror of the image `base`. If a pin changes, `snapshot`, the instant of the dated
    archive, becomes the present time. Return a dict from each upgraded package to its old and its new version; the key
    `snapshot` has the old and the new instant. Raises CommandError if the container fails, or if the mirror lacks a
    package.
    """
    releases = {"": versions(project), **unpacked(project)}
    pinned = {name: version for pins in releases.values() for name, version in pins.items()}
    wanted = [f"{release}/{name}" for release, pins in releases.items() for name in pins]
    asks = Container(base, ("-c", _ASK, "sh", *wanted), entrypoint="sh", user="0")
    said = engine.run(asks, purpose="asking the mirror of the base for its packages")
    rows = (line.split(" ", 1) for line in said.splitlines() if " " in line)
    offered = {asked.partition("/")[2]: version for asked, version in rows}
    missing = [name for name in pinned if offered.get(name, "(none)") in ("", "(none)")]
    if missing:
        raise CommandError(
            f"pins: expected the mirror of {base} to have {', '.join(missing)}, found no package of that name"
        )
    moved = {name: (version, offered[name]) for name, version in pinned.items() if version != offered[name]}
    if moved:
        moved["snapshot"] = (snapshot(project), f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    _write(project.root / "locks" / "toolchain.toml", moved, ('\n{name} = "{version}"\n', '"{name}" = "{version}"'))
    _write(
        project.root / "Dockerfile",
        moved,
        (
            '"{name}={version} ',
            '"{name}={version}"',
            " {name}={version} ",
            ' {name}={version}"',
            "DEBIAN_SNAPSHOT={version}\n",
        ),
    )
    return moved


def _write(path: Path, moved: Mapping[str, tuple[str, str]], forms: Sequence[str]) -> None:
    text = path.read_text(encoding="utf-8")
    for name, (old, new) in moved.items():
        for form in forms:
            text = text.replace(form.format(name=name, version=old), form.format(name=name, version=new))
    path.write_text(text, encoding="utf-8")
