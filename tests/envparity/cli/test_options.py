"""Tests of the values of options: each value is read, or refused with one line that names the expected form."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from pathlib import Path

import pytest

from envparity.cli.options import (
    add_artefacts,
    add_choice,
    add_lock,
    door_of,
    named,
    refuse_choice,
    seconds,
    times,
    tracing_of,
)
from envparity.errors import EnvparityError
from envparity.judge.session import Tracing
from envparity.project.config import Config


def test_valid_values_are_read() -> None:
    assert (seconds("0.5"), seconds("900"), times("0"), times("100")) == (0.5, 900, 0, 100)
    assert named("x=no docker=here") == ("x", "no docker=here")


@pytest.mark.parametrize(
    ("read", "texts", "expected"),
    [
        (seconds, ["0", "-1", "nan", "inf", "1e6", "soon", ""], "expected a number of seconds, found "),
        (times, ["-1", "101", "1.5", "\u0662", ""], "expected a whole number from 0 to 100, found "),
        (named, ["x", "x=", "=x", ""], "expected NAME=VALUE, found "),
    ],
)
def test_invalid_values_are_refused(read: Callable[[str], object], texts: list[str], expected: str) -> None:
    for text in texts:
        with pytest.raises(ArgumentTypeError, match=f"^{expected}"):
            read(text)


def test_the_door_is_the_named_one_or_the_first(tmp_path: Path) -> None:
    config = Config(tmp_path, doors={"venv": "python", "image": "docker"})
    assert door_of(config, Namespace(door="image")) == ("image", None)
    assert door_of(config, Namespace(door=None)) == ("venv", None)
    with pytest.raises(EnvparityError, match=r"^environment: expected an active environment, or "):
        door_of(Config(tmp_path), Namespace(door=None))


def traced(*words: str) -> Tracing | None:
    parser = ArgumentParser(allow_abbrev=False)
    add_artefacts(parser)
    return tracing_of(parser.parse_args(words))


def test_artefacts_are_compared_only_on_request(tmp_path: Path) -> None:
    assert traced() is None
    assert traced("--artefacts") == Tracing()
    assert traced("--artefacts-from", str(tmp_path)) == Tracing(built=tmp_path)
    assert traced("--artefacts", "--cache", str(tmp_path)) == Tracing(cache=tmp_path)


def test_a_folder_of_wheels_must_exist(tmp_path: Path) -> None:
    with pytest.raises(EnvparityError, match=r"^--artefacts-from: expected a folder, found none: .*gone$"):
        traced("--artefacts-from", str(tmp_path / "gone"))


@pytest.mark.parametrize("option", [["--group", "dev"], ["--all-extras"], ["--no-install-project"]])
def test_a_choice_of_groups_and_extras_needs_a_lock(option: list[str], tmp_path: Path) -> None:
    parser = ArgumentParser(allow_abbrev=False)
    add_lock(parser)
    add_choice(parser)
    alone, locked = Config(tmp_path), Config(tmp_path).with_lock(tmp_path / "uv.lock")
    refuse_choice(alone, parser.parse_args([]))
    refuse_choice(locked, parser.parse_args(option))
    with pytest.raises(EnvparityError, match=f"^{option[0]}: expected a lock .*, found no lock; .*--lock FILE$"):
        refuse_choice(alone, parser.parse_args(option))
    with pytest.raises(EnvparityError, match=f"^{option[0]}: expected a lock .*, found --no-lock$"):
        refuse_choice(locked, parser.parse_args([*option, "--no-lock"]))


def test_every_option_that_chooses_is_refused_without_a_lock(tmp_path: Path) -> None:
    parser = ArgumentParser(allow_abbrev=False)
    add_choice(parser)
    names = set(vars(parser.parse_args([])))
    assert len(names) == 11
    for name in names:
        with pytest.raises(EnvparityError, match=f"^--{name.replace('_', '-')}: "):
            refuse_choice(Config(tmp_path), Namespace(**{**dict.fromkeys(names), name: ["dev"], "no_lock": False}))
