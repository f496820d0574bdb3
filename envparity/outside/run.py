"""Runs the probe for an environment whose own Python does not run.

The probe is the program that prints a snapshot. This module runs the same program that envparity sends through doors.
So there is no second program whose snapshot could differ. But this module replaces `os`, `sys` and other modules by
objects that have the facts of the environment. The probe can import only these objects and the modules in _GIVEN.
"""

import builtins
import importlib
import io
import os
import platform
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from types import CodeType, ModuleType, SimpleNamespace
from typing import Any

from envparity.outside.environments import Found
from envparity.outside.python import Python, stand_ins
from envparity.outside.standard import BUILT_IN
from envparity.outside.view import View, refused
from envparity.probe.assembly import assembled

# Modules that the probe gets unchanged, because their results do not depend on this machine.
_GIVEN = frozenset(
    "__future__ ast binascii collections csv errno gc hashlib io itertools json marshal re signal stat struct "
    "threading time types typing urllib.parse warnings zipfile".split()
)
# The facts that need a running interpreter or its kernel, each as its path of keys in the snapshot. A snapshot from
# outside lacks these facts.
NEEDS_RUNNING = (
    ("toolchain",),
    ("behaviour",),
    ("located", "programs"),
    ("located", "platform_release"),
    ("located", "platform_version"),
)


@cache
def _code() -> CodeType:
    return compile(assembled(), "<probe>", "exec", dont_inherit=True)


def read_snapshot_from_outside(found: Found, files: View | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the snapshot of one environment as the probe makes it, without the facts of NEEDS_RUNNING.

    `files` shows the files of an image; None means the files of this machine. `settings` are the settings of the probe.
    """
    system: Any = files or os
    replaced: dict[str, Any] = stand_ins(found.python)
    replaced["os"] = system
    replaced["subprocess"] = SimpleNamespace(Popen=refused, PIPE=-1, DEVNULL=-3, TimeoutExpired=TimeoutError)
    own: dict[str, Any] = {
        "__name__": "probe",
        "__builtins__": {
            **vars(builtins),
            "__import__": _importer(replaced),
            "open": _opener(files) if files else open,
        },
    }
    exec(_code(), own)  # noqa: S102 - our own program
    own["Tools"] = _NoTools
    if replaced["sys"].stdlib_module_names is None:
        replaced["sys"].stdlib_module_names = _names_in(system, own["this_environment"]().stdlib)
    if found.target is not None:
        own["this_environment"] = lambda: _target(own["Environment"], found, found.target or "")
    asked = {name: value for name, value in settings.items() if name not in ("behaviour", "toolchain")}
    asked["compiles"] = _compiles_the_same(found.python)
    asked["bytecode"] = bool(settings.get("bytecode")) and asked["compiles"]
    snapshot: dict[str, Any] = own["snapshot"](asked)
    snapshot["level"] = "outside"
    snapshot["toolchain"], snapshot["behaviour"] = {}, {}
    snapshot["located"] |= {"platform_release": "", "platform_version": "", "programs": {}}
    if found.python.system != "linux":
        snapshot["interpreter"]["home"] = None  # this machine lacks the Python that pyvenv.cfg names
    if found.target is not None:
        snapshot["interpreter"]["elf"] = found.python.elf
        snapshot["standard_library"] = {}
    return snapshot


def _compiles_the_same(python: Python) -> bool:
    """Return whether this process's Python compiles a source to the same bytecode as the Python of the environment.

    Two releases of one minor version may compile a source differently, although both write the same magic number.
    """
    own = (sys.implementation.name, sys.implementation.cache_tag, platform.python_version())
    return (python.implementation, python.cache_tag, python.version) == own


class _NoTools:
    """Replaces the probe's class `Tools`, which would start programs to ask for their versions."""

    def __init__(self, *_: object) -> None:
        self.located: dict[str, str] = {}

    def versions(self) -> dict[str, str | None]:
        return {}


def _importer(replaced: Mapping[str, Any]) -> Callable[..., Any]:
    def find(name: str, _own: object = None, _local: object = None, _wanted: Any = (), level: int = 0) -> ModuleType:
        top = name.partition(".")[0]
        if top in replaced and level == 0:
            found: ModuleType = replaced[top]
            return found
        if name not in _GIVEN:
            raise ImportError(f"the probe has no {name} from outside")
        return importlib.import_module(name)

    return find


def _opener(files: View) -> Callable[..., io.BytesIO]:
    def open_whole(path: str, _mode: str = "rb") -> io.BytesIO:
        handle = files.open(path)
        try:
            return io.BytesIO(files.read(handle, files.fstat(handle).st_size))
        finally:
            files.close(handle)

    return open_whole


def _names_in(system: Any, stdlib: str) -> frozenset[str]:
    """Return the import names of Python's own modules, for a Python before 3.10, which has no list of them.

    The names are BUILT_IN and the names in the folders of the standard library.
    """
    names = set(BUILT_IN)
    for folder in (stdlib, f"{stdlib}/lib-dynload"):
        with suppress(OSError):
            names.update(name.partition(".")[0] for name in system.listdir(folder))
    return frozenset(names)


def _target(environment: Callable[..., Any], found: Found, folder: str) -> Any:
    """Return the environment of a folder without an interpreter, for example a folder of `pip install --target`.

    `environment` is the class `Environment` of the probe.
    """
    made = environment(f"{folder}/bin/python", found.python.series, base_prefix=folder)
    made.prefix, made.base_prefix, made.venv, made.sites = folder, "", False, [folder]
    made.folders = dict.fromkeys(("purelib", "platlib", "scripts", "data"), folder) | {"stdlib": made.stdlib}
    return made
