"""Programs that a test puts on PATH in place of real ones, and the one line of an error."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dev.command.errors import CommandError


def put(folder: Path, name: str, body: str) -> Path:
    """Write a shell script of that name, in a folder that is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def recorded(folder: Path, name: str, body: str) -> Path:
    """Write a shell script that first appends its arguments to the file `asked` of the folder."""
    return put(folder, name, f'echo "$*" >> {folder}/asked\n{body}')


def asked(folder: Path) -> list[str]:
    """Return what the scripts of `recorded` were asked, a line for each call."""
    path = folder / "asked"
    return path.read_text().splitlines() if path.exists() else []


def line_of(action: Callable[[], object]) -> str:
    """Return the text of the CommandError that an action raises, which must be one line."""
    with pytest.raises(CommandError) as caught:
        action()
    assert "\n" not in str(caught.value)
    return str(caught.value)
