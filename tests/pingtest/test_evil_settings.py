"""Tests with wrong environments, chosen from a seed: one line that names the variable, status 2, and no secret."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from evil_settings import SECRET, bad_settings
from rolekit import ROOM, running

from pingtest.errors import Failure, Status
from pingtest.settings import read_settings

pytestmark = pytest.mark.processes

SEED = os.environ.get("EVIL_SEED", "18")  # another seed gives other environments
AT_ONCE = 4


def ends_with_one_line(python: Path, seed: str) -> None:
    name, settings = bad_settings(seed)
    with running(python, settings) as process:
        stdout, stderr = process.communicate(timeout=ROOM)
    assert (process.returncode, stdout, stderr.count("\n")) == (Status.SETTINGS, "", 1), (settings, stderr)
    assert stderr.startswith("ping_test: "), (settings, stderr)
    assert stderr[:-1].isprintable(), (settings, stderr)
    assert name.lower() in stderr.lower(), (settings, stderr)
    assert SECRET not in stderr


@pytest.mark.parametrize("times", [10, pytest.param(200, marks=[pytest.mark.slow, pytest.mark.timeout(600)])])
def test_wrong_settings_end_a_role_with_one_line(pythons: dict[str, Path], times: int) -> None:
    pairs = [(pythons[track], f"{SEED} {number}") for track in pythons for number in range(times // len(pythons))]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert len(list(pool.map(lambda pair: ends_with_one_line(*pair), pairs))) == times


@pytest.mark.parametrize("number", range(200))
def test_wrong_settings_are_a_failure_that_names_the_variable(number: int) -> None:
    name, settings = bad_settings(f"{SEED} reading {number}")
    with pytest.raises(Failure) as caught:
        read_settings(settings)
    line = str(caught.value)
    assert caught.value.status is Status.SETTINGS
    assert name.lower() in line.lower()
    assert line.isprintable()
    assert SECRET not in line
