"""Finds the top-level import names, and the distributions that have files below each name.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import os
import sys

from envparity.probe.reading import names_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable

    from envparity.probe.text import Facts


def import_names(files: dict[str, Facts], suffixes: list[str]) -> dict[str, Facts]:
    """Return a dict from each top-level import name to its facts: `places`, and `stdlib` for a name of Python itself.

    A place of a name is a file or a folder with this name, directly in a site folder. Each place has a `kind`, a
    `path`, and `providers`, the ids of the distributions that own its files. `files` are the files of the snapshot by
    path, and `suffixes` are the file name endings of this Python's extension modules.
    """
    folders: dict[str, Folder] = {}
    names: dict[str, list[Facts]] = {}
    for key, entry in files.items():
        if key[:4] != "site" or "bytecode" in entry or entry.get("kind") == "missing":
            continue
        scheme, top, *rest = key.split("/", 2)
        owners = entry.get("claims", ())
        if rest:
            path = f"{scheme}/{top}"
            folder = folders.get(path) or folders.setdefault(path, Folder(top))
            folder.add(rest[0], owners)
        else:
            module = module_name(top, suffixes)
            # Python prefers a source to the bytecode that `compileall -b` puts next to it.
            unused = top.endswith(".pyc") and files.get(key[:-1], {"kind": "missing"}).get("kind") != "missing"
            if module and not unused:
                kind = "module" if top.endswith(".py") else "extension"
                names.setdefault(module, []).append({"kind": kind, "path": key, "providers": sorted(owners)})
    for path, folder in folders.items():
        if folder.name.isidentifier() and folder.name != "__pycache__":
            names.setdefault(folder.name, []).append(
                {"kind": folder.kind(), "path": path, "providers": sorted(folder.owners)}
            )
    standard = standard_names()
    found: dict[str, Facts] = {}
    for name in sorted(names):
        found[name] = {"places": sorted(names[name], key=lambda one: str(one["path"]))}
        if name in standard:
            found[name]["stdlib"] = True
    return found


class Folder:
    """A folder directly in a site folder: the owners of its files, and whether it is a package or has any code."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.owners: set[str] = set()
        self.regular = False
        self.code = False

    def add(self, path: str, owners: Iterable[str]) -> None:
        """Add a file, by its path relative to the folder, and the ids of its owners."""
        self.owners.update(owners)
        if path.startswith("__init__.") and "/" not in path:
            self.regular = True
        if path.endswith((".py", ".so", ".pyd")):
            self.code = True

    def kind(self) -> str:
        """Return the kind of the folder for Python: `package`, `namespace`, or `data` if it has no code."""
        return "package" if self.regular else "namespace" if self.code else "data"


def standard_names() -> frozenset[str]:
    """Return the import names of Python itself; before Python 3.10, find them in Python's own folders."""
    known: frozenset[str] | None = getattr(sys, "stdlib_module_names", None)
    if known:
        return known
    home = os.path.dirname(os.__file__)
    names = [name for folder in (home, os.path.join(home, "lib-dynload")) for name in names_in(folder)]
    return frozenset(sys.builtin_module_names).union(name.partition(".")[0] for name in names)


def module_name(name: str, suffixes: list[str]) -> str | None:
    """Return the import name of a top-level file, or None if no version of Python can import the file."""
    for suffix in [".py", *suffixes]:
        if name.endswith(suffix):
            stem = name[: -len(suffix)]
            break
    else:
        stem = name.partition(".")[0] if name.endswith((".so", ".pyd", ".pyc")) else ""
    return stem if stem.isidentifier() else None
