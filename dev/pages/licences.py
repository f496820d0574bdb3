"""docs/reference/licences.md: the licences of the distributions in the images, read from the tracks' environments.

A track is one version of py-libp2p on one Python, with its own environment and image.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dev.command.errors import CommandError
from dev.doors.bases import pinned_base
from dev.lockenv.project import Project
from dev.pages.templates import render_template
from dev.sbom.materials import Material, Materials, make_materials
from envparity.project.config import find_config
from envparity.text import listed

_PYTHON = re.compile(r":(3\.[0-9.]+)-")
# Anyone who distributes a library with one of these licences must do more than keep the notices.
_COPYLEFT = re.compile(r"\b(A?GPL|LGPL|MPL|EPL|CDDL|EUPL)\b")


@dataclass(frozen=True)
class Row:
    """One distribution with one licence.

    `versions` has its version in each track. The version is empty if the track lacks the distribution, or has it with
    another licence or with other licence files.
    """

    material: Material
    versions: tuple[str, ...]

    @property
    def label(self) -> str:
        """Return the name and the versions, each version once."""
        return f"{self.material.name} {' and '.join(sorted({one for one in self.versions if one}))}"


def render(project: Project) -> str:
    """Return the text of the page; first make the tracks' environments if they are missing.

    Raises CommandError if an environment cannot be made, or lacks a distribution that the image has.
    """
    return licences_page(project, make_materials(project))


def licences_page(project: Project, environments: Mapping[str, Materials]) -> str:
    """Return the text of the page; `environments` has the distributions of each track's environment.

    Raises CommandError if an environment lacks a distribution that the image has.
    """
    tracks = tuple(environments)
    shipped = {track: dict(_shipped(project, track, materials)) for track, materials in environments.items()}
    rows = list(_rows(shipped, tracks))
    copyleft = defaultdict(list)
    for row in rows:
        if _COPYLEFT.search(row.material.licence.shown):
            copyleft[row.material.licence.shown].append(row.label)
    return render_template(
        "licences.md.j2",
        tracks=tracks,
        rows=rows,
        counts=_counts(rows),
        copyleft=sorted(copyleft.items()),
        unclear=[row for row in rows if row.material.licence.spdx is None],
        bare=[row.label for row in rows if not row.material.files],
        others=listed([f"`{track}`" for track in project.tracks if track not in tracks]),
        base=pinned_base(project).partition("@")[0],
        python=project.toolchain.python_series,
    )


def _shipped(project: Project, track: str, materials: Materials) -> Iterator[tuple[str, Material]]:
    """Yield the name of each distribution in the image, and its `Material`: its version, licence and other metadata.

    The image can have another interpreter than this machine's environments. Therefore some variables of the
    requirement markers, such as `platform_machine`, get the values that they have in the image.
    """
    base = pinned_base(project)
    python = _PYTHON.search(base)
    if python is None:
        raise CommandError(f"Dockerfile: expected a base that names its Python, found {base}")
    lock = find_config(project.root).lock(track)
    markers = materials.marker_environment | {
        "platform_machine": "x86_64",
        "platform_system": "Linux",
        "python_full_version": python[1],
        "sys_platform": "linux",
    }
    for name in sorted(lock.for_environment(markers) if lock else ()):
        if name not in materials.by_name:
            raise CommandError(
                f"{project.environment(track)}: expected {name}, which the image has, found none; make this page on "
                "Linux, with the same minor version of Python as in the image"
            )
        yield name, materials.by_name[name]


def _rows(shipped: Mapping[str, Mapping[str, Material]], tracks: tuple[str, ...]) -> Iterator[Row]:
    """Yield the rows. The tracks in which a distribution has the same licence and licence files share one row."""
    for name in sorted({name for materials in shipped.values() for name in materials}):
        alike: dict[object, dict[str, Material]] = {}
        for track in tracks:
            if (material := shipped[track].get(name)) is not None:
                alike.setdefault((material.licence, material.files), {})[track] = material
        for materials in alike.values():
            versions = tuple(materials[track].version if track in materials else "" for track in tracks)
            yield Row(next(iter(materials.values())), versions)


def _counts(rows: list[Row]) -> list[tuple[str, int]]:
    """Return pairs of a licence and its number of distributions, the largest number first."""
    names: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        names[row.material.licence.shown].add(row.material.key)
    return sorted(((shown, len(found)) for shown, found in names.items()), key=lambda one: (-one[1], one[0]))
