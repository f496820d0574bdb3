"""Tests of finding the environments in an image: the one it starts, the one the user names, or all of them."""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from archives import Entry, docker_save, entry, folder, link
from archives import tar as packed

from envparity.errors import EnvparityError
from envparity.judge.report import Report
from envparity.judge.session import check_door
from envparity.project.config import Config
from envparity.snapshot.doors import Look
from envparity.snapshot.outside import Outside

BINARY = Path(sys.executable).resolve().read_bytes()
LIBRARIES = sorted(Path(sys.base_prefix, "lib").glob("libpython3.*.so.1.0"))
NAME = f"python3.{sys.version_info.minor}"
BASE = [
    entry(f"opt/base/bin/{NAME}", BINARY, mode=0o755),
    *(entry(f"opt/base/lib/{path.name}", path.read_bytes()) for path in LIBRARIES),
    link("opt/base/bin/python3", NAME),
    entry(f"opt/base/lib/{NAME}/os.py", b""),
]


def distribution(site: str, name: str) -> list[Entry]:
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode()
    return [entry(f"{site}/{name}-1.0.dist-info/METADATA", metadata), entry(f"{site}/{name}.py", b"")]


def venv(prefix: str, name: str) -> list[Entry]:
    return [
        entry(f"{prefix}/pyvenv.cfg", b"home = /opt/base/bin\n"),
        link(f"{prefix}/bin/python", "/opt/base/bin/python3"),
        *distribution(f"{prefix}/lib/{NAME}/site-packages", name),
    ]


IMAGE = packed(*BASE, *venv("app/.venv", "alpha"), *venv("srv/tool", "beta"), *distribution("opt/target", "gamma"))


def checked(tmp_path: Path, outside: Outside | None = None, environment: Mapping[str, str] | None = None) -> Report:
    path = tmp_path / "app.tar"
    if not path.exists():
        path.write_bytes(docker_save(IMAGE, environment=environment))
    look = Look(timeout=90, outside=outside or Outside())
    return check_door(Config(root=tmp_path), str(path), None, look, locked=False)


def names(report: Report) -> dict[str, set[str]]:
    return {
        door.name.partition("app.tar")[2]: {name for name, row in report.rows.items() if row[number] is not None}
        for number, door in enumerate(report.doors)
    }


@pytest.mark.parametrize(
    "environment",
    [
        {"VIRTUAL_ENV": "/app/.venv", "PATH": "/opt/base/bin"},
        {"PATH": "/none:relative:/app/.venv/bin:/srv/tool/bin"},
    ],
)
def test_the_environment_that_the_image_starts_is_checked_and_the_others_are_named(
    environment: dict[str, str], tmp_path: Path
) -> None:
    report = checked(tmp_path, environment=environment)
    assert names(report) == {"": {"alpha"}}
    assert report.doors[0].others == ("/opt/target", "/srv/tool")
    assert report.doors[0].level == "outside"


def test_the_user_names_the_environment(tmp_path: Path) -> None:
    assert names(checked(tmp_path, Outside(prefix="/srv/tool"))) == {"": {"beta"}}
    assert names(checked(tmp_path, Outside(prefix="srv/tool/"))) == {"": {"beta"}}
    assert names(checked(tmp_path, Outside(prefix="/opt/target", python="3.12"))) == {"": {"gamma"}}


def test_all_environments_are_checked_each_with_its_own_name(tmp_path: Path) -> None:
    everything = {":/app/.venv": {"alpha"}, ":/srv/tool": {"beta"}, ":/opt/target": {"gamma"}}
    assert names(checked(tmp_path, Outside(every=True, python="3.11"))) == everything


def test_the_wheels_that_an_installer_unpacked_in_its_cache_are_no_environment(tmp_path: Path) -> None:
    """A cache has the file of the Cache Directory Tagging Specification, as that of uv."""
    cached = distribution("root/.cache/uv/archive-v0/x1", "delta")
    tagged = packed(*BASE, *venv("app/.venv", "alpha"), *cached, entry("root/.cache/uv/CACHEDIR.TAG", b""))
    untagged = packed(*BASE, *venv("app/.venv", "alpha"), *cached)
    for image, others in ((tagged, ()), (untagged, ("/root/.cache/uv/archive-v0/x1",))):
        path = tmp_path / f"{len(others)}.tar"
        path.write_bytes(docker_save(image, environment={"VIRTUAL_ENV": "/app/.venv"}))
        report = check_door(Config(root=tmp_path), str(path), None, Look(timeout=90, outside=Outside()), locked=False)
        assert report.doors[0].others == others


def test_an_image_that_starts_no_python_is_read_as_a_whole(tmp_path: Path) -> None:
    report = checked(tmp_path, environment={"PATH": "/nothing"})
    assert names(report) == {":/app/.venv": {"alpha"}, ":/srv/tool": {"beta"}}
    assert report.doors[0].others == ("/opt/target",)


@pytest.mark.parametrize(
    ("outside", "found"),
    [
        (Outside(prefix="/none"), "expected a folder with an environment at /none, found none"),
        (Outside(prefix="/srv"), "expected a Python of Linux in /srv/bin, or installed distributions in /srv"),
        (Outside(prefix="/opt/target"), "which has no interpreter, found none; add --python VERSION"),
        (Outside(prefix="/opt/target", python="three"), "--python: expected a version such as 3.12"),
    ],
)
def test_a_wrong_choice_of_an_environment_is_one_clear_error(outside: Outside, found: str, tmp_path: Path) -> None:
    with pytest.raises(EnvparityError, match=found):
        checked(tmp_path, outside)


def test_an_image_without_any_environment_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "app.tar").write_bytes(docker_save(packed(folder("etc"), entry("etc/passwd", b""))))
    with pytest.raises(EnvparityError, match="expected an environment, found no Python and no installed distribution"):
        checked(tmp_path)


def test_the_version_of_a_folder_without_an_interpreter_decides_about_its_files(tmp_path: Path) -> None:
    report = checked(tmp_path, Outside(prefix="/opt/target", python="3.12.4"))
    assert report.doors[0].python == "cpython 3.12.4"
