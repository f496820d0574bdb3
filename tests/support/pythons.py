"""Other Pythons of this machine."""

import os
import shutil
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.interpreter import Interpreter, describe


def other_pythons() -> list[str]:
    """As far as they can be found: pyenv's, and those on PATH."""
    roots = [Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"]
    found = {str(path) for root in roots for path in root.glob("*/bin/python3")}
    for name in ("pypy3", *(f"python3.{minor}" for minor in range(8, 16))):
        found.add(shutil.which(name) or "")
    return sorted(path for path in found if path)


def another_patch(own: str) -> Interpreter:
    """One of the series of `own`, a version, and of another patch level; the test is left out where there is none."""
    series = own.rpartition(".")[0] + "."
    for python in other_pythons():
        try:
            found = describe(Path(python))
        except CommandError:
            continue  # too old to tell
        if found.version.startswith(series) and found.version != own:
            return found
    pytest.skip(f"no Python {series}x here but {own}")
