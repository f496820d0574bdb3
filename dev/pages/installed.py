"""The files that installers put next to the command `envparity`: its man page, and completions for three shells.

The wheel contains these files, because `[tool.flit.external-data]` in pyproject.toml names their folder. The build
backend runs no code of the project, so it cannot make these files. Therefore the repository contains them.
"""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager

import shtab
from docutils.core import publish_string

from envparity import __version__
from envparity.cli.command import make_parser
from envparity.cli.main import COMMANDS

FOLDER = "docs/installed"
_SHELLS = {
    "bash": "share/bash-completion/completions/envparity",
    "zsh": "share/zsh/site-functions/_envparity",
    "fish": "share/fish/vendor_completions.d/envparity.fish",
}
_MAN = "share/man/man1/envparity.1"
# The word for an argument in the usage line, such as FILE, decides whether the shell completes files or folders.
_COMPLETED = {
    "FOLDER": shtab.DIRECTORY,
    **dict.fromkeys(("DOOR", "FILE", "REPORT", "STATEMENT"), shtab.FILE),
}
_WIDTH = "78"  # columns of a man page on a usual terminal


def installed() -> dict[str, str]:
    """Return a dict from the path of each file, relative to the root of the repository, to its text."""
    made = {f"{FOLDER}/{path}": _completion(shell) for shell, path in _SHELLS.items()}
    return made | {f"{FOLDER}/{_MAN}": _man_page()}


def _completion(shell: str) -> str:
    parser = make_parser(COMMANDS)
    for one in (parser, *_commands(parser).values()):
        for action in one._actions:
            if isinstance(action.metavar, str) and action.metavar in _COMPLETED:
                vars(action)["complete"] = _COMPLETED[action.metavar]  # shtab reads this attribute
    return shtab.complete(parser, shell).rstrip() + "\n"


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return a dict from the name of each command to its parser."""
    (action,) = (one for one in parser._actions if isinstance(one, argparse._SubParsersAction))
    return dict(action.choices)


def _man_page() -> str:
    """Return the man page: the help of envparity and of each of its commands."""
    with _columns(_WIDTH):
        parser = make_parser(COMMANDS)
        helps = {"": parser.format_help()} | {name: one.format_help() for name, one in _commands(parser).items()}
    title, about = "envparity", "checks the files of Python environments against their locks"
    head = f"{'=' * 9}\n{title}\n{'=' * 9}\n\n{'-' * len(about)}\n{about}\n{'-' * len(about)}\n\n"
    facts = f":Manual section: 1\n:Manual group: Commands\n:Version: {__version__}\n\n"
    parts = [f"ENVPARITY {name.upper()}".strip() for name in helps]
    text = "".join(
        f"{part}\n{'=' * len(part)}\n\n::\n\n{_indented(one)}\n\n"
        for part, one in zip(parts, helps.values(), strict=True)
    )
    settings = {"output_encoding": "unicode", "report_level": 2, "halt_level": 2}
    return str(publish_string(head + facts + text, writer="manpage", settings_overrides=settings))


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.strip().splitlines())


@contextmanager
def _columns(width: str) -> Iterator[None]:
    """Set the width of the help texts in the `with` block."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = width
    try:
        yield
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before
