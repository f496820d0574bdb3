"""Tests of lock formats: the first format that fits a path is used, and the pins of every format are treated alike."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from envparity.errors import EnvparityError
from envparity.project import locks
from envparity.project.locks import read_lock
from envparity.project.locks.lock import LockFormat, Pin


def pins(text: str, origin: str) -> Iterator[Pin]:
    for line in text.splitlines():
        name, _, rest = line.partition(" is ")
        if not rest:
            raise EnvparityError(f"{origin}: expected NAME is VERSION, found {line!r}")
        yield Pin(name, Requirement(f"{name}=={rest}"), frozenset())


def test_a_new_format_is_one_more_entry_of_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prose = LockFormat("NAME is VERSION, a line each", lambda path: path.suffix == ".prose", pins)
    monkeypatch.setattr(locks, "FORMATS", (prose, *locks.FORMATS))
    (tmp_path / "one.prose").write_text("alpha is 1.0\n")
    (tmp_path / "one.txt").write_text("alpha==1.0\n")
    read = [read_lock(tmp_path / name, ("beta @ https://example.com/b.whl",)) for name in ("one.prose", "one.txt")]
    assert read[0].pins == read[1].pins
    assert sorted(read[0].for_environment({})) == ["alpha", "beta"]
    with pytest.raises(EnvparityError, match=r"two.prose: expected a lock \(NAME is VERSION, a line each\), found: No"):
        read_lock(tmp_path / "two.prose")


def test_two_pins_of_one_name_that_both_apply_must_agree(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("alpha==1.0\nalpha==1.1\n")
    with pytest.raises(EnvparityError, match=r"one.txt: expected one pin of alpha for this interpreter, found 'alpha"):
        read_lock(tmp_path / "one.txt").for_environment({})
