"""Tests of the two engines, which run the dialer and the listener of a test as processes or as containers.

The processes find each other through a Redis that the engine starts, or through the Redis that REDIS_ADDR names.
"""

import subprocess
from pathlib import Path

import pytest
from redisserver import RedisServer

from dev.command.errors import CommandError
from dev.doors.engines import find_engine
from dev.doors.image import tag_of
from dev.lockenv.project import Project
from dev.matrix.engines import containers, processes, program_of
from dev.matrix.plan import Test, plain_test
from pingtest.settings import Transport

PLAIN = plain_test("v0.4", "v0.8")
QUIC = Test("v0.8", "v0.8", Transport.QUIC_V1, None, None)


@pytest.mark.processes
@pytest.mark.redis
def test_a_test_runs_as_two_processes(
    project: Project, pythons: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REDIS_ADDR", raising=False)
    commands = {name: program_of(python) for name, python in pythons.items()}
    with processes(project, commands, 30) as stage:
        for test in (PLAIN, QUIC):
            result = stage.attempt(test)
            assert result.status == "pass", result.log
            assert "== listener v0.8\n" in result.log


@pytest.mark.processes
@pytest.mark.redis
def test_a_test_with_a_given_redis_ignores_a_stale_address(
    project: Project, pythons: dict[str, Path], redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_ADDR", redis.address)
    redis.command("RPUSH", f"{PLAIN.key}_listener_multiaddr", "stale")
    with processes(project, {name: program_of(python) for name, python in pythons.items()}, 30) as stage:
        assert stage.attempt(PLAIN).status == "pass"


@pytest.mark.redis
def test_a_listener_that_ends_first_ends_the_test(project: Project, tmp_path: Path) -> None:
    node = tmp_path / "node"
    node.write_text(
        '#!/bin/sh\n[ "$IS_DIALER" = true ] || { echo "peer-x: expected more" >&2; exit 3; }\nexec sleep 100\n'
    )
    node.chmod(0o755)
    with processes(project, {"v0.4": [node], "v0.8": [node]}, 100) as stage:
        result = stage.attempt(PLAIN)
    assert (result.status, result.error) == ("fail", "peer-x: expected more")
    assert result.seconds < 60


def test_a_given_redis_that_does_not_answer_is_an_error(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_ADDR", "127.0.0.1:1")
    with (
        pytest.raises(CommandError, match=r"Redis at 127\.0\.0\.1:1: expected an answer to PING"),
        processes(project, {}, 1),
    ):
        pass


@pytest.mark.docker
def test_a_test_runs_as_two_containers(project: Project) -> None:
    if any(find_engine().image(tag_of(track)) is None for track in ("v0.4", "v0.8")):
        pytest.skip("the images are not built; scripts/image")
    with containers(project, ["v0.4", "v0.8"], 60) as stage:
        result = stage.attempt(PLAIN)
        assert result.status == "pass", result.log
    listed = [find_engine().program, "ps", "-a", "--format", "{{.Names}}", "--filter", "name=ping-matrix"]
    assert subprocess.run(listed, capture_output=True, text=True, check=True).stdout == ""


@pytest.mark.docker
def test_a_missing_image_is_an_error_that_says_how_to_build_it(project: Project) -> None:
    with pytest.raises(CommandError, match="build it with: scripts/image --track v9"), containers(project, ["v9"], 60):
        pass
