"""Translates the compatibility tags of wheels into options of pip, which then chooses a wheel with one of these tags.

A tag such as cp311-cp311-manylinux_2_17_x86_64 names a Python, an ABI and a platform.
"""

import re
from collections.abc import Iterable

from envparity.snapshot.types import Snapshot

_TAG = re.compile(r"([a-z]+[0-9_]*)-([A-Za-z0-9_]+)-([A-Za-z0-9_]+)")
_MOST = 60  # the most tags of one wheel that are used, because a WHEEL file may have thousands of tags
_SHORT = {"cpython": "cp", "pypy": "pp", "graalpy": "graalpy"}
_GLIBC = re.compile(r"glibc \d+\.(\d+)")
_OLD_NAMES = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}


def options_for(snapshot: Snapshot, tags: Iterable[str]) -> list[str]:
    """Return the options with which pip takes a wheel that has one of `tags`, for the Python of an environment."""
    found = [match for tag in list(tags)[:_MOST] if (match := _TAG.fullmatch(tag))]
    # Without the option --platform, pip would prefer a wheel for this machine to a wheel for any platform.
    platforms = dict.fromkeys(match[3] for match in found if match[3] != "any") or ("any",)
    own = _own(snapshot)
    # One WHEEL file may have tags for several implementations of Python. Only ABIs of this Python become options.
    abis = dict.fromkeys(match[2] for match in found if match[2] != "none" and match[1].startswith((own, "py")))
    return [
        f"--implementation={own}",
        *(f"--abi={abi}" for abi in abis),
        *(f"--platform={platform}" for platform in platforms),
    ]


def options_for_machine(snapshot: Snapshot) -> list[str]:
    """Return the options with which pip takes any wheel that the Python of an environment can use."""
    found = re.match(r"(?:cpython-|cp)(\d+[a-z]*)\b|(pypy\d+)-(pp\d+)", snapshot.interpreter.abi or "")
    abis = [f"cp{found[1]}" if found[1] else f"{found[2]}_{found[3]}"] if found else []
    return [
        f"--implementation={_own(snapshot)}",
        *(f"--abi={abi}" for abi in abis),
        *(f"--platform={platform}" for platform in platforms_of(snapshot)),
    ]


def platforms_of(snapshot: Snapshot) -> list[str]:
    """Return the platform tags that an environment supports, from the newest platform to the oldest."""
    system, _, rest = snapshot.interpreter.platform.partition("-")
    if system != "linux":
        return [re.sub(r"[-.]", "_", snapshot.interpreter.platform)]
    machine = rest.replace("-", "_")
    libc = snapshot.toolchain.get("libc") or ""
    glibc = _GLIBC.match(libc)
    names: list[str] = []
    for minor in range(int(glibc[1]) if glibc else 50, 4, -1):
        names += [f"manylinux_2_{minor}_{machine}"]
        names += [f"{_OLD_NAMES[minor]}_{machine}"] if minor in _OLD_NAMES else []
    if glibc is None:  # a C library that does not report its name is usually musl
        names += [f"musllinux_1_{minor}_{machine}" for minor in range(9, -1, -1)]
    return [*names, f"linux_{machine}"]


def _own(snapshot: Snapshot) -> str:
    return _SHORT.get(snapshot.interpreter.implementation, "py")
