"""What the tests stand on: the real environments of the tracks, a real Redis."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from redisserver import RedisServer
from rolekit import MEASURED

from dev.lockenv.project import Project, this_project

TRACKS = ["v0.4", "v0.8"]
# scripts/quality mutants sets it, to a folder for what is made once.
REMEMBERED = "REMEMBERED_SNAPSHOTS" in os.environ


def pytest_configure(config: pytest.Config) -> None:
    """What is slow on a busy machine is not wrong; and what scripts/quality alone ask for."""
    hypothesis.settings.register_profile(
        "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("unhurried")
    if MEASURED:
        from dev.quality import measured

        measured.install()
    if REMEMBERED:
        from dev.quality import remembered

        remembered.install(config)


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """WebRTC gathers no candidate on loopback: each test of it needs another address."""
    for item in items:
        if "webrtc-direct" in item.name:
            item.add_marker(pytest.mark.lan)


def track_python(project: Project, track: str) -> Path:
    """The Python that roles of a track run in: its environment, which holds the lock and nothing else.

    Under scripts/quality coverage the environment of its tests, which holds coverage too.
    """
    return project.environment(f"test-{track}" if MEASURED else track) / "bin" / "python"


@pytest.fixture(scope="session")
def project() -> Project:
    """The project that the tests belong to."""
    return this_project()


@pytest.fixture(params=TRACKS)
def python(request: pytest.FixtureRequest, project: Project) -> Path:
    """The Python of each track's environment, in turn."""
    return track_python(project, request.param)


@pytest.fixture(scope="session")
def pythons(project: Project) -> dict[str, Path]:
    """The Python of each track's environment."""
    return {track: track_python(project, track) for track in TRACKS}


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis for all tests, which part by their keys."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis for one test to stop and start."""
    server = RedisServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def key() -> str:
    """A TEST_KEY that no other test has."""
    return secrets.token_hex(4)
