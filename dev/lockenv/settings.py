"""The environment variables that lockenv reads, read once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError

# A person may set these to reach their compiler or headers. A wheel that is built with them is another wheel.
_BUILD_VARIABLES = ("CC", "CPATH", "CPPFLAGS", "LDFLAGS", "LIBRARY_PATH")


@dataclass(frozen=True)
class Settings:
    """What the caller and the door decide about the environments. An unset or empty variable is None."""

    home: Path | None
    """LOCKENV_HOME, an absolute path: where a door that shares the checkout keeps its environments and caches."""
    python: str | None
    """LOCKENV_PYTHON: the one Python of a door that brings its own."""
    uv: str | None
    """LOCKENV_UV: the uv of a door whose system cannot run the lock's uv, as NixOS."""
    source: str | None
    """LIBP2P_SOURCE: the library to install in place of a track's."""
    build: Mapping[str, str]
    """CC, CPATH, CPPFLAGS, LDFLAGS and LIBRARY_PATH, those that are set."""


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the variables; CommandError where LOCKENV_HOME is a relative path."""
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
