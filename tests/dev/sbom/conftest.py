"""A fixture for tests of `scripts/sbom`, which writes bills of materials."""

import pytest

from dev.lockenv.project import Project
from dev.sbom.materials import Materials, make_materials


@pytest.fixture(scope="session")
def environments(project: Project) -> dict[str, Materials]:
    """Return a dict from track to the distributions in its environment.

    A track is one pinned version of libp2p, such as v0.4. The tracks that use a commit of libp2p are left out,
    because they need a git host.
    """
    return make_materials(project)
