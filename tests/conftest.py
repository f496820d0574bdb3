"""Fixtures for all tests: the tracks' real environments, a real Redis; and the grouping of tests on workers."""

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
# scripts/quality mutants sets this variable to a folder in which snapshots are kept and reused.
REMEMBERED = "REMEMBERED_SNAPSHOTS" in os.environ


def pytest_configure(config: pytest.Config) -> None:
    """Turn off hypothesis's time limits, because a busy machine is slow; install the helpers of scripts/quality."""
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


# Group -> the marks and the fixtures of its tests. pytest-xdist runs all tests of a group on one worker, one after the
# other. These tests share something that a machine has only once: the Docker engine, the Nix store, the address range
# of the network namespaces. The group `commands` asks for the help of every command only once. A test that fits several
# groups is in the first of them.
GROUPS = {
    "docker": {"docker"},
    "nix": {"nix"},
    "namespaces": {"netns"},
    "commands": {"commands"},
}


@pytest.hookimpl(tryfirst=True)  # The marks must exist before pytest chooses tests by marks.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test the marks that follow from its name and its fixtures.

    WebRTC does not use loopback addresses, so each WebRTC test needs another address of the machine.
    """
    for item in items:
        if "webrtc-direct" in item.name:
            item.add_marker(pytest.mark.lan)
        if group := group_of(item):
            item.add_marker(pytest.mark.xdist_group(name=group))


def group_of(item: pytest.Item) -> str | None:
    """Return the name of the tests that must run on the same worker: a group of GROUPS, a file, or None.

    A module-scoped fixture is made once for the tests of a file, so these tests stay together.
    """
    marks = {mark.name for mark in item.iter_markers()}
    fixtures = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
    for group, those in GROUPS.items():
        if those & (marks | set(fixtures)):
            return group
    shared = any(made[-1].scope == "module" for made in fixtures.values() if made)
    return item.nodeid.partition("::")[0] if shared else None


def track_python(project: Project, track: str) -> Path:
    """Return the Python for the roles of a track: that of the track's environment, which contains exactly the lock.

    Under scripts/quality coverage, return the Python of the track's test environment, which also contains coverage.
    """
    return project.environment(f"test-{track}" if MEASURED else track) / "bin" / "python"


@pytest.fixture(scope="session")
def project() -> Project:
    """Return the project that the tests belong to."""
    return this_project()


@pytest.fixture(params=TRACKS)
def python(request: pytest.FixtureRequest, project: Project) -> Path:
    """Return the Python of a track's environment; each test that uses this fixture runs once per track."""
    return track_python(project, request.param)


@pytest.fixture(scope="session")
def pythons(project: Project) -> dict[str, Path]:
    """Return the Python of each track's environment, by track."""
    return {track: track_python(project, track) for track in TRACKS}


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Yield a Redis that all tests share; each test uses its own keys."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """Yield a Redis for one test, which may stop and start it."""
    server = RedisServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def key() -> str:
    """Return a TEST_KEY that no other test uses."""
    return secrets.token_hex(4)
