"""The programs and headers that a machine must have before an environment can be made.

On Debian, as root, this module installs a missing program with apt. On other systems, or without root, it raises
CommandError with the command that installs the program.
"""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from dev.command.errors import CommandError
from dev.lockenv.command import run
from dev.lockenv.interpreter import Interpreter
from dev.lockenv.packages import how_to_get, package_manager
from dev.lockenv.settings import Settings, read_settings
from dev.lockenv.toolchain import Toolchain

# gmp has a macro for each part of its version. So one run of the preprocessor shows whether the compiler and the
# headers exist, and prints the version.
_HEADERS = """
#include <Python.h>
#include <gmp.h>
gmp_version __GNU_MP_VERSION __GNU_MP_VERSION_MINOR __GNU_MP_VERSION_PATCHLEVEL
"""
_MODULES = """
try:
    import venv, ensurepip
except ImportError as error:
    raise SystemExit(str(error))
"""


def compiler_facts(interpreter: Interpreter, settings: Settings | None = None) -> dict[str, str]:
    """Return a dict: `compiler` is the first line of the compiler's `--version`, `gmp` is the version of gmp's headers.

    A build with this interpreter would use this compiler and these headers. Without `settings`, the settings come from
    the environment variables. Raises CommandError if the compiler or a header is missing.
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

    On other systems, or without root, raises CommandError with the command that installs everything that is missing.
    Also raises CommandError if the variable CC names a program that does not exist.
    """
    own = (settings or read_settings()).build.get("CC", "")
    if own and shutil.which(own.split()[0]) is None:
        raise CommandError(f"CC: expected a C compiler, found no program {own.split()[0]!r}; correct CC, or unset it")
    finds = _first(interpreter, settings)
    facts: dict[str, str] = _require(toolchain, {"build": finds["build"], **finds})
    return facts


def require_pip(toolchain: Toolchain, interpreter: Interpreter) -> None:
    """Make sure that the interpreter can make an environment with pip.

    If it cannot, and this user is root on Debian, install the missing modules of Python, and also a missing compiler or
    header. On other systems, or without root, raises CommandError with the command that installs all of these.
    """
    _require(toolchain, _first(interpreter))


def require_program(toolchain: Toolchain, need: str, program: str) -> Path:
    """Return the path of `program`; on Debian, as root, first install a missing program with apt.

    `need` is a key in the toolchain file, for example `git`: its packages contain the program. On other systems, or
    without root, raises CommandError with the command that installs the program.
    """
    path: Path = _require(toolchain, {need: partial(_find, program)})
    return path


def require_all(toolchain: Toolchain, interpreter: Interpreter, programs: Mapping[str, str]) -> None:
    """Make sure that this machine has everything that lockenv needs to make environments, and all `programs`.

    `programs` is a dict from a key in the toolchain file to a program. On Debian, as root, install all that is missing.
    On other systems, or without root, raises CommandError with one command that installs all that is missing.
    """
    finds = _first(interpreter) | {need: partial(_find, program) for need, program in programs.items()}

    def find() -> None:
        for one in finds.values():
            one()

    _require(toolchain, {"": find, **finds})


def _find(program: str) -> Path:
    found = shutil.which(program)
    if found is None:
        raise CommandError(f"expected the program {program} on PATH, found none")
    return Path(found)


def _first(interpreter: Interpreter, settings: Settings | None = None) -> dict[str, Callable[[], Any]]:
    """Return a dict from each need of lockenv itself, such as `headers`, to a function that looks for the need.

    The function raises CommandError if the need is missing.
    """
    return {
        "pip": lambda: _find_pip(interpreter),
        "headers": lambda: _find_headers(interpreter),
        "build": lambda: compiler_facts(interpreter, settings),
    }


def _find_pip(interpreter: Interpreter) -> None:
    probe: list[str | Path] = [interpreter.path, "-I", "-c", _MODULES]
    run(probe, purpose="looking for Python's modules venv and ensurepip")


def _find_headers(interpreter: Interpreter) -> None:
    if not (interpreter.headers / "Python.h").is_file():
        raise CommandError(f"expected Python.h in {interpreter.headers}, found none")


def _require(toolchain: Toolchain, finds: Mapping[str, Callable[[], Any]]) -> Any:
    """Call the first function of `finds`, and return its result.

    If the first function fails, call each function that has a key, to find out which needs are missing. On Debian, as
    root, install these needs and call the first function again. On other systems, or without root, raises CommandError
    with the command that installs these needs.

    `finds` is a dict from a key in the toolchain file to a function that raises CommandError if the need is missing.
    The key of a function that looks for several needs is empty.
    """
    find = next(iter(finds.values()))
    try:
        return find()
    except CommandError as error:
        wrong = str(error)
    missing = [need for need, one in finds.items() if need and _is_missing(one)]
    command = how_to_get(toolchain, *missing)
    if package_manager() != "apt" or os.geteuid() != 0:
        what = "it" if len(missing) == 1 else "everything that is missing"
        raise CommandError(f"{wrong}; install {what} with: {command}")
    print(f"lockenv: {command}", file=sys.stderr)  # noqa: T201 - the command changes the machine, so print it first
    for one in command.split(" && "):
        try:
            run(one.split(), purpose=one, extra={"DEBIAN_FRONTEND": "noninteractive"})
        except CommandError:
            if not one.endswith(" update"):  # without a network, the old lists may still be good enough
                raise
    return find()


def _is_missing(find: Callable[[], object]) -> bool:
    try:
        find()
    except CommandError:
        return True
    return False
