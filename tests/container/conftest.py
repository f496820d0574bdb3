"""The engine of this machine, the images of both tracks, and containers that end with their test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker_kit import Docker

from container.engine import Engine, find_engine
from container.image import build, find_base, make_plan
from lockenv.project import Project


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine that there is."""
    return find_engine()


@pytest.fixture(scope="session")
def base(engine: Engine, project: Project) -> str:
    """What the images stand on here."""
    return find_base(engine, project, os.environ.get("BASE_IMAGE"))[0]


@pytest.fixture(scope="session")
def images(engine: Engine, project: Project, base: str) -> dict[str, str]:
    """The image of each track, built or as it was."""
    found = {}
    for track in ("v0.4", "v0.8"):
        plan = make_plan(project, track, base)
        build(engine, project, plan)
        found[track] = plan.tag
    return found


@pytest.fixture
def docker(engine: Engine, tmp_path: Path) -> Iterator[Docker]:
    """Containers in a network of the test's own."""
    made = Docker(engine, f"ping-test-{os.getpid()}-{abs(hash(tmp_path)) % 10**6}")
    yield made
    made.close()


@pytest.fixture(scope="session")
def old_images(engine: Engine, project: Project, base: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The old recipe's image, before and after its uninstall step."""
    from docker_kit import build_old

    return build_old(engine, project, base, tmp_path_factory.mktemp("old"))
