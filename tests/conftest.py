"""Fixtures for all tests: the environments of the tracks and a Redis; also the grouping of tests on workers.

A track is one pinned version of libp2p, such as v0.4. A worker is a process of pytest-xdist that runs tests.
"""

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
# `scripts/quality mutants` sets this variable to the folder in which it keeps snapshots of environments.
REMEMBERED = "REMEMBERED_SNAPSHOTS" in os.environ


def pytest_configure(config: pytest.Config) -> None:
    """Turn off hypothesis's time limits, because a busy machine is slow.

    If `scripts/quality coverage` or `scripts/quality mutants` runs the tests, install the helpers of this command.
    """
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


# A dict from the name of a group to marks or fixtures. The tests with one of these marks or fixtures are in several
# files, but run on one worker, one after another. The tests of `devcontainer` use the same devcontainer. The tests of
# `commands` share a fixture that asks every command for its help. The tests of `history` ask the package index the same
# questions, and share a cache of the answers.
GROUPS = {"devcontainer": {"devcontainer"}, "commands": {"commands"}, "history": {"history"}}
# The tests of a file with one of these marks stay on one worker, because later tests use the images or environments
# that earlier tests have built.
TOGETHER = {"docker", "nix"}
# A dict from a mark to the fixtures that need the mark's program. A test that uses one of the fixtures gets the mark.
PROGRAMS = {"git": {"pylibp2p", "repository"}, "signing": {"evidence_once", "signed"}}


@pytest.hookimpl(tryfirst=True)  # The marks must exist before pytest chooses tests by marks.
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test the marks that follow from its name and its fixtures.

    WebRTC does not use loopback addresses. So each WebRTC test gets the mark `lan`: it needs an address of a network.
    """
    for item in items:
        if "webrtc-direct" in item.name:
            item.add_marker(pytest.mark.lan)
        for mark, fixtures in PROGRAMS.items():
            if isinstance(item, pytest.Function) and fixtures & set(item.fixturenames):
                item.add_marker(mark)
        if group := group_of(item):
            item.add_marker(pytest.mark.xdist_group(name=group))


def group_of(item: pytest.Item) -> str | None:
    """Return the group of a test, or None. The tests of a group run on one worker, one after another.

    A group is a key of GROUPS, the path of a file, or the id of a class. If a test uses a fixture with the scope of its
    file or class, all tests of this file or class are one group, so that pytest makes the fixture only once. The tests
    of a file with a mark of TOGETHER are one group too.
    """
    marks = {mark.name for mark in item.iter_markers()}
    fixtures = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
    for group, those in GROUPS.items():
        if those & (marks | set(fixtures)):
            return group
    scopes = {made[-1].scope for made in fixtures.values() if made}
    file, _, rest = item.nodeid.partition("::")
    if "module" in scopes or marks & TOGETHER:
        return file
    return f"{file}::{rest.partition('::')[0]}" if "class" in scopes else None


def track_python(project: Project, track: str) -> Path:
    """Return the Python of the track's environment, which contains exactly the distributions of the track's lock.

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
    """Return a dict from each track to the Python of its environment."""
    return {track: track_python(project, track) for track in TRACKS}


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Yield a Redis that all tests share; each test uses its own keys."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """Yield a Redis for one test only. The test may stop and start this Redis."""
    server = RedisServer(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def key() -> str:
    """Return a TEST_KEY that no other test uses."""
    return secrets.token_hex(4)
