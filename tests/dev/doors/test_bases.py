"""Tests of the choice of the base image and the Redis image: named by a person, pinned here, or a stand-in.

A stand-in is an image that this machine makes when it cannot pull the pinned image.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from programs import asked, line_of, recorded

from dev.doors.bases import find_base, find_redis, pinned_base, pinned_redis
from dev.doors.engine import Engine
from dev.doors.offline.images import REDIS, python_image
from dev.lockenv.project import Project

PYTHON = python_image("3.11")


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BASE_IMAGE", "REDIS_IMAGE"):
        monkeypatch.delenv(name, raising=False)


def fake(folder: Path, body: str) -> Engine:
    """Return an engine whose docker runs the shell code `body` and records its arguments in `folder`."""
    return Engine(str(recorded(folder, "docker", body)))


def here(*names: str) -> str:
    """Return the shell code of a docker that has the images `names` and cannot pull any image."""
    cases = "".join(f'*" {name}") echo sha256:{"0" * 64}; exit ;; ' for name in names)
    return f'case "$1 $2 $5" in {cases}esac\necho "no such host" >&2; exit 1'


def test_the_pinned_base_is_in_the_dockerfile(project: Project) -> None:
    base = pinned_base(project)
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm@sha256:[0-9a-f]{64}", base)
    text = (project.root / "Dockerfile").read_text()
    # The pinned image must be in the first FROM line, because Dependabot updates only that line. An empty BASE_IMAGE
    # counts as unset.
    assert next(line for line in text.splitlines() if line.startswith("FROM ")) == f"FROM {base} AS pinned-3.11"
    assert "\nARG BASE_IMAGE=pinned-3.11\n" in text
    assert "\nFROM ${BASE_IMAGE:-pinned-3.11} AS base\n" in text


def test_a_file_without_a_pin_is_an_error(project: Project, tmp_path: Path) -> None:
    text = (project.root / "Dockerfile").read_text()
    (tmp_path / "Dockerfile").write_text(text.replace(" AS pinned-3.11\n", " AS another\n"))
    (tmp_path / "compose.yaml").write_text("services: {}\n")
    other = replace(project, root=tmp_path)
    said = line_of(lambda: pinned_base(other))
    assert said == "Dockerfile: expected FROM IMAGE@DIGEST AS pinned-3.11, found none; restore it from git"
    said = line_of(lambda: pinned_redis(other))
    assert said == "compose.yaml: expected image: ${REDIS_IMAGE:-IMAGE@DIGEST}, found none; restore it from git"


def test_a_given_base_comes_first(project: Project, tmp_path: Path) -> None:
    engine = fake(tmp_path, here("mine:1", pinned_base(project), PYTHON.tag))
    assert find_base(engine, project, "mine:1") == ("mine:1", None)
    assert all("pull" not in line for line in asked(tmp_path))


def test_a_given_base_is_pulled_if_it_is_missing(project: Project, tmp_path: Path) -> None:
    engine = fake(tmp_path, 'test "$1" = pull')
    assert find_base(engine, project, "mine:1") == ("mine:1", None)
    assert asked(tmp_path)[-1] == "pull --quiet mine:1"


def test_a_given_base_that_is_missing_is_an_error(project: Project, tmp_path: Path) -> None:
    engine = fake(tmp_path, here(pinned_base(project), PYTHON.tag))
    said = line_of(lambda: find_base(engine, project, "mine:1"))
    assert said == "base: expected mine:1 on this machine or in its registry: no such host"


@pytest.mark.parametrize("wanted", [None, ""])
def test_the_pinned_base_comes_before_a_stand_in(project: Project, tmp_path: Path, wanted: str | None) -> None:
    pinned = pinned_base(project)
    assert find_base(fake(tmp_path, here(pinned, PYTHON.tag)), project, wanted) == (pinned, None)


def test_a_stand_in_is_reported_and_no_image_is_pulled(project: Project, tmp_path: Path) -> None:
    base, remark = find_base(fake(tmp_path, here(PYTHON.tag)), project, None)
    assert base == PYTHON.tag
    assert remark == f"the base is a stand-in made of Debian's packages, {PYTHON.tag}, not {pinned_base(project)}"
    assert all("pull" not in line for line in asked(tmp_path))


def test_the_pinned_base_is_pulled_if_there_is_no_stand_in(project: Project, tmp_path: Path) -> None:
    pinned = pinned_base(project)
    assert find_base(fake(tmp_path, 'test "$1" = pull'), project, None) == (pinned, None)
    assert asked(tmp_path)[-1] == f"pull --quiet {pinned}"


def test_no_base_at_all_is_an_error_that_names_the_stand_ins(project: Project, tmp_path: Path) -> None:
    said = line_of(lambda: find_base(fake(tmp_path, here()), project, None))
    assert said == (
        f"base: expected to pull {pinned_base(project)}: no such host; without an image registry, make a stand-in "
        "with: scripts/offline images"
    )


def test_a_variable_can_name_the_image(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = fake(tmp_path, here("mine:1", "mine:2", PYTHON.tag, REDIS.tag))
    assert find_redis(engine, project) == REDIS.tag
    monkeypatch.setenv("BASE_IMAGE", "mine:1")
    monkeypatch.setenv("REDIS_IMAGE", "mine:2")
    assert find_base(engine, project) == ("mine:1", None)
    assert find_redis(engine, project) == "mine:2"
