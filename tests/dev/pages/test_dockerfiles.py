"""Tests of the Dockerfiles of the further tracks: they are up to date, and differ from Dockerfile only in the track.

A track is one pinned version of py-libp2p on one Python.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.project import Project
from dev.pages.dockerfiles import dockerfiles


def test_each_further_track_with_a_released_library_has_an_up_to_date_dockerfile(project: Project) -> None:
    made = dockerfiles(project)
    assert list(made) == ["docker/v0.8.Dockerfile", "docker/v0.8-py313.Dockerfile"]
    for name, text in made.items():
        assert (project.root / name).read_text() == text, "write it again with scripts/docs"


def test_only_the_head_the_track_and_the_version_differ(project: Project) -> None:
    source = (project.root / "Dockerfile").read_text().splitlines()
    for track in ("v0.8", "v0.8-py313"):
        series = project.pythons[track]
        python = [
            f"ARG PYTHON={series}",
            f"ARG BASE_IMAGE=pinned-{series}",
            f"FROM ${{BASE_IMAGE:-pinned-{series}}} AS base",
        ]
        text = dockerfiles(project)[f"docker/{track}.Dockerfile"]
        changed = [line for line in text.splitlines() if line not in source and not line.startswith("#")]
        expected = {f"ARG TRACK={track}", "ARG LOCK=v0.8", "ARG LIBRARY_VERSION=0.8.1"}
        assert set(changed) == expected.union(python if series != project.toolchain.python_series else ())


def test_a_dockerfile_without_the_default_track_is_an_error(project: Project, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("ARG PYTHON=3.11\nARG TRACK=v0.3\n")
    (tmp_path / "locks").symlink_to(project.root / "locks")
    with pytest.raises(CommandError, match=r"expected `ARG TRACK=v0\.4` once in Dockerfile, found 0 times"):
        dockerfiles(replace(project, root=tmp_path))
