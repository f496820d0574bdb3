"""The folders in which envparity keeps answers that it need not find twice."""

from pathlib import Path

from platformdirs import user_cache_path

from envparity.project.config import Config


def cache_folder(config: Config) -> Path:
    """Return the folder for kept answers: in the project's own cache, or else the user's cache folder."""
    if (config.root / "pyproject.toml").is_file():
        return config.root / ".cache" / "envparity"
    return user_cache_path("envparity", appauthor=False)
