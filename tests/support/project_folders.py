"""Folders that look like virtual environments, for tests of the search for a project's environment."""

from pathlib import Path


def environment(path: Path) -> Path:
    """Make a folder with only the file pyvenv.cfg, as in a virtual environment, and return the folder's path."""
    path.mkdir(parents=True)
    (path / "pyvenv.cfg").write_text("home = /usr/bin\n")
    return path
