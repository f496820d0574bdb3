"""Other Pythons of this machine."""

import os
import shutil
from pathlib import Path


def other_pythons() -> list[str]:
    """As far as they can be found: pyenv's, and those on PATH."""
    roots = [Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"]
    found = {str(path) for root in roots for path in root.glob("*/bin/python3")}
    for name in ("pypy3", *(f"python3.{minor}" for minor in range(8, 16))):
        found.add(shutil.which(name) or "")
    return sorted(path for path in found if path)
