"""Tests of comparing a track's locked environment with a fresh install of the same libp2p from the real index.

A track is one pinned version of libp2p, such as v0.4.
"""

from pathlib import Path

import pytest

from dev.evidence.fresh import compare_fresh
from dev.evidence.runs import Evidence
from dev.incident.installers import find_installers
from dev.lockenv.project import Project


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.timeout(300)
def test_a_fresh_resolution_as_of_that_day_shows_the_incident(
    evidence: Evidence, project: Project, tmp_path: Path
) -> None:
    found = compare_fresh(project, "v0.4", find_installers(project), tmp_path, evidence.incident.as_of)
    assert found.rows["multiaddr"] == ("0.0.12", "0.1.0")
    assert found.rows["py-multihash"] == (None, "2.0.1")
    assert found.errors["path-contested"] == 1
    assert "multihash/multihash.py" in found.collisions[0]
    assert evidence.fresh.rows["py-multihash"] == (None, evidence.after.last["py-multihash"])
