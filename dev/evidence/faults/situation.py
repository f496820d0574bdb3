"""The `Shown` class: a situation that causes a finding that no command fixes.

The module also has the steps that many situations share. A door is a way to reach an environment. Some situations need
two doors, here called `laptop` and `image`.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from dev.command.errors import CommandError
from dev.evidence.faults.scene import Scene
from dev.evidence.faults.wheels import write_wheel
from envparity.project.config import Config
from envparity.snapshot.doors import Look

Make = Callable[[list[Scene]], object]
_RUNS = Look(behaviour=True, timeout=120)


@dataclass(frozen=True)
class Shown:
    """One situation. `happened` is a sentence that says what went wrong, and `make` does this to intact environments.

    `doors` is the number of environments. If the environments need different Pythons, `pythons` has the names or paths
    of these Pythons. `fields` maps fields of `Config`, the project's settings, to their values. With `behaviour`, the
    project's behaviour checks run too.
    """

    happened: str
    make: Make
    doors: int = 1
    pythons: tuple[str, ...] = ()
    fields: dict[str, object] = field(default_factory=dict)
    behaviour: bool = False

    def settings(self, root: Path) -> Config:
        """Return the settings of the project, whose folder is `root`."""
        return replace(Config(root=root), **self.fields)  # type: ignore[arg-type]

    @property
    def look(self) -> Look:
        """Return which parts of the environments envparity looks at: with `behaviour`, it runs the behaviour checks."""
        return _RUNS if self.behaviour else replace(_RUNS, behaviour=False)


def unlock(scenes: list[Scene]) -> None:
    """Let envparity check the environments without a lock."""
    for scene in scenes:
        scene.locked = False


def install(name: str, files: dict[str, str]) -> Make:
    """Return a function that calls `unlock` and installs a distribution with these files in each environment."""

    def make(scenes: list[Scene]) -> None:
        unlock(scenes)
        for scene in scenes:
            scene.install(str(write_wheel(scene.folder / "more", name, "1.0", files)))

    return make


def python_named(name: str) -> str:
    """Return the path of a Python on PATH; raise CommandError if PATH has no such Python.

    A Python of pyenv on PATH is only a script. In this case, return the path of the real Python in pyenv's folder.
    """
    found = shutil.which(name)
    if found is None:
        raise CommandError(f"examples: expected {name} on PATH, found none; install it, for example with pyenv")
    return os.path.realpath(found) if "shims" not in found else _behind(name)


def _behind(name: str) -> str:
    series = name.removeprefix("python")
    versions = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{series}.*/bin/{name}"))
    if not versions:
        raise CommandError(f"examples: expected {name} in pyenv's folder, found none; install it with pyenv")
    return str(versions[-1])
