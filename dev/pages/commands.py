"""Every command, and what its own --help says."""

import os
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from dev.command.errors import CommandError
from dev.lockenv.project import Project

WIDTH = 100
NO_COMMANDS = {"nix-enter", "python"}
"""What lies in scripts/ and is not called by a person: one is sourced, one is a Python."""
_KINDS = {"bench": ("image", "network", "parity", "peers")}
"""What the first word of a script chooses, each with a --help of its own."""


@dataclass(frozen=True)
class Command:
    """What it is called by, and its help as it prints it."""

    name: str
    help: str

    @property
    def does(self) -> str:
        """The first sentence of its description."""
        text = " ".join(self.help.partition("\n\n")[2].partition("\n\n")[0].split())
        return re.split(r"(?<=[.?]) ", text)[0].rstrip(".")

    @property
    def anchor(self) -> str:
        """What a heading of its name is linked to by."""
        return anchor_of(self.name)


def anchor_of(heading: str) -> str:
    """The anchor that a heading gets: lower case, without signs, blanks as dashes."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def commands(project: Project) -> tuple[Command, ...]:
    """Each script, and each command of envparity, by name."""
    envparity = str(project.environment("tools") / "bin" / "envparity")
    scripts = [[f"scripts/{name}"] for name in script_names(project)]
    scripts += [[f"scripts/{name}", kind] for name, kinds in _KINDS.items() for kind in kinds]
    whole = help_of(project, [envparity], "envparity")
    below = [[envparity, name] for name in re.findall(r"(?m)^    ([a-z]+) ", whole)]
    asked = sorted([*scripts, *below], key=" ".join)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        told = list(pool.map(lambda words: _one(project, words), asked))
    return tuple(sorted([Command("envparity", whole), *told], key=lambda one: one.name))


def script_names(project: Project) -> Iterator[str]:
    """The scripts that a person calls."""
    for path in sorted((project.root / "scripts").iterdir()):
        if path.is_file() and path.name not in NO_COMMANDS:
            yield path.name


def _one(project: Project, words: list[str]) -> Command:
    name = " ".join([words[0].rpartition("/bin/")[2], *words[1:]])
    return Command(name, help_of(project, words, name))


def help_of(project: Project, words: list[str], name: str) -> str:
    environ = {**os.environ, "COLUMNS": str(WIDTH)}
    done = subprocess.run(
        [*words, "--help"],
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
    return done.stdout
