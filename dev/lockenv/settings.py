"""The environment variables that lockenv reads, in one frozen object."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError

# A person may set these variables to name their compiler or headers. They change the wheel that a build makes.
_BUILD_VARIABLES = ("CC", "CPATH", "CPPFLAGS", "LDFLAGS", "LIBRARY_PATH")


@dataclass(frozen=True)
class Settings:
    """The caller's and the door's choices about the environments. An unset or empty variable is None."""

    home: Path | None
    """LOCKENV_HOME, an absolute path: the folder for environments and caches of a door that shares the checkout."""
    python: str | None
    """LOCKENV_PYTHON: the Python of a door that has its own."""
    uv: str | None
    """LOCKENV_UV: the uv of a door whose system, for example NixOS, cannot run the lock's uv."""
    source: str | None
    """LIBP2P_SOURCE: the library to install in place of the track's own."""
    build: Mapping[str, str]
    """The values of CC, CPATH, CPPFLAGS, LDFLAGS and LIBRARY_PATH, without those that are not set."""


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings in `environ`; CommandError if LOCKENV_HOME is a relative path."""
    home = environ.get("LOCKENV_HOME")
    if home and not Path(home).is_absolute():
        raise CommandError(
            f"LOCKENV_HOME: expected an absolute path, found {home!r}; set it to an absolute path, or unset it"
        )
    return Settings(
        home=Path(home) if home else None,
        python=environ.get("LOCKENV_PYTHON") or None,
        uv=environ.get("LOCKENV_UV") or None,
        source=environ.get("LIBP2P_SOURCE") or None,
        build={name: environ[name] for name in _BUILD_VARIABLES if name in environ},
    )
