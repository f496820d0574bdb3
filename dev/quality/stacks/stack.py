"""The list of stacks. A stack is an environment that people really have, for example jupyterlab installed by uv."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

LIST = Path(__file__).with_name("stacks.toml")


class Maker(StrEnum):
    """The programs and options that make the environment of a stack."""

    PIP = "pip"
    """`python -m venv` and its pip."""
    UV = "uv"
    """`uv venv` and `uv pip install`, with hard links into the cache, which is uv's default on Linux."""
    UV_SYMLINK = "uv-symlink"
    """Like `uv`, but each installed file is a link into the cache."""
    UV_COPY = "uv-copy"
    """Like `uv`, but each installed file is a copy, and the environment is relocatable."""
    VIRTUALENV = "virtualenv"
    """virtualenv, and the pip that virtualenv installs."""
    INSTALLER = "installer"
    """`uv venv`, and `python -m installer` for each wheel. poetry and pdm install wheels with this library."""
    SYSTEM = "system"
    """`python -m venv --system-site-packages` and its pip."""
    PREFIX = "prefix"
    """A copy of a whole Python and its pip, instead of a virtual environment, as in a Docker image."""
    CONDA = "conda"
    """Like `prefix`, but with the layout of conda. conda itself is not used: some machines cannot reach its index."""
    EDITABLE = "editable"
    """A venv with a project, installed as editable, and the requirements of that project."""


WHOLE = frozenset({Maker.PREFIX, Maker.CONDA})
"""The makers that copy a whole Python, which must be in its own folder."""


@dataclass(frozen=True)
class Stack:
    """One environment to make: its Python, its maker, and its requirements."""

    name: str
    python: str
    """The version of Python, for example 3.11."""
    by: Maker
    install: tuple[str, ...]
    """The requirements, in the form that pip accepts."""
    true: Mapping[str, str] = field(default_factory=dict)
    """Maps the code of each finding that is true for this stack to the reason why it is true.

    A key is `code`, or `code distribution` as in `requirement-unmet altair`, or `note code`, which does not allow
    errors.
    """


@cache
def every_stack() -> tuple[Stack, ...]:
    """Return the stacks of stacks.toml, in its order."""
    return tuple(
        Stack(
            one["name"],
            one["python"],
            Maker(one["by"]),
            tuple(one["install"]),
            true_everywhere(Maker(one["by"])) | one.get("true", {}),
        )
        for one in _listed()["stack"]
    )


def true_everywhere(maker: Maker) -> dict[str, str]:
    """Return the findings that are true for every stack of a maker: a dict in the form of `Stack.true`."""
    return dict(_listed()["everywhere"].get(maker, {}))


@cache
def _listed() -> dict[str, Any]:
    with LIST.open("rb") as file:
        return tomllib.load(file)
