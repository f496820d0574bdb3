"""The Python that makes the environments: the one that the toolchain file names for this machine."""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError
from dev.lockenv.command import run
from dev.lockenv.toolchain import Toolchain

_DESCRIBE = """
import json, platform, sys, sysconfig
print(json.dumps({
    "version": platform.python_version(),
    "tag": "-".join([platform.python_implementation(), platform.python_version(),
                     sysconfig.get_config_var("SOABI") or "", sysconfig.get_platform()]),
    "compiler": (sysconfig.get_config_var("CC") or "cc").split()[0],
    "headers": sysconfig.get_path("include"),
}))
"""


@dataclass(frozen=True)
class Interpreter:
    """A Python and what a build against it depends on."""

    path: Path
    version: str
    tag: str
    """Implementation, full version, ABI and platform: what an environment is made for."""
    compiler: str
    """The C compiler that its extension modules are built with."""
    headers: Path


def describe(path: Path) -> Interpreter:
    """Ask a Python about itself."""
    facts = json.loads(run([path, "-I", "-c", _DESCRIBE], purpose=f"asking {path} for its version"))
    return Interpreter(
        path=path,
        version=facts["version"],
        tag=facts["tag"],
        compiler=facts["compiler"],
        headers=Path(facts["headers"]),
    )


def find_interpreter(toolchain: Toolchain) -> Interpreter:
    """The first interpreter of the toolchain file that is on this machine and of its series.

    A door that brings its own names it in LOCKENV_PYTHON: that one or none.
    """
    seen: list[str] = []
    own = os.environ.get("LOCKENV_PYTHON")
    for name in (own,) if own else toolchain.interpreters:
        found = shutil.which(name)
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
    raise CommandError(
        f"Python: expected {toolchain.python_series} (locks/toolchain.toml), found: {'; '.join(seen)}; install it,"
        " for example with: apt-get install -y python3.11"
    )
