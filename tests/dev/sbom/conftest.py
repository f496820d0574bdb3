"""The materials of the tracks' environments."""

import pytest

from dev.lockenv.project import Project
from dev.sbom.materials import Materials, make_materials


@pytest.fixture(scope="session")
def environments(project: Project) -> dict[str, Materials]:
    """The materials of each track that needs no git host."""
    return make_materials(project)
