"""Fixtures for tests of `scripts/sbom`."""

import pytest

from dev.lockenv.project import Project
from dev.sbom.materials import Materials, make_materials


@pytest.fixture(scope="session")
def environments(project: Project) -> dict[str, Materials]:
    """Return the materials of each track that can be made without a git host."""
    return make_materials(project)
