"""docs/reference/commands.md: the output of `--help` of every command."""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError
from dev.dispatch import COMMANDS
from dev.lockenv.project import Project
from dev.pages.registry import PAGES
from dev.pages.templates import render_template

WIDTH = 100
# `scripts/quality --help` lists its subcommands in the usage line. `envparity --help` lists each subcommand on its own
# line.
_GROUP = re.compile(r"usage: \S+ \[-h\] \{([a-z,-]+)\} \.\.\.\n")
_SUBCOMMAND = re.compile(r"(?m)^    ([a-z]+) ")


@dataclass(frozen=True)
class CommandHelp:
    """A command as a person types it, and the output of its `--help`."""

    name: str
    text: str

    @property
    def does(self) -> str:
        """Return the first sentence of the command's description, without its full stop."""
        text = " ".join(self.text.partition("\n\n")[2].partition("\n\n")[0].split())
        return re.split(r"(?<=[.?]) ", text)[0].rstrip(".")

    @property
    def words(self) -> list[str]:
        """Return the subcommands if this command is a group of commands, and an empty list otherwise."""
        if self.name == "envparity":
            return _SUBCOMMAND.findall(self.text)
        group = _GROUP.match(self.text)
        return group[1].split(",") if group else []

    @property
    def anchor(self) -> str:
        """Return the anchor of the heading with the command's name."""
        return anchor_of(self.name)


def anchor_of(heading: str) -> str:
    """Return the anchor of a Markdown heading: its text in lower case, without punctuation, with dashes for blanks."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def render(project: Project) -> str:
    """Return the text of the page. Raises CommandError if a command prints no usage."""
    return commands_page(every_command(project))


def commands_page(commands: tuple[CommandHelp, ...]) -> str:
    """Return the text of the page that describes `commands`."""
    return render_template("commands.md.j2", commands=commands, width=WIDTH, pages=sorted(PAGES))


def every_command(project: Project) -> tuple[CommandHelp, ...]:
    """Return the help of every command, sorted by name.

    The function runs `--help` for each script and for `envparity`, then for each subcommand that these outputs list.
    Raises CommandError if a command prints no usage.
    """
    envparity = project.environment("tools") / "bin" / "envparity"
    programs = {f"scripts/{name}": project.root / "scripts" / name for name in COMMANDS} | {"envparity": envparity}

    def ask(words: list[str]) -> CommandHelp:
        return help_of(project, " ".join(words), [programs[words[0]], *words[1:]])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        first = list(pool.map(ask, [[name] for name in programs]))
        below = list(pool.map(ask, [[one.name, word] for one in first for word in one.words]))
    return tuple(sorted([*first, *below], key=lambda one: one.name))


def help_of(project: Project, name: str, command: list[str | Path]) -> CommandHelp:
    """Run `command --help` and return its output; `name` is the command as a person types it.

    Raises CommandError if the exit status is not 0 or the output does not begin with the usage of `name`.
    """
    environ = {**os.environ, "COLUMNS": str(WIDTH)}
    done = subprocess.run(
        [*command, "--help"],
        cwd=project.root,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 or not done.stdout.startswith(f"usage: {name} "):
        found = (done.stderr or done.stdout).strip().partition("\n")[0] or "nothing"
        raise CommandError(f"{name} --help: expected status 0 and `usage: {name} …`, found {done.returncode}: {found}")
    return CommandHelp(name, done.stdout)
