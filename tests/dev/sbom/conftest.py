"""The parts of the tracks' environments."""

import pytest

from dev.lockenv.project import Project
from dev.sbom.document import tracks_of
from dev.sbom.parts import Parts, read_parts


@pytest.fixture(scope="session")
def environments(project: Project) -> dict[str, Parts]:
    """What each track that needs no git host is made of."""
    return {track: read_parts(project, track) for track in tracks_of(project)}
