"""Tests of the materials, the facts about the distributions in an environment."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from environment_builder import Environment

from dev.command.errors import CommandError
from dev.lockenv.project import Project
from dev.sbom.materials import Materials, read_materials


@pytest.fixture
def made(project: Project, tmp_path: Path) -> tuple[Project, Environment]:
    """Return a project with one environment, without a distribution, and that environment."""
    return replace(project, home=tmp_path), Environment(tmp_path / ".venv-v0.4")


def test_every_material_is_in_the_lock_with_its_version(project: Project, environments: dict[str, Materials]) -> None:
    for track, materials in environments.items():
        pins = set(re.findall(r"(?m)^([a-z0-9-]+)==(\S+)", project.lock(track).read_text()))
        assert len(materials.by_name) > 40
        assert [material for material in materials if (material.key, material.version) not in pins] == []


def test_a_material_has_the_metadata_and_the_licence_files_of_its_distribution(
    made: tuple[Project, Environment],
) -> None:
    project, environment = made
    info = "Sample.Name-1.0.dist-info"
    files = {f"{info}/licenses/sub/NOTICE": "", f"{info}/COPYING": "", "sample/LICENSE": "", f"{info}/RECORDED": ""}
    folder = environment.add("Sample.Name", "1.0", files, requires=["idna"], extra_metadata="Summary: what it is\n")
    (material,) = read_materials(project, "v0.4")
    assert (material.name, material.key, material.version, material.summary) == (
        "Sample.Name",
        "sample-name",
        "1.0",
        "what it is",
    )
    assert material.requires == ("idna",)
    assert material.files == ("COPYING", "licenses/sub/NOTICE")
    assert material.source is None
    (folder / "direct_url.json").write_text(
        '{"url": "https://example.com/x.git", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}}'
    )
    (material,) = read_materials(project, "v0.4")
    assert material.source == "git+https://example.com/x.git@c0ffee"
    (folder / "direct_url.json").write_text('{"url": "file:///x", "dir_info": {}}')
    (material,) = read_materials(project, "v0.4")
    assert material.source == "file:///x"


def test_the_markers_are_those_of_the_environment_s_python(project: Project, tmp_path: Path) -> None:
    (tmp_path / ".venv-v0.8-py313" / "lib" / "python3.13" / "site-packages").mkdir(parents=True)
    markers = read_materials(replace(project, home=tmp_path), "v0.8-py313").marker_environment
    assert (markers["python_version"], markers["python_full_version"]) == ("3.13", "3.13.0")


def test_a_missing_environment_is_an_error(project: Project, tmp_path: Path) -> None:
    with pytest.raises(
        CommandError, match=r"expected the environment of the track, found none; make it with: scripts/pi"
    ):
        read_materials(replace(project, home=tmp_path), "v0.4")
