"""Fixtures for tests of several rooms of dev: the recorded runs, and a copy of the repository."""

from pathlib import Path

import pytest
from checkout import copy_of

from dev.evidence.runs import Evidence, read_evidence
from dev.lockenv.project import Project


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    """Return the recorded runs that are in the repository."""
    return read_evidence()


@pytest.fixture
def checkout(project: Project, tmp_path: Path) -> Path:
    """Return a copy of the repository that the test may change; its environments and its cache are links."""
    return copy_of(project, tmp_path / "checkout")
