"""Tests that environments from one lock have the same snapshot at every path.

A snapshot has the recorded facts about an environment. The tests ignore the fields that may contain paths.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from probing import comparable

from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import Project
from envparity.project.config import Config
from envparity.snapshot.doors import Door, Look, snapshot_bytes
from envparity.snapshot.types import decode_snapshot

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]
# The second path is so long that shebangs and file names in bytecode take their long forms. The third needs quotes.
PLACES = ["here", "long-" * 30 + "/" + "longer-" * 20, "with a space"]


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory, project: Project) -> list[bytes]:
    """Return the snapshot of an environment at each place.

    Each environment is installed from the lock of the default track. A track is one version of py-libp2p on one Python.
    """
    found = []
    maker = EnvironmentMaker(project)
    installer = maker.installer(builds=True)
    for place in PLACES:
        folder = tmp_path_factory.mktemp("places") / place
        subprocess.run([maker.interpreter.path, "-I", "-m", "venv", "--without-pip", folder], check=True)
        python = folder / "bin" / "python"
        installer.sync(python, [project.lock(project.default_track)])
        found.append(snapshot_bytes(Door(place, (str(python),)), Config(root=folder), None, Look(behaviour=False)))
    return found


def differences(one: Any, other: Any) -> dict[str, Any]:
    """Return a dict from each field or file that differs between two decoded snapshots to its two values."""
    found = {part: (one[part], other[part]) for part in one if part != "files" and one[part] != other[part]}
    files, others = one["files"], other["files"]
    return found | {
        path: (files.get(path), others.get(path)) for path in files | others if files.get(path) != others.get(path)
    }


@pytest.mark.parametrize("other", [1, 2])
def test_environments_of_one_lock_give_one_snapshot_at_every_path(taken: list[bytes], other: int) -> None:
    one, another = comparable(taken[0]), comparable(taken[other])
    assert differences(one, another) == {}
    assert one == another


def test_normal_hashes_ignore_only_the_parts_that_a_path_changes(taken: list[bytes]) -> None:
    """Only bytecode, scripts, RECORD files and pyvenv.cfg have other bytes at another path."""
    snapshots = [decode_snapshot(data, "place") for data in taken]
    changed = {
        path
        for path, file in snapshots[0].files.items()
        if len({snapshot.files[path].sha256 for snapshot in snapshots}) > 1
    }
    rest = {path for path in changed if not path.endswith((".pyc", ".dist-info/RECORD"))}
    assert rest
    assert all(path.startswith(("scripts/", "data/pyvenv.cfg")) for path in rest)
    assert str(Path(PLACES[1])) not in json.dumps(comparable(taken[1]))
