"""Pythons of this machine besides the Python that runs the tests."""

import os
import shutil
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.interpreter import Interpreter, describe


def other_pythons() -> list[str]:
    """Return the paths of the Pythons in pyenv's folder and on PATH."""
    roots = [Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"]
    found = {str(path) for root in roots for path in root.glob("*/bin/python3")}
    for name in ("pypy3", *(f"python3.{minor}" for minor in range(8, 16))):
        found.add(shutil.which(name) or "")
    return sorted(path for path in found if path)


def another_patch(own: str) -> Interpreter:
    """Return a Python of the same series as the version `own`, but with another patch version.

    Skip the test if this machine has no such Python.
    """
    series = own.rpartition(".")[0] + "."
    for python in other_pythons():
        try:
            found = describe(Path(python))
        except CommandError:
            continue  # This Python is too old to describe itself.
        if found.version.startswith(series) and found.version != own:
            return found
    pytest.skip(f"no other Python {series}x than {own} on this machine; install one, for example with pyenv")
