"""Run uv and the other programs that make an environment.

The output of a program goes to the caller, or into the message of an error.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from dev.command.errors import CommandError

# The caller's variables that would change which versions uv resolves, or which files it installs. The caller's settings
# of registries, certificates and caches are not among them: they still apply.
_FOREIGN = frozenset(
    "PYTHONHOME PYTHONPATH UV_BUILD_CONSTRAINT UV_COMPILE_BYTECODE UV_CONSTRAINT UV_EXCLUDE_NEWER UV_NO_BINARY "
    "UV_NO_BINARY_PACKAGE UV_NO_BUILD UV_NO_BUILD_ISOLATION UV_NO_BUILD_PACKAGE UV_OVERRIDE UV_PRERELEASE UV_PROJECT "
    "UV_PYTHON UV_RESOLUTION VIRTUAL_ENV".split()
)


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment variables without those that change what uv installs, plus `extra`."""
    return {name: value for name, value in os.environ.items() if name not in _FOREIGN} | dict(extra or {})


def run(
    arguments: Sequence[str | Path],
    *,
    purpose: str,
    extra: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str | None = None,
    show: bool = False,
) -> str:
    """Run a program to its end and return its standard output.

    `purpose` begins the error message and says what the caller was doing. `extra` are additional environment variables,
    and `stdin` is the program's standard input. `show` lets the program print its own progress on standard error.
    Raises CommandError if the program is missing or fails, with the last lines of its standard error.
    """
    words = [str(argument) for argument in arguments]
    try:
        done = subprocess.run(
            words,
            env=clean_environment(extra),
            cwd=cwd,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            stdout=subprocess.PIPE,
            stderr=None if show else subprocess.PIPE,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise CommandError(f"{purpose}: expected to run {words[0]}, found: {error}") from error
    if done.returncode != 0:
        lines = (done.stderr or "see above").splitlines()
        said = " | ".join(line.strip() for line in lines if line.strip())[-1500:]
        raise CommandError(f"{purpose}: {Path(words[0]).name} ended with status {done.returncode}: {said}")
    return done.stdout
