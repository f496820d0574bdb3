"""Read the toolchain file, locks/toolchain.toml: everything that an environment depends on besides the locks."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError

PYTHON = "{python}"
"""The text in the toolchain file that `read_toolchain` replaces by the Python of a track, for example 3.11."""


@dataclass(frozen=True)
class Toolchain:
    """The content of `locks/toolchain.toml`.

    `python_series` is the Python of the track, for example `3.11`, and `interpreters` are the programs to try, in this
    order. `bytecode` is the way in which Python checks bytecode, for example `checked-hash`. `build_environment` holds
    the environment variables of every build from source. `packages` maps each need to a dict. The needs are `browser`,
    `build`, `clock`, `cmake`, `git`, `headers`, `pip`, `pkg-config`, `python`, `redis` and `signing`. Each dict maps a
    package manager, for example `apt`, to the names of its packages, separated by blanks. The key `nix` has a
    command instead of names. The key `brew-then` has a command to run after Homebrew has installed the packages.
    """

    python_series: str
    interpreters: tuple[str, ...]
    bytecode: str
    build_environment: Mapping[str, str]
    packages: Mapping[str, Mapping[str, str]]


def read_toolchain(path: Path, python: str) -> Toolchain:
    """Return the content of the toolchain file for a track whose Python is `python`, for example `3.11`.

    Raises CommandError if the file is missing, is not TOML, or lacks a field.
    """
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
        return Toolchain(
            python_series=python,
            interpreters=tuple(name.replace(PYTHON, python) for name in table["python"]["interpreters"]),
            bytecode=table["uv"]["bytecode"],
            build_environment=dict(sorted(table["build"]["environment"].items())),
            packages={
                need: {manager: names.replace(PYTHON, python) for manager, names in managers.items()}
                for need, managers in table["system"].items()
            },
        )
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CommandError(f"{path}: expected the toolchain file, found: {error}; restore it from git") from error
    except KeyError as error:
        raise CommandError(f"{path}: expected the field {error}, found none; restore it from git") from error
