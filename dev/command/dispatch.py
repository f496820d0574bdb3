"""Find a command by its name and start it in the Python environment that it needs."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from dev.command.command import ROOT, guard, run_until_stopped


class Needs(Enum):
    """Which Python runs a command."""

    BARE = "a bare Python 3.11: it runs before anything is installed"
    TOOLS = "the environment of the tools"
    TEST = "the environment that tests of the default track run in"


@dataclass(frozen=True)
class Entry:
    """Where a command is: a module whose `main(arguments)` returns the exit status."""

    module: str
    needs: Needs = Needs.TOOLS
    cannot: int = 3
    """The exit status where its environment cannot be made."""


COMMANDS = {
    "bench": Entry("dev.quality.bench", Needs.TEST),
    "check": Entry("dev.quality.check"),
    "devcontainer": Entry("dev.doors.devcontainer_command"),
    "docs": Entry("dev.pages.command"),
    "image": Entry("dev.doors.image_command"),
    "incident": Entry("dev.incident.command"),
    "lock": Entry("dev.lockenv.lock_command"),
    "matrix": Entry("dev.matrix.command"),
    "nix": Entry("dev.doors.nix_command", Needs.BARE),
    "offline": Entry("dev.doors.offline.command", Needs.BARE),
    "parity": Entry("dev.doors.parity", cannot=2),
    "ping": Entry("dev.matrix.ping"),
    "prepare": Entry("dev.quality.prepare", Needs.BARE),
    "quality": Entry("dev.quality.command", Needs.TEST),
    "sbom": Entry("dev.sbom.command"),
    "test": Entry("dev.quality.test", Needs.BARE),
}
"""Every script, by name; a test compares it with the folder `scripts/`."""


def dispatch(arguments: Sequence[str]) -> NoReturn:
    """Run the command that the first of `arguments` names, and end the process with its status."""
    name = arguments[0]
    entry = COMMANDS[name]
    run_until_stopped(lambda: _run(name, entry, arguments[1:]))


def _run(name: str, entry: Entry, arguments: Sequence[str]) -> int:
    if entry.needs is not Needs.BARE:
        python = Path()

        def make() -> int:
            nonlocal python
            python = _python(entry.needs)
            return 0

        if failed := guard(name, make, cannot=entry.cannot):
            return failed
        if Path(sys.prefix).resolve() != python.parent.parent.resolve():
            main = str(ROOT / "dev" / "__main__.py")
            os.execv(python, [str(python), "-I", main, name, *arguments])  # noqa: S606 - it takes this process's place
    status: int = import_module(entry.module).main(arguments)
    return status


def _python(needs: Needs) -> Path:
    """Return the Python of an environment, after making it where it is missing or out of date."""
    from dev.lockenv.environments import test_environment, tools_environment
    from dev.lockenv.project import this_project

    project = this_project()
    return tools_environment(project) if needs is Needs.TOOLS else test_environment(project, project.default_track)
