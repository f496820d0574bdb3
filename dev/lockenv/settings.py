"""The environment variables that decide how environments are made, in one frozen object."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError

# A person may set these variables to choose the compiler, headers and libraries. With another value, a build gives
# another wheel.
_BUILD_VARIABLES = ("CC", "CPATH", "CPPFLAGS", "LDFLAGS", "LIBRARY_PATH")


@dataclass(frozen=True)
class Settings:
    """The environment variables of lockenv. Each field except `build` is one variable; None if it is unset or empty.

    A door (one way into an environment, such as `nix`) sets some of the variables. The caller can set the others.
    """

    home: Path | None
    """LOCKENV_HOME, an absolute path: the folder for environments and caches, if it is not the checkout."""
    python: str | None
    """LOCKENV_PYTHON: the only Pythons to try, separated by colons. A door with its own Pythons sets the variable."""
    uv: str | None
    """LOCKENV_UV: the uv to use on a system that cannot run the locked uv, for example NixOS."""
    source: str | None
    """LIBP2P_SOURCE: the git commit or the checkout of libp2p to install instead of the locked libp2p."""
    build: Mapping[str, str]
    """A dict with those of the variables CC, CPATH, CPPFLAGS, LDFLAGS and LIBRARY_PATH that are set."""


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings in `environ`. Raises CommandError if LOCKENV_HOME is a relative path."""
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
