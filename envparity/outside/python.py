"""The `Python` class: the facts about an interpreter, read from its file and not from a running process.

The probe is the program that prints a snapshot. Usually, the probe asks the running Python for these facts, for example
for its version and the names of its bytecode files. From outside, no Python of the environment runs. But the
interpreter's file contains the same facts as strings.
"""

import _imp
import posixpath
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from types import SimpleNamespace

from envparity.errors import EnvparityError
from envparity.machines import MACHINES
from envparity.outside.standard import standard_names
from envparity.outside.tree import File, Folder, Tree
from envparity.probe.elf import Elf
from envparity.text import visible

_ELF = b"\x7fELF"
_BINARY_AT_MOST = 256 << 20  # bytes of an interpreter or of its library
_LIBRARY = re.compile(r"libpython3[\w.]*\.so[\w.]*|libpypy3[\w.-]*\.so[\w.]*")
_TEXT_AT_MOST = 256  # bytes; how far a text may begin before the known part, and end after the start of this part
_TAG = re.compile(r"cpython-3(\d+)(t?)")
_SUFFIX = re.compile(r"\.cpython-[\w-]*\.so")
_MULTIARCH = re.compile(r"\.cpython-\w+?-([\w-]+)\.so")
# The first two bytes of a .pyc file of each minor version, as a number. This number never changes after a release.
_MAGIC = {8: 3413, 9: 3425, 10: 3439, 11: 3495, 12: 3531, 13: 3571, 14: 3627}


@dataclass(frozen=True)
class Python:
    """An interpreter. `executable` is its path in the image, perhaps a link, and `version` is for example `3.11.2`.

    `machine` is the kernel's name of the machine, for example `x86_64`. `suffixes` are the file name endings of its
    extension modules. `multiarch` is the machine in these endings, for example `x86_64-linux-gnu`. `magic` is the first
    four bytes of its bytecode files; None if they are not known. `elf` is for example `64-bit machine 62`; only
    `assumed_python` sets it. `system` is the value of sys.platform, and `platform` is the value of
    sysconfig.get_platform(). `platform` is empty if this value is the usual value of Linux, for example `linux-x86_64`.
    """

    executable: str
    version: str
    machine: str
    implementation: str = "cpython"
    cache_tag: str = ""
    suffixes: tuple[str, ...] = ()
    multiarch: str = ""
    magic: bytes | None = None
    free_threaded: bool = False
    elf: str | None = None
    system: str = "linux"
    platform: str = ""

    @property
    def minor(self) -> int:
        """Return the second part of the version, for example 11 for `3.11.2`."""
        return int(self.version.split(".")[1])

    @property
    def series(self) -> str:
        """Return the version in the names of Python's folders, for example `3.11` or `3.13t`."""
        return f"3.{self.minor}{'t' if self.free_threaded else ''}"


def read_python(tree: Tree, executable: str) -> Python | None:
    """Return the interpreter at a path in `tree`; None if the path does not lead to a Python of Linux."""
    try:
        node = tree.find(executable, follow=True)
    except OSError:
        return None
    if not isinstance(node, File):
        return None
    if id(node) not in tree.pythons:  # many environments start the same file
        tree.pythons[id(node)] = _read(tree, executable)
    found = tree.pythons[id(node)]
    return replace(found, executable=executable) if isinstance(found, Python) else None


def _read(tree: Tree, executable: str) -> Python | None:
    data = read_whole(tree, executable)
    if data is None or not data.startswith(_ELF):
        return None
    found = _described(data, executable)
    if found is not None:
        return found
    library = _library(tree, tree.real(executable), data)
    return _described(library, executable) if library else None


def _texts(data: bytes, part: bytes) -> Iterator[str]:
    """Yield the texts in `data` that contain `part`: each is between two NUL bytes and has at most 512 bytes."""
    at = data.find(part)
    while at >= 0:
        start, end = data.rfind(b"\0", max(0, at - _TEXT_AT_MOST), at) + 1, data.find(b"\0", at, at + _TEXT_AT_MOST)
        if start > 0 and end > 0:
            yield data[start:end].decode("latin-1")
        at = data.find(part, at + 1)


def _described(data: bytes, executable: str) -> Python | None:
    named = list(_texts(data, b"cpython-3"))
    tag = next((found for text in named if (found := _TAG.fullmatch(text))), None)
    if tag is None:
        return None
    minor = int(tag[1])
    version = _version(data, minor)
    if version is None:
        return None
    own = sorted({text for text in named if _SUFFIX.fullmatch(text)} | ({".abi3.so"} & {*_texts(data, b".abi3.so")}))
    own.sort(key=lambda one: one == ".abi3.so")
    multiarch = next((found[1] for one in own if (found := _MULTIARCH.fullmatch(one))), "")
    return Python(
        executable,
        version,
        machine_of(data),
        cache_tag=tag[0],
        suffixes=(*own, ".so"),
        multiarch=multiarch,
        magic=magic_of(minor),
        free_threaded=bool(tag[2]) or any(one.startswith(f".cpython-3{minor}t-") for one in own),
    )


def _version(data: bytes, minor: int) -> str | None:
    """Return the full version, for example `3.11.2`; None if the file has no such text.

    The version is a text in the file, or the end of a text if the linker merged two texts.
    """
    pattern = re.compile(rf"(?:.*[^\d.])?(3\.{minor}\.\d+(?:(?:a|b|rc)\d+)?)\+?", re.DOTALL)
    texts = list(_texts(data, b"3.%d." % minor))
    found = [match[1] for text in texts if (match := pattern.fullmatch(text))]
    alone = [version for version in found if version in texts or f"{version}+" in texts]
    return max(alone or found, key=lambda one: (found.count(one), one), default=None)


def assumed_python(version: str, machine: str) -> Python:
    """Return a usual CPython of Linux with this version, for a folder that has no interpreter.

    Raise EnvparityError for a text that is not a version such as `3.12` or `3.12.4`.
    """
    found = re.fullmatch(r"3\.(\d{1,2})(\.\d+(?:(?:a|b|rc)\d+)?)?(t?)", version)
    if not found:
        raise EnvparityError(f"--python: expected a version such as 3.12 or 3.12.4, found {visible(version)[:40]!r}")
    minor = int(found[1])
    multiarch = f"{machine}-linux-gnu"
    return Python(
        "",
        f"3.{minor}{found[2] or '.0'}",
        machine,
        cache_tag=f"cpython-3{minor}",
        suffixes=(f".cpython-3{minor}{found[3]}-{multiarch}.so", *(() if found[3] else (".abi3.so",)), ".so"),
        multiarch=multiarch,
        magic=magic_of(minor),
        free_threaded=bool(found[3]),
        elf=next(
            (f"{bits}-bit machine {number}" for number, (name, _, bits) in MACHINES.items() if name == machine), None
        ),
    )


def magic_of(minor: int) -> bytes | None:
    """Return the first four bytes of the bytecode files of CPython 3.`minor`; None for a version that _MAGIC lacks."""
    return struct.pack("<H", _MAGIC[minor]) + b"\r\n" if minor in _MAGIC else None


def machine_of(data: bytes) -> str:
    """Return the machine that an ELF file is for, as the kernel names it, for example x86_64."""
    (number,) = struct.unpack_from("<H" if data[5] == 1 else ">H", data, 18)
    return MACHINES.get(number, (f"machine-{number}", "", 64))[0]


def machine_named(architecture: str) -> str | None:
    """Return the kernel's name of a machine that Go calls `architecture`; None for an unknown name."""
    return next((kernel for kernel, go, _ in MACHINES.values() if go == architecture), None)


def _library(tree: Tree, path: str, data: bytes) -> bytes | None:
    """Return the bytes of the shared library that contains the interpreter, if the program itself does not contain it.

    `data` has the bytes of the program. Return None if the program needs no such library, or if no folder has it.
    """
    try:
        elf = Elf(data, path)
    except (ValueError, struct.error, IndexError, OverflowError):
        return None
    here = posixpath.dirname(path)
    folders = [one.replace("${ORIGIN}", here).replace("$ORIGIN", here) for one in [*elf.rpath, *elf.runpath]]
    folders += [posixpath.join(here, "../lib"), posixpath.join(here, "../lib64"), here, "/usr/local/lib"]
    folders += [f"{root}/{one}" for root in ("/usr/lib", "/lib") for one in ("", *_multiarch_folders(tree, root))]
    for name in elf.needed:
        if _LIBRARY.fullmatch(name):
            for folder in folders:
                if found := read_whole(tree, posixpath.join("/", folder, name)):
                    return found
    return None


def _multiarch_folders(tree: Tree, root: str) -> list[str]:
    try:
        folder = tree.find(root, follow=True)
    except OSError:
        return []
    return [name for name in folder.inside if "-linux-" in name] if isinstance(folder, Folder) else []


def read_whole(tree: Tree, path: str, most: int = _BINARY_AT_MOST) -> bytes | None:
    """Return the bytes of a regular file in `tree`; None if the file cannot be read or has more than `most` bytes."""
    from envparity.outside.disk import read_file

    try:
        node = tree.find(path, follow=True)
        if not isinstance(node, File) or node.size > most:
            return None
        return read_file(node)
    except (OSError, ValueError):
        return None


def stand_ins(python: Python) -> dict[str, SimpleNamespace]:
    """Return the replacements of the modules `sys`, `sysconfig` and `importlib` for the probe, by module name.

    The replacements have only the names that the probe uses. So the probe gets no fact from the Python of envparity.
    Raise ValueError if the version of `python` does not have three numbers.
    """
    release = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)(?:(a|b|rc)(\d+))?", python.version)
    if release is None:
        raise ValueError(python.version)
    level = {"a": "alpha", "b": "beta", "rc": "candidate", None: "final"}[release[4]]
    info = (int(release[1]), int(release[2]), int(release[3]), level, int(release[5] or 0))
    system = SimpleNamespace(
        implementation=SimpleNamespace(
            name=python.implementation, version=info, cache_tag=python.cache_tag, _multiarch=python.multiarch
        ),
        version=f"{python.version} (read from its file)",
        version_info=info,
        abiflags="t" if python.free_threaded else "",
        executable=python.executable,
        platform=python.system,
        stdlib_module_names=standard_names(python.minor),
        base_prefix=None,  # None, so that the probe searches for the standard library
        dont_write_bytecode=True,
    )
    return {
        "sys": system,
        "sysconfig": SimpleNamespace(
            get_platform=lambda: python.platform or f"linux-{python.machine}", get_config_var=lambda _name: None
        ),
        "importlib": SimpleNamespace(
            machinery=SimpleNamespace(EXTENSION_SUFFIXES=list(python.suffixes)),
            util=SimpleNamespace(MAGIC_NUMBER=python.magic, source_hash=_source_hash(python)),
        ),
    }


def _source_hash(python: Python) -> Callable[[bytes], bytes] | None:
    """Return the function `importlib.util.source_hash` of `python`; None if envparity cannot compute this hash.

    The first four bytes of the bytecode files of `python` are the key of the hash. Before Python 3.11 the algorithm was
    different.
    """
    if python.minor < 11 or python.magic is None:
        return None
    return partial(_imp.source_hash, int.from_bytes(python.magic, "little"))
