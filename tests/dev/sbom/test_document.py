"""docs/licences.md, held against the environments."""

import re
import subprocess
from dataclasses import replace

import pytest

from dev.command.errors import CommandError
from dev.lockenv.project import Project
from dev.sbom.document import document, tracks_of
from dev.sbom.licence import UNSAID
from dev.sbom.parts import Parts


def test_it_is_what_the_environments_say(project: Project, environments: dict[str, Parts]) -> None:
    assert (project.root / "docs" / "licences.md").read_text() == document(project, environments)


@pytest.mark.parametrize("track", ["v0.4", "v0.8"])
def test_every_distribution_is_told_of_once_with_its_version(
    project: Project, environments: dict[str, Parts], track: str
) -> None:
    rows = [
        [cell.strip().replace("&#95;", "_") for cell in line.split("|")[1:-1]]
        for line in (project.root / "docs" / "licences.md").read_text().splitlines()
        if line.count("|") == 8
    ]
    column = rows[0].index(f"`{track}`")
    told = {row[0]: row[column] for row in rows[2:] if row[column]}
    found = {part.name: part.version for part in environments[track]}
    # Its requirement ends with Python 3.11.3, and the image's is later; this machine's may be or not.
    found.pop("async-timeout", None)
    assert told == found


def test_every_licence_file_is_there(project: Project, environments: dict[str, Parts]) -> None:
    for track, parts in environments.items():
        (site,) = project.environment(track).glob("lib/*/site-packages")
        for part in parts:
            for name in part.files:
                assert len(list(site.glob(f"*.dist-info/{name}"))) > 0


def test_what_has_none_or_asks_for_more_is_told(project: Project, environments: dict[str, Parts]) -> None:
    text = (project.root / "docs" / "licences.md").read_text()
    for parts in environments.values():
        for part in parts:
            if not part.files:
                assert re.search(rf"{part.name} {re.escape(part.version)}[, .]", text)
    changed = {
        track: Parts(
            {
                **parts.by_name,
                "idna": replace(parts.by_name["idna"], licence=UNSAID, files=()),
                "six": replace(parts.by_name["six"], licence=replace(UNSAID, said="GPL-3.0-only", spdx="GPL-3.0-only")),
            }
        )
        for track, parts in environments.items()
    }
    text = document(project, changed)
    assert "idna 3.20 says no more than `nothing`" in text
    assert re.search(r"for none is installed:\n.*\bidna 3\.20\b", text)
    assert "GPL-3.0-only asks for more than that its notices are kept: six 1.17.0." in text


def test_an_environment_that_lacks_what_the_image_has(project: Project, environments: dict[str, Parts]) -> None:
    parts = environments["v0.4"]
    less = Parts({name: part for name, part in parts.by_name.items() if name != "trio"})
    with pytest.raises(
        CommandError, match=r"\.venv-v0\.4: expected trio, which the image has, found none; make the li"
    ):
        document(project, {"v0.4": less})


def test_the_tracks_that_need_no_git_host(project: Project) -> None:
    assert tracks_of(project) == ("v0.4", "v0.8")


def test_the_image_has_the_projects_own_licence(project: Project) -> None:
    assert re.search(r"(?m)^COPY .*\bLICENSE\b.* /staged/app/$", (project.root / "Dockerfile").read_text())
    assert subprocess.run(["git", "check-ignore", "-q", "LICENSE"], cwd=project.root, check=False).returncode == 1
