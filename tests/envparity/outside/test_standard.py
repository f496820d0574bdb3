"""Tests that the names of Python's own modules are those that the Pythons of this machine report."""

import subprocess
import sys

import pytest
from pythons import other_pythons

from envparity.outside.standard import standard_names


@pytest.mark.parametrize("python", [sys.executable, *other_pythons()])
def test_the_names_are_those_of_the_running_python(python: str) -> None:
    code = "import sys; print(sys.version_info[1], *getattr(sys, 'stdlib_module_names', ()))"
    minor, *names = subprocess.run(
        [python, "-I", "-S", "-c", code], capture_output=True, text=True, check=False
    ).stdout.split() or ["0"]
    assert standard_names(int(minor)) == (frozenset(names) if int(minor) >= 10 else None)


def test_a_version_that_is_newer_than_the_list_has_the_newest_names() -> None:
    assert standard_names(20) == standard_names(14)
