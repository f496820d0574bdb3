"""The programs and headers that a machine must have before an environment can be made.

On Debian, as root, this module installs a missing program with apt. On other systems, or without root, it raises
CommandError with the command that installs the program.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from dev.command.errors import CommandError
from dev.lockenv.command import run
from dev.lockenv.interpreter import Interpreter
from dev.lockenv.settings import Settings, read_settings
from dev.lockenv.toolchain import Toolchain

Found = TypeVar("Found")

# gmp has a macro for each part of its version. So one run of the preprocessor shows whether the compiler and the
# headers exist, and prints the version.
_HEADERS = """
#include <Python.h>
#include <gmp.h>
gmp_version __GNU_MP_VERSION __GNU_MP_VERSION_MINOR __GNU_MP_VERSION_PATCHLEVEL
"""


def package_manager() -> str:
    """Return the package manager of this machine: `apt`, `dnf` or `brew`, else `nix`."""
    for name, command in (("apt", "apt-get"), ("dnf", "dnf"), ("brew", "brew")):
        if shutil.which(command):
            return name
    return "nix"


def how_to_get(toolchain: Toolchain, need: str) -> str:
    """Return the command that installs `need` on this machine; `need` is a key in the toolchain file, such as `git`."""
    return toolchain.install_commands[need][package_manager()]


def compiler_facts(interpreter: Interpreter, settings: Settings | None = None) -> dict[str, str]:
    """Return a dict: `compiler` is the first line of the compiler's `--version`, `gmp` is the version of gmp's headers.

    A build with this interpreter would use this compiler and these headers. Raises CommandError if the compiler or a
    header is missing.
    """
    compiler = ((settings or read_settings()).build.get("CC") or interpreter.compiler).split()[0]
    command = [compiler, "-E", "-P", f"-I{interpreter.headers}", "-"]
    preprocessed = run(command, purpose="looking for a C compiler and the headers of Python and gmp", stdin=_HEADERS)
    version = preprocessed.rsplit("gmp_version", 1)[1].split()
    banner = run([compiler, "--version"], purpose="asking the C compiler for its version").splitlines()[0]
    return {"compiler": banner, "gmp": ".".join(version)}


def require_build_tools(
    toolchain: Toolchain, interpreter: Interpreter, settings: Settings | None = None
) -> dict[str, str]:
    """Return the result of `compiler_facts`; on Debian, as root, first install a missing compiler or header with apt.

    On other systems, or without root, raises CommandError with the command that installs it.
    """
    return _require(toolchain, "build", lambda: compiler_facts(interpreter, settings))


def require_pip(toolchain: Toolchain, interpreter: Interpreter) -> None:
    """Make sure that the interpreter can make an environment with pip.

    On Debian, as root, install Python's missing modules. On other systems, or without root, raises CommandError with
    the command that installs them.
    """
    probe: list[str | Path] = [interpreter.path, "-I", "-c", "import venv, ensurepip"]
    _require(toolchain, "pip", lambda: run(probe, purpose="looking for the modules venv and ensurepip"))


def require_program(toolchain: Toolchain, need: str, program: str) -> Path:
    """Return the path of `program`; on Debian, as root, first install a missing program with apt.

    `need` is the key in the toolchain file of the command that installs it. On other systems, or without root, raises
    CommandError with this command.
    """

    def find() -> Path:
        found = shutil.which(program)
        if found is None:
            raise CommandError(f"expected the program {program} on PATH, found none")
        return Path(found)

    return _require(toolchain, need, find)


def _require(toolchain: Toolchain, need: str, find: Callable[[], Found]) -> Found:
    try:
        return find()
    except CommandError as error:
        command = how_to_get(toolchain, need)
        if package_manager() != "apt" or os.geteuid() != 0:
            raise CommandError(f"{error}; install it with: {command}") from error
    print(f"lockenv: {command}", file=sys.stderr)  # noqa: T201 - the command changes the machine, so print it first
    _apt(command)
    return find()


def _apt(command: str) -> None:
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        run(command.split(), purpose=command, extra=quiet)
    except CommandError:
        # A fresh machine has no package lists yet, and old lists name packages that the mirror no longer has.
        subprocess.run(["apt-get", "update", "-qq"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
        run(command.split(), purpose=command, extra=quiet)
