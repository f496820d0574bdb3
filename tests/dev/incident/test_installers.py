"""Tests of starting pip and uv as a person would: the recorded output, and a shell that gets an unquoted `>=`."""

import sys
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.incident.installers import Installers, attempt, shell


def test_the_wanted_lines_of_the_output_are_kept(tmp_path: Path) -> None:
    code = "print('one wanted'); print('two'); raise SystemExit(3)"
    ran = attempt([sys.executable, "-c", code], shown="it", cwd=tmp_path, lines=("wanted",))
    assert (ran.command, ran.status, ran.said) == ("it", 3, ("one wanted",))


def test_a_command_that_must_succeed_is_an_error_if_it_fails(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="expected `it` to succeed, found status 3: why not"):
        attempt([sys.executable, "-c", "print('why not'); raise SystemExit(3)"], shown="it", cwd=tmp_path)
    with pytest.raises(CommandError, match="expected `it` to run"):
        attempt([tmp_path / "absent"], shown="it", cwd=tmp_path)


def test_settings_that_change_the_resolution_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_UPLOADED_PRIOR_TO", "UV_EXCLUDE_NEWER", "UV_CONCURRENT_INSTALLS", "PYTHONPATH"):
        monkeypatch.setenv(name, "1999")
    code = "import os; print('seen', [name for name, value in os.environ.items() if value == '1999'])"
    assert attempt([sys.executable, "-c", code], shown="it", cwd=tmp_path, lines=("seen",)).said == ("seen []",)


def test_an_unquoted_greater_than_sign_writes_a_file(tmp_path: Path) -> None:
    installers = Installers(tmp_path / "tools", Path(sys.executable))
    installers.tools.mkdir()
    (tmp_path / "cwd").mkdir()
    installers.pip.write_text('#!/bin/sh\necho "pip $*"\n')
    installers.pip.chmod(0o755)
    ran = shell(installers, "pip install pymultihash>=0.8.2", cwd=tmp_path / "cwd", extra={}, lines=("pip",))
    assert (ran.status, ran.said) == (0, ())
    assert [path.name for path in (tmp_path / "cwd").iterdir()] == ["=0.8.2"]
    assert (tmp_path / "cwd" / "=0.8.2").read_text() == "pip install pymultihash\n"
