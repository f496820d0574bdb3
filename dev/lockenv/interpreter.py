"""Find the Python that makes the environments: the first usable Python that locks/toolchain.toml names."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError
from dev.lockenv import python_facts
from dev.lockenv.command import run
from dev.lockenv.packages import how_to_get
from dev.lockenv.settings import Settings, read_settings
from dev.lockenv.toolchain import Toolchain


@dataclass(frozen=True)
class Interpreter:
    """A Python, and the facts about it that a build depends on. `headers` is the folder of `Python.h`."""

    path: Path
    version: str
    tag: str
    """The implementation, version, ABI and platform. An environment works only for a Python with the same tag."""
    compiler: str
    """The C compiler that this Python names for its extension modules."""
    headers: Path


def describe(path: Path) -> Interpreter:
    """Return the facts about the Python at `path`.

    If another Python runs this process, start the Python at `path` in a new process and ask it for the facts. If `path`
    is in a virtual environment, the result is the Python that made this environment.

    Raises CommandError if the Python at `path` does not start.
    """
    facts: Mapping[str, str]
    if str(path) == sys.executable and sys.prefix == sys.base_prefix:
        facts = python_facts.python_facts()
    else:
        facts = json.loads(run([path, "-I", python_facts.__file__], purpose=f"asking {path} for its version"))
    return Interpreter(
        path=Path(facts.get("base") or path),
        version=facts["version"],
        tag=facts["tag"],
        compiler=facts["compiler"],
        headers=Path(facts["headers"]),
    )


def find_interpreter(toolchain: Toolchain, settings: Settings | None = None) -> Interpreter:
    """Return the first interpreter in the toolchain file that this machine has and that is of the right series.

    The series is the Python of a track, for example 3.11. If the variable LOCKENV_PYTHON names Pythons, this function
    tries only these. It takes a Python of a virtual environment only if PATH has no other Python of the same name.
    Raises CommandError if no interpreter fits.
    """
    seen: list[str] = []
    # In a devcontainer and after `activate`, PATH begins with an environment that lockenv may have to make again.
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    inside = {one for one in folders if os.path.isfile(f"{one}/../pyvenv.cfg")}  # noqa: PTH113 - a Path would raise an error
    outside = os.pathsep.join(folder for folder in folders if folder not in inside)
    own = (settings or read_settings()).python
    for name in own.split(os.pathsep) if own else toolchain.interpreters:
        found = shutil.which(name, path=outside) or shutil.which(name)
        if found is None:
            seen.append(f"no {name}")
            continue
        try:
            interpreter = describe(Path(found))
        except CommandError as error:
            seen.append(str(error))
            continue
        if interpreter.version.startswith(toolchain.python_series + "."):
            return interpreter
        seen.append(f"{found} is {interpreter.version}")
    cure = "correct LOCKENV_PYTHON, or unset it" if own else f"install it with: {how_to_get(toolchain, 'python')}"
    raise CommandError(f"Python: expected {toolchain.python_series} (pyproject.toml), found: {'; '.join(seen)}; {cure}")
