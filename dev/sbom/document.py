"""docs/licences.md: what the images ship, and under which licences, as the environments of the tracks say."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from packaging.markers import default_environment

from dev.command.errors import CommandError
from dev.doors.bases import pinned_base
from dev.lockenv.project import Project
from dev.sbom.parts import Part, Parts
from envparity.project.config import find_config
from envparity.render.prose import cell
from envparity.render.words import listed

_PYTHON = re.compile(r":(3\.[0-9.]+)-")
# Licences that ask something of who passes the library on, beside keeping the notices.
_COPYLEFT = re.compile(r"\b(A?GPL|LGPL|MPL|EPL|CDDL|EUPL)\b")


@dataclass(frozen=True)
class Row:
    """One distribution; `versions` has that of each track, empty where the track is without."""

    part: Part
    versions: tuple[str, ...]

    @property
    def label(self) -> str:
        """Name and version, each version once."""
        return f"{self.part.name} {' and '.join(sorted({one for one in self.versions if one}))}"


def tracks_of(project: Project) -> tuple[str, ...]:
    """The tracks that are told of: those that no git host is needed for."""
    return tuple(track for track in project.tracks if track not in project.git_libraries)


def document(project: Project, environments: Mapping[str, Parts]) -> str:
    """The document; CommandError where an environment lacks what the image has."""
    tracks = tuple(environments)
    shipped = {track: dict(_shipped(project, track, parts)) for track, parts in environments.items()}
    rows = list(_rows(shipped, tracks))
    copyleft = defaultdict(list)
    for row in rows:
        if _COPYLEFT.search(row.part.licence.shown):
            copyleft[row.part.licence.shown].append(row.label)
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=False,  # noqa: S701 - Markdown, whose cells are escaped one by one
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters |= {"cell": cell, "listed": listed}
    return templates.get_template("licences.md.j2").render(
        tracks=tracks,
        rows=rows,
        counts=_counts(rows),
        copyleft=sorted(copyleft.items()),
        unclear=[row for row in rows if row.part.licence.spdx is None],
        bare=[row.label for row in rows if not row.part.files],
        others=listed([f"`{track}`" for track in project.tracks if track not in tracks]),
        base=pinned_base(project).partition("@")[0],
    )


def _shipped(project: Project, track: str, parts: Parts) -> Iterator[tuple[str, Part]]:
    """What of an environment the image has as well: its interpreter is another, and so are some markers."""
    base = pinned_base(project)
    python = _PYTHON.search(base)
    if python is None:
        raise CommandError(f"Dockerfile: expected a base that names its Python, found {base}")
    lock = find_config(project.root).lock(track)
    markers = {name: str(value) for name, value in default_environment().items()} | {
        "platform_machine": "x86_64",
        "platform_system": "Linux",
        "python_full_version": python[1],
        "sys_platform": "linux",
    }
    for name in sorted(lock.for_environment(markers) if lock else ()):
        if name not in parts.by_name:
            raise CommandError(
                f"{project.environment(track)}: expected {name}, which the image has, found none; make the licences on "
                "a Linux with a Python of the image's line"
            )
        yield name, parts.by_name[name]


def _rows(shipped: Mapping[str, Mapping[str, Part]], tracks: tuple[str, ...]) -> Iterator[Row]:
    """A row for what tracks say alike of one distribution, whatever its versions."""
    for name in sorted({name for parts in shipped.values() for name in parts}):
        alike: dict[object, dict[str, Part]] = {}
        for track in tracks:
            if (part := shipped[track].get(name)) is not None:
                alike.setdefault((part.licence, part.files), {})[track] = part
        for parts in alike.values():
            versions = tuple(parts[track].version if track in parts else "" for track in tracks)
            yield Row(next(iter(parts.values())), versions)


def _counts(rows: list[Row]) -> list[tuple[str, int]]:
    """How many distributions are under each licence, the most first."""
    names: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        names[row.part.licence.shown].add(row.part.key)
    return sorted(((shown, len(found)) for shown, found in names.items()), key=lambda one: (-one[1], one[0]))
