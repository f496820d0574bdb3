"""Finds the shared libraries that extension modules ask for, where the dynamic linker would find them.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import os
import struct
import sys

from envparity.probe.reading import read
from envparity.probe.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envparity.probe.elf import Elf
    from envparity.probe.places import Layout
    from envparity.probe.text import Facts


class Libraries:
    """Finds the libraries that extension modules ask for, in the folders that ld.so(8) lists for the dynamic linker.

    `elf_files` has the parsed ELF files by their names in the probe's output, for example `site/package/module.so`.
    """

    def __init__(self, layout: Layout, elf_files: dict[str, Elf]) -> None:
        self.layout = layout
        self.elf_files = elf_files
        self.cache = self._read_cache()
        self.bundled: dict[str, str] = {}
        for key, elf in sorted(elf_files.items()):
            self.bundled.setdefault(elf.soname or key.rsplit("/", 1)[1], key)
        multiarch = getattr(sys.implementation, "_multiarch", "")
        roots = ("/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib")
        self.defaults = [f"{root}/{multiarch}" for root in roots if multiarch] + list(roots)
        self.preloaded = [folder for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder]
        self.found: dict[str, Facts] = {}
        self.located: dict[str, str] = {}
        self.there: dict[str, bool] = {}

    def _read_cache(self) -> dict[str, list[str]]:
        try:
            data = read("/etc/ld.so.cache", 64 << 20)
            start = data.index(b"glibc-ld.so.cache1.1")
            count = struct.unpack_from("=I", data, start + 20)[0]
            found: dict[str, list[str]] = {}
            for number in range(min(count, 200000)):
                _, name, value = struct.unpack_from("=iII", data, start + 48 + 24 * number)
                label = data[start + name : data.index(b"\0", start + name)].decode("utf-8", "replace")
                place = data[start + value : data.index(b"\0", start + value)]
                found.setdefault(label, []).append(os.fsdecode(place))
        except (OSError, ValueError, struct.error):
            return {}
        else:
            return found

    def resolve(self) -> dict[str, Facts]:
        """Return a dict from soname, the name that a file asks for, to the facts about that library.

        `needed_by` in these facts lists the files that ask for the library. A library of the system has the field
        `file`, its file name. A library of the environment has the field `inside`, its path in the snapshot. A library
        that was not found has neither field.
        """
        for key, elf in sorted(self.elf_files.items()):
            for name in dict.fromkeys(elf.needed):
                self._one(key, elf, name)
        return {name: self.found[name] for name in sorted(self.found)}

    def _one(self, key: str, elf: Elf, name: str) -> None:
        facts = self.found.setdefault(name, {"needed_by": []})
        facts["needed_by"].append(key)
        for candidate in self._candidates(elf, name):
            if self._is_file(candidate):
                path = os.path.normpath(candidate)
                inside = self.layout.key(path) if self.layout.venv else None
                if inside:
                    facts["inside"] = inside
                else:
                    facts["file"] = printable(os.path.basename(os.path.realpath(path)))
                    self.located[name] = printable(path)
                return
        if name in self.bundled:
            facts.setdefault("inside", self.bundled[name])

    def _candidates(self, elf: Elf, name: str) -> list[str]:
        folders = ([] if elf.runpath else elf.rpath) + self.preloaded + elf.runpath
        if folders:
            origin = os.path.dirname(elf.path)
            folders = [one.replace("${ORIGIN}", "$ORIGIN").replace("$ORIGIN", origin) for one in folders]
        after = [f"{folder}/{name}" for folder in self.defaults]
        return [f"{folder}/{name}" for folder in folders] + self.cache.get(name, []) + after

    def _is_file(self, path: str) -> bool:
        if path not in self.there:
            self.there[path] = os.path.isfile(path)
        return self.there[path]
