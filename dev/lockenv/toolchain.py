"""The toolchain file: what the doors need besides the hash locks."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError


@dataclass(frozen=True)
class Toolchain:
    """`locks/toolchain.toml`, read once.

    `build_environment` holds the variables of every build from source; `install_commands` maps a
    need (`browser`, `build`, `pip`, `git`, `redis`) to the command of each package manager that meets it.
    """

    python_series: str
    interpreters: tuple[str, ...]
    bytecode: str
    build_environment: Mapping[str, str]
    install_commands: Mapping[str, Mapping[str, str]]


def read_toolchain(path: Path) -> Toolchain:
    """Read the toolchain file; CommandError where it is missing, no TOML or lacks a field."""
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
        raise CommandError(f"{path}: expected the toolchain file, found: {error}") from error
    except KeyError as error:
        raise CommandError(f"{path}: expected the field {error}, found none; restore it from git") from error
