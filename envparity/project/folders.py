"""Finds the folder in which envparity keeps downloaded wheels, built wheels and results for its next runs."""

from pathlib import Path

from platformdirs import user_cache_path

from envparity.project.config import Config


def cache_folder(config: Config) -> Path:
    """Return `.cache/envparity` in a project that has a pyproject.toml, or else a folder in the user's cache."""
    if (config.root / "pyproject.toml").is_file():
        return config.root / ".cache" / "envparity"
    return user_cache_path("envparity", appauthor=False)
