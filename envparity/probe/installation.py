"""Reads the Python installation that an environment uses: the interpreter's files and the standard library's files.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON. A
program that can write these files can change every result of Python. So two environments are equal only if these files
are equal.
"""

from __future__ import annotations

import binascii
import hashlib
import os
import re
import struct

from envparity.probe.bytecode import Bytecode, code_hash
from envparity.probe.elf import Elf
from envparity.probe.reading import read
from envparity.probe.text import escaped, printable, reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict

    from envparity.probe.environment import Environment
    from envparity.probe.text import Facts

    Library = Dict[str, Dict[str, str]]  # the short hashes of files, by the path of their folder and by their name

LARGEST = 1 << 28  # bytes of an interpreter or of a file of the standard library
SHORT = 18  # the number of bytes of a SHA-256 that are kept for each file: 24 characters in base64
ALTERED = "altered:"  # marks the hash of bytecode that differs from its source
# Folders in the standard library's folder that are not part of the standard library. `config-3.11-x86_64-linux-gnu` has
# files for building programs, which no Python imports.
NOT_LIBRARY = re.compile(r"(site|dist)-packages|config-.+")
INSTALLED_AT = re.compile(r"_sysconfigdata.*\.py|_sysconfig_vars.*\.json")  # files that contain the installation's path


def short_hash(data: bytes) -> str:
    """Return the first SHORT bytes of the SHA-256 of `data`, in URL-safe base64."""
    digest = hashlib.sha256(data).digest()[:SHORT]
    return binascii.b2a_base64(digest, newline=False).decode().replace("+", "-").replace("/", "_")


def standard_library(environment: Environment, cache_tag: str) -> Library:
    """Return a dict from each folder of the standard library to a dict from file names to short hashes.

    The names of folders are relative paths, for example `json/__pycache__`; the library's own folder has an empty name.
    The zip file of the standard library, if there is one, is in the folder `..`. The hash of bytecode leaves out the
    header and the path of the source. Bytecode without `cache_tag` in its name is left out. If a file that matches
    INSTALLED_AT contains the installation's path, the file has a second hash, after `|`, which leaves this path out. A
    file that cannot be read has the reason instead of a hash; a folder that cannot be read has the reason under the
    name `.`. A link to a file counts as the file, and links to folders are not followed.
    """
    root = environment.root
    base = root.outer(environment.stdlib)
    found: Library = {}
    waiting = [(base, "")]
    prefix = os.fsencode(environment.base_prefix)
    ending = f".{cache_tag}.pyc"
    while waiting:
        folder, name = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                listed = list(entries)
        except OSError as error:
            found.setdefault(name, {})["."] = reason(error)
            continue
        hashes: dict[str, str] = {}
        cache = os.path.basename(folder) == "__pycache__"
        for entry in listed:
            if entry.is_dir(follow_symlinks=False):
                if name or not NOT_LIBRARY.fullmatch(entry.name):
                    waiting.append((entry.path, f"{name}/{escaped(entry.name)}" if name else escaped(entry.name)))
            elif not cache or entry.name.endswith(ending):
                hashes[escaped(entry.name)] = hash_of(environment, entry, prefix, cache)
        if hashes:
            found[name] = {key: hashes[key] for key in sorted(hashes)}
    zipped = os.path.join(os.path.dirname(environment.stdlib), f"python{environment.series.replace('.', '')}.zip")
    if root.is_file(zipped):  # Python imports from this file before it looks into the folder
        found[".."] = {os.path.basename(zipped): hash_at(root.outer(zipped))}
    return {key: found[key] for key in sorted(found)}


def hash_of(environment: Environment, entry: os.DirEntry[str], prefix: bytes, cache: bool) -> str:
    """Return the short hash of a file in a folder of the standard library, or the reason why it cannot be read.

    The hash has the form that `standard_library` describes. `prefix` is the path of the installation. `cache` is
    whether the folder is a `__pycache__`.
    """
    path = entry.path
    if entry.is_symlink():
        inner = path[len(environment.root.folder) :]
        path = environment.root.outer(inner)
    try:
        data = read(path, LARGEST)
    except OSError as error:
        return reason(error)
    if cache:
        source = entry.path.replace(f"{os.sep}__pycache__{os.sep}", os.sep)[len(environment.root.folder) :]
        module = os.path.join(os.path.dirname(source), os.path.basename(source).partition(".")[0] + ".py")
        return short_hash(bytes.fromhex(code_hash(data, os.fsencode(module)))) if len(data) >= 16 else short_hash(data)
    if prefix in data and INSTALLED_AT.fullmatch(entry.name):
        return f"{short_hash(data)}|{short_hash(data.replace(prefix, b'<prefix>'))}"
    return short_hash(data)


def hash_at(path: str) -> str:
    """Return the short hash of the file at a path of this machine, or the reason why it cannot be read."""
    try:
        return short_hash(read(path, LARGEST))
    except OSError as error:
        return reason(error)


def mark_altered(library: Library, environment: Environment, cache_tag: str) -> None:
    """In `library`, put `altered:` before the hash of bytecode whose source now compiles to other bytecode.

    Stale bytecode gets this mark only in the mode `unchecked-hash`, because Python ignores other stale bytecode.
    """
    judge = Bytecode(recompile=True).judge
    base = environment.root.outer(environment.stdlib)
    ending = f".{cache_tag}.pyc"
    for folder, folders, names in os.walk(base):
        if folder == base:
            folders[:] = [one for one in folders if not NOT_LIBRARY.fullmatch(one)]
        if os.path.basename(folder) != "__pycache__":
            continue
        for name in sorted(one for one in names if one.endswith(ending)):
            above = os.path.dirname(folder)
            try:
                data = read(os.path.join(folder, name), LARGEST)
                path = os.path.join(above, name[: -len(ending)] + ".py")
                source = (read(path, LARGEST), os.stat(path))
            except OSError:
                continue  # without a source there is nothing to compare; `standard_library` already lists the bytecode
            facts: Facts = {}
            judge(facts, name, data, {name[: -len(ending)]: source}, above)
            if facts.get("bytecode", "").endswith((":altered", "unchecked-hash:stale")):
                hashes = library[escaped(os.path.relpath(folder, base).replace(os.sep, "/"))]
                hashes[escaped(name)] = ALTERED + hashes[escaped(name)]


class Interpreter:
    """The interpreter's own files. `facts` and `located` are the parts of the snapshot about these files.

    The fact `build` is the build ID: two interpreters with the same build ID come from the same run of a linker.
    """

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.digest: str | None = None
        self.elf: Elf | None = None
        self.facts: Facts = {"binary": None, "libpython": None, "build": None, "home": None}
        self.located = {"binary": printable(environment.binary)}
        if environment.config is not None:
            self.located["config"] = printable(environment.config)
        if environment.home is not None:
            self.located["home"] = printable(environment.home)
        self.digest, self.elf = self._read(environment.binary)
        self.facts["binary"] = self.digest
        build = self.elf.build if self.elf else ""
        library = self._library()
        if library is not None:
            self.located["libpython"] = printable(library)
            self.facts["libpython"], elf = self._read(library)
            build = elf.build if elf else ""
        self.facts["build"] = build or None
        self.facts["home"] = self._home()

    def _read(self, path: str) -> tuple[str | None, Elf | None]:
        outer = self.environment.root.outer(path)
        try:
            data = read(outer, LARGEST)
        except (OSError, ValueError):
            return None, None
        elf = None
        if data[:4] == b"\x7fELF":
            try:
                elf = Elf(data, path)
            except (struct.error, IndexError, ValueError, OverflowError):
                elf = None  # the dynamic linker refuses such a file too
        return hashlib.sha256(data).hexdigest(), elf

    def _library(self) -> str | None:
        """Return the path of the shared library that holds the interpreter, such as libpython3.11.so.1.0.

        Return None if the executable needs no such library, or if no folder has it.
        """
        elf, environment = self.elf, self.environment
        name = next((one for one in elf.needed if one.startswith(("libpython", "libpypy"))), None) if elf else None
        if elf is None or name is None:
            return None
        origin = os.path.dirname(environment.binary)
        folders = [one.replace("${ORIGIN}", "$ORIGIN").replace("$ORIGIN", origin) for one in elf.runpath or elf.rpath]
        folders += [os.path.join(environment.base_prefix, "lib"), os.path.dirname(environment.stdlib)]
        folders += [f"/usr/lib/{one}" for one in environment.root.names("/usr/lib") if one.endswith(("-gnu", "-musl"))]
        folders += ["/usr/local/lib", "/usr/lib64", "/usr/lib", "/lib64", "/lib"]
        paths = (os.path.normpath(os.path.join(folder, name)) for folder in folders)
        return next((path for path in paths if environment.root.is_file(path)), None)

    def _home(self) -> str | None:
        """Compare the installation that the entry `home` of pyvenv.cfg names with the installation of the executable.

        Return `same` or `other`, or `missing` if the folder `home` has no Python. Return None without a `home`.
        """
        environment = self.environment
        if environment.home is None:
            return None
        names = [one for one in environment.root.names(environment.home) if one.startswith(("python", "pypy"))]
        paths = sorted({environment.root.real(os.path.join(environment.home, name)) for name in names})
        named = environment.landmark(environment.home)
        if named is None:
            # A folder of links, such as ~/.local/bin. Python follows the link to find its standard library.
            return "same" if environment.binary in paths else "missing"
        prefix = environment.root.real(environment.prefix)
        if not environment.binary.startswith(prefix + os.sep):
            started = environment.landmark(os.path.dirname(environment.binary))
            return "same" if started == named else "other"
        # The executable is a copy, as `venv --copies` makes it. Its original is in `home`.
        if any(self._read(path)[0] == self.digest for path in paths):
            return "same"
        return "same" if environment.windows or environment.framework() else "other"
