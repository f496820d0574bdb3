"""Tests that docs/reference/licences.md agrees with the distributions in the environments."""

import re
from dataclasses import replace

import pytest

from dev.command.errors import CommandError
from dev.doors.sources import list_sources
from dev.lockenv.project import Project
from dev.pages.licences import licences_page
from dev.sbom.licence import UNSAID
from dev.sbom.materials import Materials, make_materials


@pytest.fixture(scope="module")
def environments(project: Project) -> dict[str, Materials]:
    """Return a dict from track to the distributions in its environment.

    A track is one pinned version of libp2p, such as v0.4. The tracks that use a commit of libp2p are left out,
    because they need a git host.
    """
    return make_materials(project)


@pytest.mark.parametrize("track", ["v0.4", "v0.8"])
def test_the_page_has_every_distribution_once_with_its_version(
    project: Project, environments: dict[str, Materials], track: str
) -> None:
    rows = [
        [cell.strip().replace("&#95;", "_") for cell in line.split("|")[1:-1]]
        for line in (project.root / "docs" / "reference" / "licences.md").read_text().splitlines()
        if line.count("|") == 8
    ]
    column = rows[0].index(f"`{track}`")
    told = {row[0]: row[column] for row in rows[2:] if row[column]}
    found = {material.name: material.version for material in environments[track]}
    # async-timeout is required only before Python 3.11.3. The page describes the image, whose Python is later. This
    # machine's Python may be earlier.
    found.pop("async-timeout", None)
    assert told == found


def test_every_licence_file_exists(project: Project, environments: dict[str, Materials]) -> None:
    for track, materials in environments.items():
        (site,) = project.environment(track).glob("lib/*/site-packages")
        for material in materials:
            for name in material.files:
                assert len(list(site.glob(f"*.dist-info/{name}"))) > 0


def test_the_page_names_distributions_without_a_licence_file_and_with_copyleft(
    project: Project, environments: dict[str, Materials]
) -> None:
    text = (project.root / "docs" / "reference" / "licences.md").read_text()
    for materials in environments.values():
        for material in materials:
            if not material.files:
                assert re.search(rf"{material.name} {re.escape(material.version)}[, .]", text)
    gpl = replace(UNSAID, said="GPL-3.0-only", spdx="GPL-3.0-only")
    changed = {
        track: replace(
            materials,
            by_name={
                **materials.by_name,
                "idna": replace(materials.by_name["idna"], licence=UNSAID, files=()),
                "six": replace(materials.by_name["six"], licence=gpl),
            },
        )
        for track, materials in environments.items()
    }
    text = licences_page(project, changed)
    assert "The metadata of idna 3.20 only says `nothing`" in text
    assert re.search(r"install no licence text:[^:]*\bidna 3\.20\b", text)
    assert "- six 1.17.0: if you distribute the image, the licence GPL-3.0-only asks you to do more than" in text


def test_an_environment_that_lacks_a_distribution_of_the_image_is_an_error(
    project: Project, environments: dict[str, Materials]
) -> None:
    materials = environments["v0.4"]
    less = replace(
        materials, by_name={name: material for name, material in materials.by_name.items() if name != "trio"}
    )
    with pytest.raises(
        CommandError, match=r"\.venv-v0\.4: expected trio, which the image has, found none; make this page on Linux"
    ):
        licences_page(project, {"v0.4": less})


def test_the_image_has_the_projects_own_licence(project: Project) -> None:
    assert re.search(r"(?m)^COPY .*\bLICENSE\b.* /staged/app/$", (project.root / "Dockerfile").read_text())
    assert "LICENSE" in list_sources(project.root)
