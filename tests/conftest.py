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


# Group -> the marks and the fixtures of its tests. pytest-xdist runs a group on one worker, one test after the other:
# there is one engine, one Nix store and one address range of the namespaces on a machine, and the help of every command
# is asked for once. A test that fits several groups is in the first one.
GROUPS = {
    "docker": {"docker"},
    "nix": {"nix"},
    "namespaces": {"netns"},
    "commands": {"commands"},
}


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test the marks that follow from what it is.

    WebRTC gathers no candidate on loopback, so each test of it needs another address.
    """
    for item in items:
        if "webrtc-direct" in item.name:
            item.add_marker(pytest.mark.lan)
        if group := group_of(item):
            item.add_marker(pytest.mark.xdist_group(name=group))


def group_of(item: pytest.Item) -> str | None:
    """Return the tests that a test stays on one worker with: a group of GROUPS, or its file, or None.

    A fixture of a module is made once for the tests of a file, so these stay together.
    """
    marks = {mark.name for mark in item.iter_markers()}
    fixtures = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
    for group, those in GROUPS.items():
        if those & (marks | set(fixtures)):
            return group
    shared = any(made[-1].scope == "module" for made in fixtures.values() if made)
    return item.nodeid.partition("::")[0] if shared else None


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
