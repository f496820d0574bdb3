"""Tests of lock formats: the first format that fits a file is used, and the pins of every format are treated alike."""

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from envparity.errors import EnvparityError
from envparity.project import locks
from envparity.project.locks import read_lock
from envparity.project.locks.lock import Choice, LockFile, LockFormat, Pin, Select, where_applying


def prose(file: LockFile) -> Select:
    found = []
    for line in file.text.splitlines():
        name, _, rest = line.partition(" is ")
        found.append(Pin(name, Requirement(f"{name}=={rest}"), frozenset()))
    return where_applying(found)


def test_a_new_format_is_one_more_entry_of_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    form = LockFormat("NAME is VERSION, a line each", lambda name, _: name.endswith(".prose"), prose)
    monkeypatch.setattr(locks, "FORMATS", (form, *locks.FORMATS))
    (tmp_path / "one.prose").write_text("alpha is 1.0\n")
    (tmp_path / "one.txt").write_text("alpha==1.0\n")
    beside = ("beta @ https://example.com/b.whl",)
    read = [read_lock(tmp_path / name, beside).for_environment({}) for name in ("one.prose", "one.txt")]
    assert read[0] == read[1]
    assert sorted(read[0]) == ["alpha", "beta"]
    with pytest.raises(EnvparityError, match=r"two.prose: expected a lock \(NAME is VERSION, a line each, .*: No such"):
        read_lock(tmp_path / "two.prose")


def test_groups_and_extras_are_chosen_as_the_options_say() -> None:
    every, default = ("dev", "docs", "lint"), ("dev",)

    def groups(choice: Choice) -> tuple[str, ...]:
        return choice.of_groups(every, default, "LOCK")

    assert groups(Choice()) == ("dev",)
    assert groups(Choice(groups=("docs",))) == ("dev", "docs")
    assert groups(Choice(groups=("docs",), no_groups=("dev",))) == ("docs",)
    assert groups(Choice(all_groups=True, no_groups=("docs",))) == ("dev", "lint")
    assert groups(Choice(only_groups=("lint",))) == ("lint",)
    assert Choice(all_extras=True).of_extras(("a", "b"), "LOCK") == ("a", "b")
    assert Choice(extras=("b",)).of_extras(("a", "b"), "LOCK") == ("b",)
    with pytest.raises(EnvparityError, match=r"^--group: expected group of LOCK \(dev, docs, lint\), found 'doc'$"):
        groups(Choice(groups=("doc",)))
    with pytest.raises(EnvparityError, match=r"^--extra: expected extra of LOCK \(none, because .*\), found 'x'$"):
        Choice(extras=("x",)).of_extras((), "LOCK")


def test_two_pins_of_one_name_that_both_apply_must_agree(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("alpha==1.0\nalpha==1.1\n")
    with pytest.raises(EnvparityError, match=r"one.txt: expected one pin of alpha for this interpreter, found 'alpha"):
        read_lock(tmp_path / "one.txt").for_environment({})
