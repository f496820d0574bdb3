"""Tests of the environment variables that `dev.lockenv` reads."""

from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.settings import Settings, read_settings


def test_every_variable_is_read() -> None:
    compiler = {"CC": "clang", "CPATH": "/include", "CPPFLAGS": "", "LDFLAGS": "-s", "LIBRARY_PATH": "/lib"}
    found = read_settings(
        {"LOCKENV_HOME": "/home", "LOCKENV_PYTHON": "python", "LOCKENV_UV": "uv", "LIBP2P_SOURCE": "/x", **compiler}
    )
    assert found == Settings(Path("/home"), "python", "uv", "/x", compiler)


@pytest.mark.parametrize("value", [None, ""])
def test_an_empty_variable_counts_as_unset(value: str | None) -> None:
    names = ("LOCKENV_HOME", "LOCKENV_PYTHON", "LOCKENV_UV", "LIBP2P_SOURCE")
    environ = {} if value is None else dict.fromkeys(names, value)
    assert read_settings(environ) == Settings(None, None, None, None, {})


def test_a_relative_home_is_an_error() -> None:
    with pytest.raises(CommandError, match=r"^LOCKENV_HOME: expected an absolute path, found 'elsewhere'"):
        read_settings({"LOCKENV_HOME": "elsewhere"})
