"""The two ways to run the dialer and the listener of a test: as processes of this machine, or as containers.

A container runs the image of a track, that is, of one pinned version of py-libp2p on one Python.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError
from dev.doors.bases import find_redis
from dev.doors.engine import Container
from dev.doors.engines import find_engine
from dev.doors.image import tag_of
from dev.lockenv.project import Project
from dev.lockenv.system import require_program
from dev.matrix import server
from dev.matrix.keeper import Keeper
from dev.matrix.plan import Test
from dev.matrix.run import APPLICATION, Result, Role, role_settings, run_roles


@dataclass(frozen=True)
class Stage:
    """A way to run tests. `attempt` runs a test once. `stop` ends every running test and closes the stage."""

    attempt: Callable[[Test], Result]
    stop: Callable[[], None]


@contextmanager
def processes(project: Project, commands: Mapping[str, list[Path]], timeout: float) -> Iterator[Stage]:
    """Yield a stage that runs the dialer and the listener as processes on loopback; end the processes after the block.

    `commands` is a dict from the name of each implementation to its command. `timeout` is in seconds. The listener
    announces its address in the Redis that REDIS_ADDR names, or in a Redis that this function starts. Raises
    CommandError if Redis is missing or does not answer.
    """
    with Keeper() as keeper:
        if address := os.environ.get("REDIS_ADDR"):
            yield _stage(commands, server.check(address), timeout, keeper)
        else:
            program = require_program(project.toolchain, "redis", "redis-server")
            with server.redis_server(program, keeper.group) as address:
                yield _stage(commands, address, timeout, keeper)


def _stage(commands: Mapping[str, list[Path]], redis: str, timeout: float, keeper: Keeper) -> Stage:
    def attempt(test: Test) -> Result:
        def role(name: str, is_dialer: bool) -> Role:
            settings = role_settings(test, timeout, is_dialer) | {"REDIS_ADDR": redis, "TEST_KEY": test.key}
            return Role(commands[name], settings)

        server.forget(redis, test.key)
        return run_roles(test, role(test.listener, False), role(test.dialer, True), timeout, keeper.group)

    return Stage(attempt, keeper.close)


@contextmanager
def containers(  # pragma: no cover - needs a Docker engine, and scripts/quality coverage leaves such tests out
    project: Project, tracks: list[str], timeout: float
) -> Iterator[Stage]:
    """Yield a stage that runs each side as a container of its track's image; remove the containers after the block.

    A side is the dialer or the listener of a test. The containers share a new network with a Redis in it. `timeout` is
    in seconds. Raises CommandError if this machine has no engine, or if an image (a track's or Redis's) is missing.
    """
    engine = find_engine()
    for track in tracks:
        if engine.image(tag_of(track)) is None:
            raise CommandError(
                f"expected the image {tag_of(track)}, found none; build it with: scripts/image --track {track}"
            )
    image = find_redis(engine, project)
    network = f"ping-matrix-{secrets.token_hex(4)}"
    with Keeper(engine.removal(network, network)) as keeper:
        engine.create("network", network)
        inside = f"{network}-redis"
        run = Container(image, ("--save", "", "--appendonly", "no"), name=inside, network=network, label=network)
        engine.start(run, purpose="starting Redis")
        outside = f"{engine.address(inside, network)}:6379"
        _wait_for(outside)

        def attempt(test: Test) -> Result:
            def role(name: str, is_dialer: bool) -> Role:
                settings = role_settings(test, timeout, is_dialer, "0.0.0.0")  # noqa: S104 - as in unified-testing
                settings |= {"REDIS_ADDR": f"{inside}:6379", "TEST_KEY": test.key}
                node = Container(tag_of(name), network=network, label=network, environment=settings, init=True)
                return Role(engine.command(node), {})

            server.forget(outside, test.key)
            return run_roles(test, role(test.listener, False), role(test.dialer, True), timeout, keeper.group)

        yield Stage(attempt, keeper.close)


def _wait_for(redis: str) -> None:  # pragma: no cover - needs a Docker engine too
    until = time.monotonic() + 20
    while True:
        try:
            server.check(redis)
        except CommandError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def program_of(python: Path) -> list[Path]:
    """Return the command that runs the dialer or the listener with `python`, the Python of a track's environment."""
    return [python, APPLICATION]
