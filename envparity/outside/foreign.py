"""Finds the facts about a Python of Windows or macOS in the files of its environment.

This Python cannot run here, so envparity cannot ask it for the facts.
`pyvenv.cfg` or a header file has the version of Python. The tags of the installed wheels name the machine.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping

from envparity.outside.python import Python, magic_of, read_whole
from envparity.outside.tree import Folder, Node, Tree
from envparity.snapshot.folders import APPLE, MACH_O

_VERSION = re.compile(
    r"(?im)^\s*(?:version(?:_info)?\s*=\s*|#define\s+PY_VERSION\s+\")3\.(\d{1,2})(?:\.(\d+))?((?:a|b|rc)\d+)?"
)
_MACHINE = re.compile(r"win_(amd64|arm64)|(win)32|macosx_\d+_\d+_(arm64|x86_64|universal2)")
_APPLE = ("arm64", "x86_64", "universal2")
# For each machine in a wheel's tag: its name in markers, the platform of sysconfig, and the tag in a module's name.
_WINDOWS = {
    "amd64": ("AMD64", "win-amd64", "win_amd64"),
    "arm64": ("ARM64", "win-arm64", "win_arm64"),
    "win": ("x86", "win32", "win32"),
}


def foreign_python(tree: Tree, prefix: str) -> Python | None:
    """Return the Python of Windows or macOS in the folder `prefix`; None if the folder has no such Python.

    The folder may be a virtual environment or a whole installation.
    """
    inside = _inside(tree, prefix)
    config = _text(tree, f"{prefix}/pyvenv.cfg")
    if "site-packages" in _inside(tree, f"{prefix}/Lib") and ("Scripts" in inside or "python.exe" in inside):
        version = _VERSION.search(config or _text(tree, f"{prefix}/include/patchlevel.h"))
        program = f"{prefix}/Scripts/python.exe" if config else f"{prefix}/python.exe"
        return _windows(version, _machines(tree, [f"{prefix}/Lib/site-packages"]), program) if version else None
    libraries = [name for name in _inside(tree, f"{prefix}/lib") if re.fullmatch(r"python3\.\d+t?", name)]
    headers = [_text(tree, f"{prefix}/include/{name}/patchlevel.h") for name in libraries]
    version = _VERSION.search(config or "\n".join(headers))
    apple = [
        one for one in _machines(tree, [f"{prefix}/lib/{name}/site-packages" for name in libraries]) if one in _APPLE
    ]
    if version and libraries and (apple or APPLE.search(config) or _has_mach_o(tree, prefix, libraries)):
        return _macos(version, apple, prefix)
    return None


def _has_mach_o(tree: Tree, prefix: str, libraries: list[str]) -> bool:
    """Return whether one of the Pythons in `bin` is a program of macOS."""
    programs = (read_whole(tree, f"{prefix}/bin/{name}") for name in libraries)
    return any(one is not None and one.startswith(MACH_O) for one in programs)


def _text(tree: Tree, path: str) -> str:
    return (read_whole(tree, path, 1 << 16) or b"").decode("utf-8", "replace")


def _windows(version: re.Match[str], machines: list[str], program: str) -> Python:
    machine, platform, tag = _WINDOWS[next((one for one in machines if one in _WINDOWS), "amd64")]
    minor = int(version[1])
    return Python(
        program,
        _full(version),
        machine,
        cache_tag=f"cpython-3{minor}",
        suffixes=(f".cp3{minor}-{tag}.pyd", ".pyd"),
        magic=magic_of(minor),
        system="win32",
        platform=platform,
    )


def _macos(version: re.Match[str], machines: list[str], prefix: str) -> Python:
    machine = next((one for one in machines if one != "universal2"), "arm64")
    minor = int(version[1])
    return Python(
        f"{prefix}/bin/python3",
        _full(version),
        machine,
        cache_tag=f"cpython-3{minor}",
        suffixes=(f".cpython-3{minor}-darwin.so", ".abi3.so", ".so"),
        multiarch="darwin",
        magic=magic_of(minor),
        system="darwin",
        platform=f"macosx-11.0-{machine}",
    )


def _full(version: re.Match[str]) -> str:
    return f"3.{version[1]}.{version[2] or 0}{version[3] or ''}"


def _machines(tree: Tree, sites: list[str]) -> list[str]:
    """Return the machines that the tags of the installed wheels name, the most frequent first."""
    found: list[str] = []
    for site in sites:
        for name in _inside(tree, site):
            if name.endswith(".dist-info"):
                found += _tags(read_whole(tree, f"{site}/{name}/WHEEL", 1 << 16) or b"")
    return sorted(set(found), key=lambda one: (-found.count(one), one))


def _tags(wheel: bytes) -> Iterator[str]:
    for line in wheel.decode("utf-8", "replace").splitlines():
        if line.startswith("Tag:") and (machine := _MACHINE.search(line)):
            yield next(one for one in machine.groups() if one)


def _inside(tree: Tree, path: str) -> Mapping[str, Node]:
    try:
        found = tree.find(posixpath.normpath(path), follow=True)
    except OSError:
        return {}
    return found.inside if isinstance(found, Folder) else {}
