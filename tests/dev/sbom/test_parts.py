"""The distributions of an environment."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from environment_builder import Environment

from dev.command.errors import CommandError
from dev.lockenv.project import Project
from dev.sbom.parts import Parts, read_parts


@pytest.fixture
def made(project: Project, tmp_path: Path) -> tuple[Project, Environment]:
    """A project with one environment, of no distribution."""
    return replace(project, home=tmp_path), Environment(tmp_path / ".venv-v0.4")


def test_every_part_is_one_of_the_lock_in_that_version(project: Project, environments: dict[str, Parts]) -> None:
    for track, parts in environments.items():
        pins = set(re.findall(r"(?m)^([a-z0-9-]+)==(\S+)", project.lock(track).read_text()))
        assert len(parts.by_name) > 40
        assert [part for part in parts if (part.key, part.version) not in pins] == []


def test_what_a_distribution_says_and_brings(made: tuple[Project, Environment]) -> None:
    project, environment = made
    info = "Sample.Name-1.0.dist-info"
    files = {f"{info}/licenses/sub/NOTICE": "", f"{info}/COPYING": "", "sample/LICENSE": "", f"{info}/RECORDED": ""}
    folder = environment.add("Sample.Name", "1.0", files, requires=["idna"], extra_metadata="Summary: what it is\n")
    (part,) = read_parts(project, "v0.4")
    assert (part.name, part.key, part.version, part.summary) == ("Sample.Name", "sample-name", "1.0", "what it is")
    assert part.requires == ("idna",)
    assert part.files == ("COPYING", "licenses/sub/NOTICE")
    assert part.source is None
    (folder / "direct_url.json").write_text(
        '{"url": "https://example.com/x.git", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}}'
    )
    (part,) = read_parts(project, "v0.4")
    assert part.source == "git+https://example.com/x.git@c0ffee"
    (folder / "direct_url.json").write_text('{"url": "file:///x", "dir_info": {}}')
    (part,) = read_parts(project, "v0.4")
    assert part.source == "file:///x"


def test_an_environment_that_is_not_there(project: Project, tmp_path: Path) -> None:
    with pytest.raises(
        CommandError, match=r"expected the environment of the track, found none; make it with scripts/pi"
    ):
        read_parts(replace(project, home=tmp_path), "v0.4")
