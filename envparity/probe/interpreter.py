"""Finds the facts about the Python that runs the probe, such as its version and the markers of its platform.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import importlib.machinery
import os
import struct
import sys
import sysconfig

from envparity.probe.replaced import made_for, other_sites

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envparity.probe.places import Layout
    from envparity.probe.text import Facts


def interpreter(layout: Layout) -> Facts:
    """Return a dict of facts about the running Python that do not depend on the machine's kernel or paths."""
    info = sys.implementation.version
    implementation = f"{info[0]}.{info[1]}.{info[2]}"
    if info[3] != "final":
        implementation += info[3][0] + str(info[4])
    version = sys.version.split()[0].rstrip("+")
    uname = os.uname() if hasattr(os, "uname") else None
    names = {"cpython": "CPython", "pypy": "PyPy"}
    suffixes = list(importlib.machinery.EXTENSION_SUFFIXES)
    return {
        "implementation": sys.implementation.name,
        "version": version,
        "abi": next((suffix.split(".")[1] for suffix in suffixes if suffix.count(".") > 1), None),
        "platform": sysconfig.get_platform(),
        "cache_tag": sys.implementation.cache_tag,
        "extension_suffixes": suffixes,
        "elf": own_elf(),
        "venv": layout.venv,
        "made_for": made_for(layout),
        "other_sites": other_sites(layout),
        "managed_sites": layout.managed,
        "base_sites": layout.shared,
        "markers": {
            "implementation_name": sys.implementation.name,
            "implementation_version": implementation,
            "os_name": os.name,
            "platform_machine": uname.machine if uname else "",
            "platform_python_implementation": names.get(sys.implementation.name, sys.implementation.name),
            "platform_system": uname.sysname if uname else "Windows",
            "python_full_version": version,
            "python_version": "{}.{}".format(*sys.version_info[:2]),
            "sys_platform": sys.platform,
        },
    }


def own_elf() -> str | None:
    """Return the word size and machine of this interpreter's ELF file, for example `64-bit machine 62`.

    Extension modules need the same word size and machine. Return None if there is no readable ELF file.
    """
    try:
        with open(sys.executable or "", "rb") as file:
            head = file.read(20)
        if head[:4] != b"\x7fELF":
            return None
        (machine,) = struct.unpack_from({1: "<", 2: ">"}[head[5]] + "H", head, 18)
        return f"{ {1: 32, 2: 64}[head[4]] }-bit machine {machine}"
    except (OSError, KeyError, struct.error, IndexError):
        return None
