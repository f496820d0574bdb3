"""Tests of the recorded cures for the collision of py-multihash with pymultihash.

A cure is a change of the requirements, such as a pin of multiaddr. The slow test tries two cures again.
"""

from pathlib import Path

import pytest

from dev.evidence.cures import CURES, LATER, THEN, make
from dev.evidence.runs import Evidence
from dev.incident.installers import find_installers
from dev.lockenv.project import Project


def test_each_cure_was_tried_as_of_both_days(evidence: Evidence) -> None:
    today = evidence.cures.today
    wanted = [*((one, when) for one in CURES for when in (THEN, today)), *((one, today) for one in LATER)]
    assert [(one.cure, one.as_of) for one in evidence.cures.tried] == wanted


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["multiaddr and py-cid pinned", "py-multihash overridden"])
def test_a_cure_repeats_its_recorded_result(evidence: Evidence, project: Project, tmp_path: Path, name: str) -> None:
    recorded = evidence.cures.find(name, THEN)
    found = make(find_installers(project), tmp_path, recorded.cure, THEN)
    assert found.versions == recorded.versions
    assert (found.seen.contested, found.seen.peer_id) == (recorded.seen.contested, recorded.seen.peer_id)
    assert [one.status for one in found.seen.checks] == [one.status for one in recorded.seen.checks]
    assert (tmp_path / found.cure.folder(THEN) / "bin" / "python").exists()
