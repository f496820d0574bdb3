"""Tests of building wheels again: they have the bytes that lockenv installed, and are built only if something changed.

A track is one pinned version of libp2p on one Python.
"""

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import Project
from dev.lockenv.rebuild import rebuild

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]


@pytest.mark.slow
def test_the_wheels_have_the_bytes_that_are_installed(project: Project, tmp_path: Path) -> None:
    maker = EnvironmentMaker(project)
    (site,) = maker.track("v0.4").parents[1].glob("lib/*/site-packages")
    folder = tmp_path / "built"
    rebuild(maker, "v0.4", folder)
    wheels = sorted(folder.glob("*.whl"))
    assert [path.name.partition("-")[0] for path in wheels] == sorted(
        name.replace("-", "_") for name in maker.locks.read("v0.4").built
    )
    for path in wheels:
        with zipfile.ZipFile(path) as wheel:
            for name in wheel.namelist():
                if not name.endswith("/RECORD"):
                    assert wheel.read(name) == (site / name).read_bytes(), name
    times = [path.stat().st_mtime_ns for path in wheels]
    rebuild(maker, "v0.4", folder)
    assert [path.stat().st_mtime_ns for path in wheels] == times, "nothing has changed"


def test_an_unknown_track_is_an_error(project: Project, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^track: expected one of "):
        rebuild(EnvironmentMaker(replace(project, home=tmp_path)), "v9", tmp_path / "built")
