"""The toolchain file, locks/toolchain.toml: the things that the doors need besides the hash locks."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError


@dataclass(frozen=True)
class Toolchain:
    """The content of `locks/toolchain.toml`.

    `build_environment` holds the environment variables of every build from source. `install_commands` maps a need, for
    example `browser`, `build`, `pip`, `git` or `redis`, to one command for each package manager.
    """

    python_series: str
    interpreters: tuple[str, ...]
    bytecode: str
    build_environment: Mapping[str, str]
    install_commands: Mapping[str, Mapping[str, str]]


def read_toolchain(path: Path) -> Toolchain:
    """Return the content of the toolchain file; CommandError if it is missing, is not TOML, or lacks a field."""
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
        return Toolchain(
            python_series=table["python"]["series"],
            interpreters=tuple(table["python"]["interpreters"]),
            bytecode=table["uv"]["bytecode"],
            build_environment=dict(sorted(table["build"]["environment"].items())),
            install_commands=table["system"],
        )
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CommandError(f"{path}: expected the toolchain file, found: {error}; restore it from git") from error
    except KeyError as error:
        raise CommandError(f"{path}: expected the field {error}, found none; restore it from git") from error
