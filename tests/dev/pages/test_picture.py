"""Tests of the pictures in docs/pictures/: two pictures of a report of envparity, and a drawing of the doors.

A door is one way into the project's environment: venv, docker, devcontainer or nix.
"""

import re
import struct
import tomllib
from pathlib import Path

import pytest
from chromium import PROGRAM

from dev.command.errors import CommandError
from dev.lockenv.project import Project
from dev.pages.picture import HEIGHT, SCHEMES, WIDTH, take, take_pictures


def size_of(png: Path) -> tuple[int, int]:
    data = png.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


@pytest.mark.parametrize("name", SCHEMES)
def test_each_picture_exists_and_is_small(project: Project, name: str) -> None:
    picture = project.root / "docs" / "pictures" / name
    assert size_of(picture) == (WIDTH, HEIGHT)
    assert 10_000 < picture.stat().st_size < 150_000


@pytest.mark.browser
def test_the_light_and_the_dark_picture_differ(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<meta name=color-scheme content='light dark'><body>a page")
    assert PROGRAM is not None
    light, dark = (take(PROGRAM, page, tmp_path / name, scheme) for name, scheme in SCHEMES.items())
    assert size_of(light) == size_of(dark) == (WIDTH, HEIGHT)
    assert light.read_bytes() != dark.read_bytes()


@pytest.mark.browser
def test_a_picture_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    assert PROGRAM is not None
    with pytest.raises(CommandError, match=r"expected "):
        take(PROGRAM, tmp_path / "page.html", tmp_path / "none" / "x.png", "1")


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.network
@pytest.mark.timeout(600)
def test_the_picture_shows_the_incident(project: Project, tmp_path: Path) -> None:
    taken = take_pictures(project, tmp_path)
    assert [path.name for path in taken] == list(SCHEMES)
    assert all(size_of(path) == (WIDTH, HEIGHT) for path in taken)


def test_the_drawing_has_every_door(project: Project) -> None:
    with (project.root / "pyproject.toml").open("rb") as file:
        doors = tomllib.load(file)["tool"]["envparity"]["doors"]
    text = (project.root / "docs" / "pictures" / "doors.svg").read_text(encoding="utf-8")
    assert re.findall(r'class="name"[^>]*y="152">([^<]+)<', text) == list(doors)
    assert project.lock(project.default_track).relative_to(project.root).as_posix() in text
