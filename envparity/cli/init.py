"""The command `init`: it writes settings for envparity, with comments, into the project's pyproject.toml."""

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from envparity.cli.command import ANSWERED, Command
from envparity.cli.output import say
from envparity.errors import EnvparityError
from envparity.files import write_whole
from envparity.project.config import Config
from envparity.text import visible

_SETTINGS = """\
[tool.envparity]
# The lock that each environment is compared with.
{lock}
# With `exact = true`, pip, setuptools and wheel are findings, too, if the lock does not pin them.

# The doors: each is a command that starts the Python of an environment. Without arguments, `envparity check` checks the
# first door, and `envparity compare` compares all of them.
[tool.envparity.doors]
{venv}
# image = "docker run --rm -i --entrypoint python IMAGE:TAG"

# Code that must have the result `expect` behind each door.
# [[tool.envparity.behaviour]]
# name = "the answer"
# code = "import example; result = example.answer()"
# expect = "42"

# A finding that you expect and want to keep. `envparity explain` lists the codes.
# [[tool.envparity.accept]]
# code = "file-altered"
# path = "site/example/core.py"
# reason = "why it is right"
"""


def settings_for(folder: Path, own: Path) -> str:
    """Return the text of the settings for the project in a folder. The text names the project's environment and lock.

    If envparity finds no environment or no single lock, the text has a comment with an example instead. `own` is the
    environment that envparity runs in.
    """
    from envparity.project.discovery import find_environment, find_lock

    try:
        lock = find_lock(folder)
    except EnvparityError:  # the project has several locks, or a broken lock: the user chooses
        lock = None
    lock_line = f'locks = "{os.path.relpath(lock.path, folder)}"' if lock else '# locks = "uv.lock"'
    try:
        environment = find_environment(folder, {}, own).path
        python = os.path.relpath(environment / "bin" / "python", folder)
        venv_line = f'venv = "{python}"'
    except EnvparityError:
        venv_line = '# venv = ".venv/bin/python"'
    return _SETTINGS.format(lock=lock_line, venv=venv_line)


def _init(_config: Config, options: Namespace) -> int:
    folder = Path(options.project) if options.project else Path.cwd()
    path = folder / "pyproject.toml"
    try:
        before = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        before = ""
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise EnvparityError(f"{visible(str(path))}: expected a TOML file, found: {said}") from error
    from envparity.project.toml import read_toml

    if before and "envparity" in read_toml(path).table("tool"):
        raise EnvparityError(f"{visible(str(path))}: expected no [tool.envparity], found one; edit it")
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    write_whole("pyproject.toml", str(path), (before + gap + settings_for(folder, Path(sys.prefix))).encode())
    say(f"wrote [tool.envparity] to {visible(str(path))}\n")
    return 0


def _add_init(_parser: ArgumentParser) -> None:
    """Do nothing, because the command `init` has no options."""


INIT = Command(
    "init",
    "write [tool.envparity] with comments into the pyproject.toml of the project, and make this file if it is missing",
    ANSWERED,
    _add_init,
    _init,
)
