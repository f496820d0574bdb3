"""Folders that look like virtual environments, for tests of the search for a project's environment."""

from pathlib import Path


def environment(path: Path) -> Path:
    """Make a folder with the mark of a virtual environment and nothing else, and return its path."""
    path.mkdir(parents=True)
    (path / "pyvenv.cfg").write_text("home = /usr/bin\n")
    return path
