"""Fixtures for tests of several folders of `dev`: the recorded runs, and a copy of the repository.

A recorded run is the stored result of an experiment, such as a build that fails without a compiler.
"""

from pathlib import Path

import pytest
from checkout import copy_of

from dev.evidence.runs import Evidence, read_evidence
from dev.lockenv.project import Project


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    """Return the recorded runs, which are the files in `dev/evidence/recorded`."""
    return read_evidence()


@pytest.fixture
def checkout(project: Project, tmp_path: Path) -> Path:
    """Return a copy of the repository that the test may change.

    The environments and the cache in the copy are links to those of the repository.
    """
    return copy_of(project, tmp_path / "checkout")
