"""Shell scripts that a test puts on PATH in place of real programs, and a check for errors of one line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dev.command.errors import CommandError


def put(folder: Path, name: str, body: str) -> Path:
    """Write a shell script `name` with the code `body`, and make its folder if it is missing; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def recorded(folder: Path, name: str, body: str) -> Path:
    """Write a shell script that first appends its arguments to the file `asked` in the folder; return its path."""
    return put(folder, name, f'echo "$*" >> {folder}/asked\n{body}')


def asked(folder: Path) -> list[str]:
    """Return the arguments of each call of the scripts from `recorded`, one line per call."""
    path = folder / "asked"
    return path.read_text().splitlines() if path.exists() else []


def line_of(action: Callable[[], object]) -> str:
    """Call `action`, which must raise a CommandError with a text of one line; return this text."""
    with pytest.raises(CommandError) as caught:
        action()
    assert "\n" not in str(caught.value)
    return str(caught.value)
