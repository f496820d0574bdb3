"""docs/commands.md: what the `--help` of every command prints."""

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
# `scripts/quality --help` lists the commands of a group in its usage line; `envparity --help` lists them one a line.
_GROUP = re.compile(r"usage: \S+ \[-h\] \{([a-z,-]+)\} \.\.\.\n")
_SUBCOMMAND = re.compile(r"(?m)^    ([a-z]+) ")


@dataclass(frozen=True)
class CommandHelp:
    """A command as a person types it, and what its `--help` prints."""

    name: str
    text: str

    @property
    def does(self) -> str:
        """The first sentence of its description."""
        text = " ".join(self.text.partition("\n\n")[2].partition("\n\n")[0].split())
        return re.split(r"(?<=[.?]) ", text)[0].rstrip(".")

    @property
    def words(self) -> list[str]:
        """The words that choose one of its commands, where it is a group of commands."""
        if self.name == "envparity":
            return _SUBCOMMAND.findall(self.text)
        group = _GROUP.match(self.text)
        return group[1].split(",") if group else []

    @property
    def anchor(self) -> str:
        """The anchor of a heading with its name."""
        return anchor_of(self.name)


def anchor_of(heading: str) -> str:
    """Return the anchor that a heading gets: lower case, without punctuation, blanks as dashes."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def render(project: Project) -> str:
    """Return the page."""
    return commands_page(every_command(project))


def commands_page(commands: tuple[CommandHelp, ...]) -> str:
    """Return the page of `commands`."""
    return render_template("commands.md.j2", commands=commands, width=WIDTH, pages=sorted(PAGES))


def every_command(project: Project) -> tuple[CommandHelp, ...]:
    """Ask each script and `envparity`, then each command that one of them is a group of; return them by name."""
    envparity = project.environment("tools") / "bin" / "envparity"
    programs = {f"scripts/{name}": project.root / "scripts" / name for name in COMMANDS} | {"envparity": envparity}

    def ask(words: list[str]) -> CommandHelp:
        return help_of(project, " ".join(words), [programs[words[0]], *words[1:]])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        first = list(pool.map(ask, [[name] for name in programs]))
        below = list(pool.map(ask, [[one.name, word] for one in first for word in one.words]))
    return tuple(sorted([*first, *below], key=lambda one: one.name))


def help_of(project: Project, name: str, command: list[str | Path]) -> CommandHelp:
    """Run `command --help`; CommandError where it prints no usage of `name`."""
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
