"""Tests of `run`, which starts a program: an error is one line, and settings that change a resolution are removed."""

import sys

import pytest

from dev.command.errors import CommandError
from dev.lockenv.command import run


def test_a_program_gets_its_input_and_returns_its_output() -> None:
    assert run([sys.executable, "-c", "print(input()[::-1])"], purpose="reversing", stdin="abc\n") == "cba\n"


def test_a_failure_is_one_line() -> None:
    script = "import sys; sys.stderr.write('one\\n\\n  two\\n'); sys.exit(7)"
    with pytest.raises(CommandError, match=r"^testing: python\S* ended with status 7: one \| two$"):
        run([sys.executable, "-c", script], purpose="testing")


def test_a_missing_program_is_one_line() -> None:
    with pytest.raises(CommandError, match="testing: expected to run no-such-program"):
        run(["no-such-program"], purpose="testing")


def test_a_persons_resolver_settings_do_not_reach_the_installer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_EXCLUDE_NEWER", "2020-01-01")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("UV_KEPT", "yes")
    script = "import os; print([os.environ.get(n) for n in ('UV_EXCLUDE_NEWER', 'PYTHONPATH', 'UV_KEPT', 'CFLAGS')])"
    said = run([sys.executable, "-c", script], purpose="testing", extra={"CFLAGS": "-g0"})
    assert said == "[None, None, 'yes', '-g0']\n"
