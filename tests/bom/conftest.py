"""The parts of the tracks' environments."""

import pytest

from bom.document import tracks_of
from bom.parts import Parts, read_parts
from lockenv.project import Project


@pytest.fixture(scope="session")
def environments(project: Project) -> dict[str, Parts]:
    """What each track that needs no git host is made of."""
    return {track: read_parts(project, track) for track in tracks_of(project)}
