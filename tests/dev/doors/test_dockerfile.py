"""Tests of the texts of the Dockerfile, .dockerignore and compose.yaml; they need no Docker engine."""

import re

import pytest
import yaml

from dev.doors.bases import pinned_base
from dev.doors.image import make_plan
from dev.lockenv.project import Project


def test_the_base_is_pinned_and_the_last_stage_runs_no_command(project: Project) -> None:
    text = (project.root / "Dockerfile").read_text()
    for python in map(re.escape, project.pythons_of("tools")):
        assert re.search(
            rf"(?m)^FROM python:{python}\.\d+-slim-bookworm@sha256:[0-9a-f]{{64}} AS pinned-{python}$", text
        )
    assert not text.startswith("# syntax=")
    last = text.partition("AS runtime")[2]
    assert [line.split()[0] for line in last.splitlines() if line and line[0].isupper()] == [
        *("ARG", "ARG", "COPY", "COPY", "ENV", "WORKDIR", "USER", "LABEL", "ENTRYPOINT")
    ]


@pytest.mark.parametrize(
    ("name", "track"),
    [("Dockerfile", "v0.4"), ("docker/v0.8.Dockerfile", "v0.8"), ("docker/v0.8-py313.Dockerfile", "v0.8-py313")],
)
def test_the_dockerfiles_defaults_equal_the_arguments_of_scripts_image(project: Project, name: str, track: str) -> None:
    """A test harness of libp2p builds the image without arguments and must get the same image."""
    text = (project.root / name).read_text()
    given = {name: value.strip('"') for name, value in re.findall(r"(?m)^ARG ([A-Z_]+)=(.+)$", text)}
    del given["CACHES"]
    base = f"pinned-{project.pythons[track]}"
    assert given["BASE_IMAGE"] == base
    assert f"\nFROM ${{BASE_IMAGE:-{base}}} AS base\n" in text
    assert f"\nFROM {pinned_base(project, track)} AS {base}\n" in text
    assert make_plan(project, track, base).arguments == given


def test_a_changed_dependency_does_not_wait_for_cmake_and_git(project: Project) -> None:
    text = (project.root / "Dockerfile").read_text()
    assert "FROM compiler AS source-locked" in text
    assert "FROM source-${LIBRARY} AS locked" in text


def test_a_copy_of_the_library_is_ignored(project: Project) -> None:
    for name in (".dockerignore", ".gitignore"):
        assert "py-libp2p-*.zip" in (project.root / name).read_text().splitlines()
    assert "*" in (project.root / ".dockerignore").read_text().splitlines()


def test_compose_allows_only_what_the_roles_need(project: Project) -> None:
    services = yaml.safe_load((project.root / "compose.yaml").read_text())["services"]
    assert set(services) == {"redis", "listener", "dialer"}
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert (services["dialer"]["environment"]["IS_DIALER"], services["listener"]["init"]) == ("true", True)
