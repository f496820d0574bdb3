"""Find a command by its name and start it in the Python environment that it needs."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from typing import NoReturn

from dev.command.command import ROOT, guard, run_until_stopped
from dev.command.surroundings import settle


class Needs(Enum):
    """Which Python runs a command."""

    BARE = "a bare Python of a track: the command runs before anything is installed"
    TOOLS = "the environment of the tools"
    STALE_TOOLS = "the environment of the tools, even if their lock and pyproject.toml have different requirements"
    TEST = "the environment in which the tests of the default track run"


@dataclass(frozen=True)
class Entry:
    """One command: the module whose `main(arguments)` returns the exit status, and the Python that it needs."""

    module: str
    needs: Needs = Needs.TOOLS
    cannot: int | None = None
    """The exit status if `dev.lockenv` cannot make the command's environment. None means the status of the error."""


COMMANDS = {
    "bench": Entry("dev.quality.bench", Needs.TEST),
    "check": Entry("dev.quality.check"),
    "devcontainer": Entry("dev.doors.devcontainer_command"),
    "docs": Entry("dev.pages.command"),
    "image": Entry("dev.doors.image_command"),
    "incident": Entry("dev.incident.command"),
    "lock": Entry("dev.doors.lock_command", Needs.STALE_TOOLS),
    "matrix": Entry("dev.matrix.command"),
    "nix": Entry("dev.doors.nix_command", Needs.BARE),
    "offline": Entry("dev.doors.offline.command", Needs.BARE),
    "parity": Entry("dev.doors.parity", cannot=2),
    "ping": Entry("dev.matrix.ping"),
    "prepare": Entry("dev.quality.prepare", Needs.BARE),
    "quality": Entry("dev.quality.command", Needs.TEST),
    "release": Entry("dev.release.command"),
    "sbom": Entry("dev.sbom.command"),
    "test": Entry("dev.quality.test", Needs.BARE),
    "upstream": Entry("dev.upstream.command"),
}
"""Every script, by name. A test compares this table with the folder `scripts/`."""


_MADE = "--made"
"""The first argument when this program starts for the second time.

At its first start, this program makes the environment. Then it starts again, with the Python of that environment.
"""


def dispatch(arguments: Sequence[str]) -> NoReturn:
    """Run the command that the first of `arguments` names, and end the process with the command's exit status.

    The name is a key of COMMANDS. If `--made` comes before the name, this process already runs in the environment that
    the command needs.
    """
    made = arguments[0] == _MADE
    name, *rest = arguments[1:] if made else arguments
    entry = COMMANDS[name]
    if entry.needs is Needs.BARE or made:
        run_until_stopped(lambda: import_module(entry.module).main(rest))
    run_until_stopped(lambda: guard(name, lambda: _start_within(name, entry, rest), cannot=entry.cannot))


def _start_within(name: str, entry: Entry, arguments: Sequence[str]) -> NoReturn:
    """Start a command in the environment that it needs; first make that environment if it is missing or out of date."""
    from dev.lockenv.environments import EnvironmentMaker
    from dev.lockenv.project import this_project

    settle()
    maker = EnvironmentMaker(this_project())
    if entry.needs is Needs.TEST:
        python = maker.test(maker.project.default_track)
    else:
        python = maker.tools(stale=True) if entry.needs is Needs.STALE_TOOLS else maker.tools()
    main = str(ROOT / "dev" / "__main__.py")
    os.execv(python, [str(python), "-I", main, _MADE, name, *arguments])  # noqa: S606 - it replaces this process
