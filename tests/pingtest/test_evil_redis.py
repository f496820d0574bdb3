"""Tests with a Redis that answers one command wrongly, chosen from a seed: one line, a documented status, in time."""

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import TimeoutExpired

import pytest
from evil_meetings import LIMITS, chance_of, ends_well
from evil_redis import ANSWERS, EvilRedis
from rolekit import ROOM, play, running, server, unified

from pingtest.errors import Status

pytestmark = pytest.mark.processes

SEED = os.environ.get("EVIL_SEED", "18")  # another seed gives other details of each fault
AT_ONCE = 4
QUICK = ("lists in lists", "no protocol", "no access")


def dials(python: Path, command: str, wrong: str) -> None:
    """Check a dialer. If the Redis gives it an address after all, the dial fails: nobody listens at that address."""
    evil = EvilRedis(command, wrong, chance_of(f"{SEED} {command} {wrong}"))
    with server(evil.answer) as port:
        statuses = {Status.RENDEZVOUS, Status.ADDRESS, Status.DIAL, Status.TIME}
        ends_well(
            python, unified(True, f"127.0.0.1:{port}", "00000000"), statuses, ("still starting",), evil.asked.is_set
        )
    assert evil.asked.is_set()


def listens(python: Path, command: str, wrong: str) -> None:
    """Check a listener: it ends with status 3, or it has announced its address and runs until it is stopped."""
    evil = EvilRedis(command, wrong, chance_of(f"{SEED} {command} {wrong}"))
    with server(evil.answer) as port:
        settings = unified(False, f"127.0.0.1:{port}", "00000000", TEST_TIMEOUT_SECS=f"{LIMITS[0]:g}")
        with running(python, settings) as process:
            evil.asked.wait(ROOM)
            try:
                stdout, stderr = process.communicate(timeout=LIMITS[0] + 1)
            except TimeoutExpired:
                process.send_signal(signal.SIGTERM)
                stdout, stderr = process.communicate(timeout=ROOM)
    lines = [line for line in stderr.splitlines() if not line.startswith("pingtest: listening on ")]
    assert stdout == ""
    assert process.returncode in (Status.RENDEZVOUS, Status.DONE), stderr
    assert len(lines) == (process.returncode == Status.RENDEZVOUS), stderr
    assert all(line.startswith("ping_test: Redis at ") and line.isprintable() for line in lines)
    if wrong in ("nothing", "the end", "an error", "no access", "another server", "no protocol"):
        assert process.returncode == Status.RENDEZVOUS, (command, wrong, stderr)


def all_of(pythons: dict[str, Path], check: Callable[[Path, str, str], None], *commands: str, slow: bool) -> None:
    for python in pythons.values():
        play(python, {}, "--help")  # starts the server that roles begin in, so that this does not count

    def one(wrong: str) -> None:
        chance = chance_of(f"{SEED} {wrong}")
        check(pythons[chance.choice(list(pythons))], chance.choice(commands), wrong)

    names = list(ANSWERS) if slow else QUICK
    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert len(list(pool.map(one, names))) == len(names)


SLOW = pytest.mark.parametrize(
    "slow", [False, pytest.param(True, marks=[pytest.mark.slow, pytest.mark.timeout(600)])], ids=["few", "all"]
)


@SLOW
def test_a_wrong_answer_ends_a_dialer_with_one_line(pythons: dict[str, Path], slow: bool) -> None:
    all_of(pythons, dials, "PING", "BLPOP", slow=slow)


@SLOW
def test_a_wrong_answer_ends_a_listener_with_one_line_or_not_at_all(pythons: dict[str, Path], slow: bool) -> None:
    all_of(pythons, listens, "PING", "SUBSCRIBE", "DEL", "RPUSH", slow=slow)
