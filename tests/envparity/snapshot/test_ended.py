"""Tests of the lines that say why a door gave no snapshot."""

from pathlib import Path

import pytest

from envparity.errors import EnvparityError
from envparity.processes import Ended, NotStarted, Task, TooMuch
from envparity.snapshot.ended import snapshot_in, why_not_ended

TASK = Task(("python", "-I"), Path(), 3.0, b"", 100)
SETTINGS: dict[str, object] = {"behaviour": [], "nonce": "n"}


def test_each_reason_is_a_part_of_one_line() -> None:
    assert why_not_ended(NotStarted("no such file"), TASK) == "expected to run python, found: no such file"
    assert why_not_ended(TooMuch(), TASK) == "expected a snapshot of at most 100 bytes, found more"


def test_a_door_may_try_again_only_if_its_snapshot_is_cut() -> None:
    cut = Ended(0, b'{"nonce":"n"}\n{"schema":"envparity-snapshot-1"', b"")
    assert snapshot_in(cut, "venv", TASK, SETTINGS, last=False) == b""
    with pytest.raises(EnvparityError, match=r"^door venv: python -I printed an incomplete snapshot$"):
        snapshot_in(cut, "venv", TASK, SETTINGS, last=True)
    with pytest.raises(EnvparityError, match=r"^door venv: python -I ended with exit status 3: broken$"):
        snapshot_in(Ended(3, b"", b"first\nbroken\n"), "venv", TASK, SETTINGS, last=False)
