"""What is installed here, as one JSON document on standard output.

Fed to any Python from 3.8 on, on its standard input: `python -I - < probe.py`. It needs nothing but the
standard library, writes nothing, imports nothing of what it measures, and gives the same bytes for the same
environment. The document is described by `envparity/schema/snapshot.schema.json`. What it cannot read it says;
it never guesses, follows no link to a folder, and opens nothing outside the environment that a RECORD names.
"""

from __future__ import annotations

import sys

sys.dont_write_bytecode = True  # the environment is looked at, never changed

import binascii
import csv
import gc
import hashlib
import importlib.machinery
import importlib.util
import io
import itertools
import json
import marshal
import os
import re
import signal
import site
import stat
import struct
import subprocess
import sysconfig
import threading
import time
import warnings

TYPE_CHECKING = False  # the module typing costs more to import than all of its annotations tell
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Callable, Dict, Iterable, Tuple

    Facts = Dict[str, Any]
    Claim = Tuple[str, str, str]  # a distribution's id, the hash and the size that its RECORD has
    Source = Tuple["bytes | None", "os.stat_result | None"]  # None where it was not read

SCHEMA = "envparity-snapshot-1"
SETTINGS = "{}"  # envparity writes the project's settings here

HASHED_AT_MOST = 4 << 30  # bytes: a larger file is named, not hashed
METADATA_AT_MOST = 16 << 20  # bytes of a METADATA or RECORD that are read
ELF_AT_MOST = 1 << 30  # bytes
SAID_AT_MOST = 64 << 10  # bytes that a tool may say
VALUE_AT_MOST = 10000  # characters of a behaviour check's result
SHOWN_AT_MOST = 200  # characters of a name, a version or a tool's answer
DEPTH_AT_MOST = 20  # of the JSON that installers leave
CHUNK = 16 << 20
TOOLS_TIMEOUT = 20  # seconds, from their start
# Never a wait for a pipe's other end.
READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
SHARED_FROM = 500  # files of RECORDs from which a second process is worth its start
BYTES_A_FILE = 20_000  # bytes that are read and hashed in the time that a file takes whatever its size
LARGE = 512 << 10  # bytes from which a file is hashed beside the walk
SEEN_BY_DEFAULT: Facts = {
    "cmake": {"command": ["cmake", "--version"], "pattern": r"cmake version (\S+)"},
    # One compiler says either name, gcc or x86_64-linux-gnu-gcc, as it was called.
    "compiler": {"command": ["{cc}", "--version"], "pattern": r"(?:\w+-linux-\w+-)?(.+)"},
    "git": {"command": ["git", "--version"], "pattern": r"git version (\S+)"},
    "gmp": {
        "command": ["{cc}", "-E", "-P", "-"],
        "input": "#include <gmp.h>\nversion __GNU_MP_VERSION.__GNU_MP_VERSION_MINOR.__GNU_MP_VERSION_PATCHLEVEL\n",
        "pattern": r"version ([\d. ]+)",
    },
    "pkg-config": {"command": ["pkg-config", "--version"], "pattern": r"(\S+)"},
    "redis": {"command": ["redis-server", "--version"], "pattern": r"v=(\S+)"},
}

# Rewritten by installers for each environment: what differs in them is shown as such.
INSTALLER_FILES = (
    "INSTALLER",
    "RECORD",
    "REQUESTED",
    "direct_url.json",
    "provenance_url.json",
    "uv_build.json",
    "uv_cache.json",
)
# Made with the environment itself, by venv, virtualenv or uv; no distribution owns them. All at the top of a scheme.
FURNITURE = re.compile(
    r"data/(lib64|pyvenv\.cfg|\.gitignore|\.lock|CACHEDIR\.TAG)"
    r"|scripts/(activate(\.(bat|csh|fish|nu|ps1|xsh))?|Activate\.ps1|activate_this\.py|deactivate(\.(bat|csh|nu))?|pydoc\.bat"
    r"|python[\d.]*|pypy[\d.]*|.*\.exe)"
    r"|site[-\d]*/(README(\.txt)?|_virtualenv\.(py|pth)|\.lock)"
)
# A script that starts an entry point and does nothing else, as pip (distlib), uv and others word it.
ENTRY_POINT = re.compile(
    rb"#!<python>\n(?:# -\*- coding: utf-8 -\*-\n)?(?:import re\n)?(?:import sys\n)"
    rb"\n?from (?P<module>[\w.]+) import (?P<name>\w+)\n+"
    rb"if __name__ == (?P<quote>['\"])__main__(?P=quote):\n"
    rb"(?:    sys\.argv\[0\] = sys\.argv\[0\]\.removesuffix\('\.exe'\)\n"
    rb"|    sys\.argv\[0\] = re\.sub\(r'\(-script\\\.pyw\??\|\\\.exe\)\?\$', '', sys\.argv\[0\]\)\n"
    rb"|    if sys\.argv\[0\]\.endswith\(\"-script\.pyw\"\):\n        sys\.argv\[0\] = sys\.argv\[0\]\[:-11\]\n"
    rb"    elif sys\.argv\[0\]\.endswith\(\"\.exe\"\):\n        sys\.argv\[0\] = sys\.argv\[0\]\[:-4\]\n)?"
    rb"    sys\.exit\((?P<call>(?P=name)(?:\.\w+)*)\(\)\)\n*"
)
OTHER_BYTECODE = re.compile(r"\.[a-z]+-?\d")  # `x.cpython-312.pyc`, `x.cpython-311-pytest-9.0.0.pyc`, `x.pypy310.pyc`
RAW_FLAGS = {0: "timestamp", 1: "unchecked-hash", 3: "checked-hash"}
URL_SAFE = bytes.maketrans(b"+/", b"-_")
PLAIN = bytes(number & 0x7F for number in range(256))  # a type as marshal writes it, without that it is referred to


def shown(name: str) -> str:
    """A file name as text: backslashes and bytes that are not UTF-8 as \\xNN, so that no two names are one."""
    if name.isascii() and "\\" not in name:
        return name
    return os.fsencode(name).replace(b"\\", b"\\x5c").decode("utf-8", "backslashreplace")


def printable(text: str) -> str:
    """Text that JSON can carry to any reader: a byte that is no UTF-8 as \\xNN, half a character as \\uNNNN."""
    if text.isascii():
        return text
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode("utf-8")


def printable_json(value: Any, depth: int = DEPTH_AT_MOST) -> Any:
    """`printable` for every text of a small JSON value; ValueError for what is not small, or no JSON."""
    if depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        return {printable(str(key)): printable_json(value[key], depth - 1) for key in sorted(value)}
    if isinstance(value, list):
        return [printable_json(item, depth - 1) for item in value]
    if isinstance(value, (int, float)) and not -(1 << 53) < value < 1 << 53:
        raise ValueError("a number out of range")  # Infinity, NaN: Python reads and writes them, JSON has none
    return printable(value) if isinstance(value, str) else value


def canonical(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def reason(error: OSError) -> str:
    """An OSError without the path that it carries."""
    return error.strerror or type(error).__name__


def read(path: str, most: int = METADATA_AT_MOST) -> bytes:
    """The bytes of a regular file; OSError for anything else."""
    handle = os.open(path, READING)
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(0, "not a regular file")
        if found.st_size > most:
            raise OSError(0, f"{found.st_size} bytes are more than {most}")
        return read_open(handle, found.st_size)
    finally:
        os.close(handle)


def read_open(handle: int, size: int) -> bytes:
    """All bytes of an open file of so many, or fewer where it shrank."""
    data = os.read(handle, size)
    while len(data) < size:
        more = os.read(handle, size - len(data))
        if not more:
            break
        data += more
    return data


def listed(folder: str) -> list[str]:
    """The names in a folder, none where it cannot be read."""
    try:
        return os.listdir(folder)
    except OSError:
        return []


class Layout:
    """Where things are, and how a path is named without saying where."""

    def __init__(self) -> None:
        paths = sysconfig.get_paths()
        self.prefix = sys.prefix
        self.venv = sys.prefix != sys.base_prefix
        self.sites: list[tuple[str, str]] = []
        seen = self._find_sites(paths)
        # PEP 668: what lies outside the folders of the default scheme is the system's package manager's.
        marked = os.path.exists(os.path.join(paths["stdlib"], "EXTERNALLY-MANAGED"))
        default = {os.path.realpath(paths["purelib"]), os.path.realpath(paths["platlib"])}
        others = [(name, path) for name, path in self.sites if marked and os.path.realpath(path) not in default]
        own = self._unmanaged() if others else set()
        self.managed = [name for name, path in others if os.path.realpath(path) not in own]
        standard = {paths["stdlib"], paths["platstdlib"]}
        standard |= {os.path.join(folder, "lib-dynload") for folder in standard}
        self.extra = [
            entry
            for entry in sys.path
            if entry and entry not in standard and not entry.endswith(".zip") and os.path.realpath(entry) not in seen
        ]
        kept: dict[str, str] = {}
        for name, root in [*self.sites, ("scripts", paths["scripts"]), ("data", paths["data"]), ("prefix", sys.prefix)]:
            kept.setdefault(os.path.normpath(root), name)
        self.roots = sorted(((name, root) for root, name in kept.items()), key=lambda pair: -len(pair[1]))
        self.starts = [(root + os.sep, name + "/") for name, root in self.roots]
        self.places = dict(self.roots)
        self.prefixes = sorted({self.prefix, os.path.realpath(self.prefix)}, key=len, reverse=True)

    def _find_sites(self, paths: dict[str, str]) -> set[str]:
        """Name the folders that distributions are installed in; their real paths."""
        folders = [paths["purelib"], paths["platlib"]]
        folders += site.getsitepackages() if hasattr(site, "getsitepackages") else []
        if site.ENABLE_USER_SITE:
            folders.append(site.getusersitepackages())
        on_path = {os.path.realpath(entry) for entry in sys.path}
        seen: set[str] = set()
        for folder in folders:
            real = os.path.realpath(folder)
            if real not in seen and os.path.isdir(folder) and (real in on_path or folder in folders[:2]):
                seen.add(real)
                number = len(self.sites) + 1
                self.sites.append(("site" if number == 1 else f"site-{number}", os.path.normpath(folder)))
        return seen

    def _unmanaged(self) -> set[str]:
        """The further folders that installers own where the system's package manager owns the rest."""
        own = {site.getusersitepackages()}
        if "posix_local" in sysconfig.get_scheme_names():  # Debian's /usr/local, which an environment may look into
            base = {"base": sys.base_prefix, "platbase": sys.base_prefix}
            own |= {sysconfig.get_path(name, "posix_local", base) for name in ("purelib", "platlib")}
        return {os.path.realpath(folder) for folder in own}

    def key(self, path: str) -> str | None:
        """`scheme/relative` for a path inside the environment, else None."""
        for start, scheme in self.starts:
            if path.startswith(start):
                return scheme + shown(path[len(start) :].replace(os.sep, "/"))
        return None


class Distribution:
    """One installed distribution, as its metadata folder or file says."""

    def __init__(self, scheme: str, folder: str, entry_name: str, is_folder: bool) -> None:
        self.scheme = scheme
        self.folder = folder
        self.base = entry_name
        self.path = os.path.join(folder, entry_name)
        self.is_folder = is_folder
        self.key = f"{scheme}/{shown(entry_name)}"
        self.rows: list[list[str]] = []
        self.places: list[str | None] = []  # the key of each row
        self.problems: list[str] = []
        self.names = frozenset(listed(self.path)) if is_folder else frozenset()
        stem, _, kind = entry_name.rpartition(".")
        name, _, version = stem.partition("-")
        self.facts: Facts = {
            "id": "",
            "name": shown(name),
            "version": shown(version.split("-")[0]) or None,
            "metadata": self.key,
            "format": kind,
            "record": "missing",
        }
        if kind == "egg":
            self._metadata("EGG-INFO/PKG-INFO", self._text("EGG-INFO/PKG-INFO") if is_folder else self._zipped())
        elif kind == "dist-info":
            self._dist_info()
        elif kind == "egg-link":
            self.facts["editable"] = True
        else:
            self._egg_info()

    def _bytes(self, name: str) -> bytes | None:
        """A metadata file, or None where there is none."""
        try:
            return read(os.path.join(self.path, name) if name else self.path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            self.problems.append(f"{shown(name or self.base)}: {reason(error)}")
            return None

    def _text(self, name: str) -> str | None:
        """The text of a metadata file, or None where there is none."""
        data = self._bytes(name)
        return None if data is None else data.decode("utf-8", "surrogateescape")

    def _zipped(self) -> str | None:
        """The metadata in an egg that is one file."""
        import zipfile  # few environments have such an egg

        try:
            with zipfile.ZipFile(self.path) as egg, egg.open("EGG-INFO/PKG-INFO") as file:
                return file.read(METADATA_AT_MOST).decode("utf-8", "surrogateescape")
        except KeyError:
            return None
        except Exception as error:  # noqa: BLE001 - a damaged archive raises what its decompressor likes
            self.problems.append(f"{shown(self.base)}: {type(error).__name__}")
            return None

    def _metadata(self, source: str, text: str | None) -> None:
        if text is None:
            self.problems.append(f"{source}: missing")
            return
        found: dict[str, list[str]] = {}
        for line in re.split(r"\r?\n\r?\n", text, maxsplit=1)[0].replace("\r", "\n").split("\n"):
            field, colon, value = line.partition(":")
            if colon and line[0] not in " \t":
                found.setdefault(field.rstrip().lower(), []).append(value.strip())
        for field in ("name", "version"):
            if found.get(field, [""])[0]:
                self.facts[field] = printable(found[field][0])[:SHOWN_AT_MOST]
            else:
                self.problems.append(f"no {field.capitalize()} in its metadata")
        if "requires-dist" in found:
            self.facts["requires"] = sorted(map(printable, found["requires-dist"]))
        if "provides-extra" in found:
            self.facts["extras"] = sorted(map(printable, found["provides-extra"]))
        if "requires-python" in found:
            self.facts["requires_python"] = printable(found["requires-python"][0])

    def _dist_info(self) -> None:
        self._metadata("METADATA", self._text("METADATA"))
        installer = (self._text("INSTALLER") or "").strip()
        if installer:
            self.facts["installer"] = printable(installer.splitlines()[0])[:SHOWN_AT_MOST]
        if "REQUESTED" in self.names:
            self.facts["requested"] = True
        wheel = self._text("WHEEL")
        if wheel:
            self.facts["tags"] = sorted(printable(tag) for tag in re.findall(r"(?m)^Tag: *(\S+)", wheel))
            made = re.search(r"(?m)^Generator: *(.+)$", wheel)
            if made:
                self.facts["generator"] = printable(made.group(1).strip())[:SHOWN_AT_MOST]
        self._json("uv_build.json", "build", lambda value: value)
        self._json("direct_url.json", "direct_url", self._direct_url)
        self._json("provenance_url.json", "provenance", archive_hashes)
        known = len(self.problems)
        record = self._bytes("RECORD")
        if record is not None:
            self._record(record)
        elif len(self.problems) > known:
            self.facts["record"] = "malformed"  # it is there, and cannot be read

    def _json(self, name: str, field: str, use: Callable[[Facts], Facts]) -> None:
        text = self._text(name) if name in self.names else None
        if text is None:
            return
        try:
            value = json.loads(text)
            if not isinstance(value, dict):
                raise TypeError("no object")
            found = printable_json(use(value))
        except (ValueError, RecursionError, AttributeError, TypeError) as error:
            self.problems.append(f"{name}: {printable(str(error))[:SHOWN_AT_MOST]}")
        else:
            if found:
                self.facts[field] = found

    def _direct_url(self, value: Facts) -> Facts:
        """What the installer was pointed at, without user, password, query or path."""
        url = re.sub(r"//[^/?#]*@", "//", str(value.get("url", ""))).partition("?")[0]
        found: Facts = {"url": "file:" if url.startswith("file:") else url}
        found.update(archive_hashes(value))
        if isinstance(value.get("vcs_info"), dict):
            found["commit"] = str(value["vcs_info"].get("commit_id", ""))
        if isinstance(value.get("dir_info"), dict) and value["dir_info"].get("editable"):
            self.facts["editable"] = True
        return found

    def _record(self, data: bytes) -> None:
        self.facts["record"] = "read"
        # As the file system decodes names: what is then opened is what the bytes say.
        text = os.fsdecode(data) if os.name == "posix" else data.decode("utf-8", "surrogateescape")
        try:
            # A NUL is refused by some versions of csv and taken by others.
            if "\0" in text:
                raise csv.Error("a NUL byte")
            for row in csv.reader(io.StringIO(text, newline=""), strict=True):
                if len(row) == 3 and row[0]:
                    self.rows.append(row)
                elif row:
                    if len(row) > 3 or not row[0]:
                        raise csv.Error(f"expected path,hash,size, found {len(row)} columns")
                    self.rows.append([*row, "", ""][:3])
        except csv.Error as error:
            self.facts["record"] = "malformed"
            self.problems.append(f"RECORD: {printable(str(error))[:SHOWN_AT_MOST]}")

    def _egg_info(self) -> None:
        source = "PKG-INFO" if self.is_folder else ""
        self._metadata(source or shown(self.base), self._text(source))
        found = self._text("installed-files.txt") if "installed-files.txt" in self.names else None
        if found is not None:
            self.facts["record"] = "read"
            for line in found.replace("\0", "").split("\n"):
                if line.strip():
                    path = os.path.relpath(os.path.normpath(os.path.join(self.path, line.strip())), self.folder)
                    self.rows.append([path.replace(os.sep, "/"), "", ""])

    def top_level(self) -> list[str]:
        """The import names that a distribution without RECORD says are its own."""
        text = self._text("EGG-INFO/top_level.txt" if self.facts["format"] == "egg" else "top_level.txt")
        return sorted(printable(line.strip()) for line in (text or "").split("\n") if line.strip())


def archive_hashes(value: Facts) -> Facts:
    """The hashes of the artefact that was installed, as PEP 610 and PEP 710 have them."""
    info = value.get("archive_info") or {}
    hashes = dict(info.get("hashes") or {})
    if not hashes and "=" in str(info.get("hash") or ""):
        algorithm, _, digest = info["hash"].partition("=")
        hashes = {algorithm: digest}
    return {"hashes": {str(name): str(value) for name, value in sorted(hashes.items())}} if hashes else {}


class Scan:
    """Every file of the environment: hashed, attributed and judged by the RECORDs that claim it."""

    def __init__(self, layout: Layout, recompile: bool) -> None:
        self.layout = layout
        self.recompile = recompile
        self.files: dict[str, Facts] = {}
        self.links: dict[str, str] = {}
        self.problems: list[str] = []
        self.expected: dict[str, list[Claim]] = {}
        self.paths: dict[str, str] = {}
        self.elf: dict[str, Elf] = {}
        self.distributions: list[Distribution] = []
        self.suffixes = importlib.machinery.EXTENSION_SUFFIXES
        self.own_bytecode = f".{sys.implementation.cache_tag}.pyc"
        self.optimised = re.compile(rf"(.+)\.{re.escape(sys.implementation.cache_tag or '-')}\.opt-(\w+)\.pyc")
        prefixes = b"|".join(re.escape(os.fsencode(prefix)) for prefix in layout.prefixes)
        self.prefix = re.compile(prefixes)
        python = rb"(?:" + prefixes + rb")/bin/(?:python|pypy)[\d.]*"
        # The second form is for paths that are too long for the first, or have a space in them.
        self.shebang = re.compile(
            rb"\A(?:#!" + python + rb"|#!/bin/sh\n'''exec' [\"']?" + python + rb"[\"']? \"\$0\" \"\$@\"\n' ''')"
        )
        self.large: list[tuple[str, str, Facts] | None] = []
        self.ready = threading.Semaphore(0)
        self.failure: BaseException | None = None
        self.elsewhere: set[str] = set()

    def read_metadata(self) -> None:
        """What comes first, for it says what each file should be."""
        for scheme, folder in self.layout.sites:
            self._find_distributions(scheme, folder)
        self._name_distributions()
        for distribution in self.distributions:
            self._expect(distribution)

    def share(self) -> Share | None:
        """Half of the work for a second process, where there is a processor for it and enough to do."""
        if not hasattr(os, "fork") or (os.cpu_count() or 1) < 2 or len(self.expected) < SHARED_FROM:
            return None
        weights: dict[str, float] = {}
        first = self.layout.sites[0][0] + "/"
        for key, claims in self.expected.items():
            if key.startswith(first) and "/" in key[len(first) :]:
                name = key[len(first) :].partition("/")[0]
                size = claims[0][2]
                weights[name] = weights.get(name, 0) + 1 + (int(size) if size.isdecimal() else 0) / BYTES_A_FILE
        theirs: set[str] = set()
        half = sum(weights.values()) / 2
        for name in sorted(weights, key=lambda name: (-weights[name], name)):
            if weights[name] <= half and not name.endswith((".dist-info", ".egg-info", ".egg")):
                half -= weights[name]
                theirs.add(name)
        return Share(self, theirs)

    def walk_share(self, names: set[str]) -> None:
        """The folders of the first site that have these names."""
        scheme, folder = self.layout.sites[0]

        def walk() -> None:
            for name in sorted(names):
                path = os.path.join(folder, name)
                if os.path.isdir(path) and not os.path.islink(path):
                    self._walk(scheme, path, None, f"{scheme}/{shown(name)}/")

        self._beside(walk)

    def _beside(self, walk: Callable[[], None]) -> None:
        """Walk, while a second thread hashes the large files that the walk meets."""
        helper = threading.Thread(target=self._hash_large)
        helper.start()
        try:
            walk()
        finally:
            self._queue(None)
            helper.join()
        if self.failure:
            raise self.failure

    def run(self, share: Share | None) -> None:
        """Every file, those of `share` by the second process, then what takes all of them together."""
        self.elsewhere = share.names if share else set()
        self._beside(self._run_walks)
        if share and not share.collect():
            self.large = []
            self.walk_share(share.names)
        for key in self.expected.keys() - self.files.keys():
            self._claimed_elsewhere(key)
        for distribution in self.distributions:
            self._normalise_record(distribution)
        for key, entry in self.files.items():
            if key.count("/") == 1 and FURNITURE.fullmatch(key):
                entry["role"] = "venv"

    def _queue(self, one: tuple[str, str, Facts] | None) -> None:
        self.large.append(one)
        self.ready.release()

    def _hash_large(self) -> None:
        """Large files beside the walk: reading and hashing them holds no lock that the walk needs."""
        try:
            for number in itertools.count():
                self.ready.acquire()
                one = self.large[number]
                if one is None:
                    return
                self._hash(*one)
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits for this one
            self.failure = error

    def _run_walks(self) -> None:
        for scheme, folder in self.layout.sites:
            self._walk(scheme, folder, None)
        if self.layout.venv:
            done = {folder for _, folder in self.layout.sites}
            done |= {os.path.realpath(folder) for folder in done}
            for scheme in ("scripts", "data"):
                place = self.layout.places.get(scheme)
                if place and os.path.isdir(place):
                    self._walk(scheme, place, done)
                    done.add(place)

    def _find_distributions(self, scheme: str, folder: str) -> None:
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self.problems.append(f"{scheme}: {reason(error)}")
            return
        for entry in entries:
            if entry.name.endswith((".dist-info", ".egg-info", ".egg", ".egg-link")) and not entry.name.startswith("~"):
                try:
                    is_folder = entry.is_dir()
                except OSError:
                    is_folder = False
                self.distributions.append(Distribution(scheme, folder, entry.name, is_folder))

    def _name_distributions(self) -> None:
        taken = set()
        for distribution in self.distributions:
            name = canonical(distribution.facts["name"])
            if name in taken:
                name = f"{name}@{distribution.key}"
            taken.add(name)
            distribution.facts["id"] = name

    def _expect(self, distribution: Distribution) -> None:
        """Turn the rows of a RECORD into what each path should be."""
        folder, scheme, owner = distribution.folder, distribution.scheme + "/", distribution.facts["id"]
        expected, places = self.expected, distribution.places
        hashed = False
        for path, digest, size in distribution.rows:
            key: str | None
            if path.isascii() and path[0] not in "./" and "/." not in path and "//" not in path and "\\" not in path:
                key = scheme + path
            else:
                absolute = os.path.normpath(os.path.join(folder, path))
                if path.startswith("../../") and not os.path.lexists(absolute):
                    # pip --target moves what it installed and leaves its RECORD as it was.
                    moved = os.path.normpath(os.path.join(folder, path[6:]))
                    absolute = moved if os.path.lexists(moved) else absolute
                key = self.layout.key(absolute)
                if key is None:
                    distribution.problems.append(
                        f"RECORD: {printable(path)[:SHOWN_AT_MOST]} is outside the environment"
                    )
                    places.append(None)
                    continue
                self.paths[key] = absolute
            places.append(key)
            if not digest and key.endswith(("/", "/__pycache__")):
                continue  # some builders list folders, and virtualenv does
            claim = (owner, digest, size)
            if key in expected:
                expected[key].append(claim)
            else:
                expected[key] = [claim]
            hashed = hashed or digest != ""
        if distribution.rows and not hashed and distribution.facts["record"] == "read":
            distribution.facts["record"] = "unhashed"
        if distribution.facts["record"] == "missing":
            names = distribution.top_level()
            if names:
                distribution.facts["top_level"] = names

    def _walk(  # noqa: C901 - a call less for each file
        self, scheme: str, folder: str, done: set[str] | None, start: str = ""
    ) -> None:
        """Every file below a folder of the environment, once; `done` are folders that have their own scheme."""
        waiting = [(folder, start or scheme + "/")]
        files = self.files
        # What the second process walks, where it was given anything.
        theirs = {os.path.join(self.layout.sites[0][1], name) for name in self.elsewhere}
        while waiting:
            folder, prefix = waiting.pop()
            try:
                with os.scandir(folder) as found:
                    entries = list(found)
            except OSError as error:
                files[prefix.rstrip("/")] = {"kind": "folder", "error": reason(error)}
                continue
            bytecode = None
            sources: dict[str, Source] = {}
            for entry in entries:
                name = entry.name
                key = prefix + (name if name.isascii() and "\\" not in name else shown(name))
                try:
                    facts = entry.stat(follow_symlinks=False)
                except OSError as error:
                    files[key] = {"kind": "unknown", "error": reason(error)}
                    continue
                kind = facts.st_mode & 0o170000
                if kind == stat.S_IFREG:
                    data = self._file(key, entry.path, facts, {})
                    if name.endswith(".py"):
                        sources[name[:-3]] = (data, facts)
                elif kind == stat.S_IFDIR:
                    if name == "__pycache__":
                        bytecode = entry.path
                    elif entry.path in theirs:
                        pass
                    elif done is None or (entry.path not in done and os.path.realpath(entry.path) not in done):
                        waiting.append((entry.path, key + "/"))
                elif kind == stat.S_IFLNK:
                    source = self._link(key, entry.path)
                    if name.endswith(".py"):
                        sources[name[:-3]] = source
                elif key not in self.expected:  # else it is judged with what the walk does not meet
                    files[key] = {"kind": "special"}
            if bytecode is not None:
                self._bytecode(bytecode, folder, prefix + "__pycache__", sources)

    def _file(self, key: str, path: str, found: os.stat_result, entry: Facts) -> bytes | None:
        """Note one regular file; its bytes where they were read at once, else it is left to the helper."""
        size = found.st_size
        entry["size"] = size
        mode = found.st_mode & 0o555
        if mode != 0o444:
            entry["mode"] = f"{mode:03o}"
        self.files[key] = entry
        if size >= LARGE and not key.endswith((".py", ".pyc")):
            self._queue((key, path, entry))
            return None
        return self._hash(key, path, entry)

    def _hash(self, key: str, path: str, entry: Facts) -> bytes | None:
        """Hash one regular file and judge it; its bytes where they were read whole."""
        size = entry["size"]
        wanted = self.expected.get(key)
        data = None
        try:
            if size <= CHUNK:
                handle = os.open(path, READING)
                try:
                    data = os.read(handle, size)
                    if len(data) < size:
                        data += read_open(handle, size - len(data))
                finally:
                    os.close(handle)
                digest = hashlib.sha256(data)
            else:
                digest = hash_slowly(path)
        except OSError as error:
            entry["error"] = reason(error)
            if wanted:
                entry["claims"] = {owner: "unread" for owner, _, _ in wanted}
            return None
        entry["sha256"] = digest.hexdigest()
        if wanted:
            owner, recorded, recorded_size = wanted[0]
            usual = "sha256=" + binascii.b2a_base64(digest.digest(), newline=False)[:-1].translate(URL_SAFE).decode()
            if len(wanted) == 1 and recorded == usual and recorded_size in ("", str(size)):
                entry["claims"] = {owner: "match"}
            else:
                entry["claims"] = verdicts(wanted, usual, size, path)
        if data is None or data[:4] == b"\x7fELF":
            self._note_elf(key, path, data)
        elif key[:4] != "site":
            self._normalise_text(key, entry, data)
        elif key.endswith(".pth"):
            note_path_file(entry, data)
        return data

    def _link(self, key: str, path: str) -> Source:
        """A link: where it leads, and the bytes there if some RECORD says that they are a file's."""
        entry: Facts = {"kind": "link"}
        self.files[key] = entry
        wanted = self.expected.get(key)
        try:
            target = os.readlink(path)
            inside = self.layout.key(os.path.normpath(os.path.join(os.path.dirname(path), target)))
            self.links[key] = printable(target)
            if inside:
                entry["target"] = inside
            if wanted:
                found = os.stat(path)
                if stat.S_ISREG(found.st_mode):
                    return self._file(key, path, found, entry), found
        except (OSError, ValueError) as error:
            entry["error"] = reason(error) if isinstance(error, OSError) else "cannot be reached"
        if wanted:
            entry["claims"] = {owner: "unread" for owner, _, _ in wanted}
        return None, None

    def _claimed_elsewhere(self, key: str) -> None:
        """A path that some RECORD claims and the walk did not meet: missing, or behind a link or in another place."""
        path = self.paths.get(key)
        if path is None:
            scheme, _, relative = key.partition("/")
            path = os.path.join(self.layout.places[scheme], relative)
        try:
            found = os.stat(path)
        except (OSError, ValueError) as error:
            gone = isinstance(error, (FileNotFoundError, NotADirectoryError))
            entry: Facts = {"kind": "missing"} if gone else {"kind": "unknown", "error": "cannot be reached"}
            # Installers list the bytecode that they compiled without a hash, and it may come and go.
            entry["claims"] = {
                owner: "missing" if recorded or not key.endswith(".pyc") else "unhashed"
                for owner, recorded, _ in self.expected[key]
            }
            self.files[key] = entry
            return
        if stat.S_ISREG(found.st_mode):
            self._file(key, path, found, {"kind": "link"} if self._behind_link(path) else {})
        else:
            self.files[key] = {"kind": "special", "claims": {owner: "unread" for owner, _, _ in self.expected[key]}}

    def _behind_link(self, path: str) -> bool:
        """Whether a path leaves the folder that it is named in."""
        root = next((root for _, root in self.layout.roots if path.startswith(root + os.sep)), None)
        return root is not None and os.path.realpath(path) != os.path.realpath(root) + path[len(root) :]

    def _bytecode(self, folder: str, parent: str, here: str, sources: dict[str, Source]) -> None:
        """What is in a `__pycache__`, judged against the sources beside it."""
        try:
            with os.scandir(folder) as found:
                entries = list(found)
        except OSError as error:
            self.files[here] = {"kind": "folder", "error": reason(error)}
            return
        for entry in entries:
            key = f"{here}/{shown(entry.name)}"
            try:
                facts = entry.stat(follow_symlinks=False)
            except OSError as error:
                self.files[key] = {"kind": "unknown", "error": reason(error)}
                continue
            if stat.S_ISREG(facts.st_mode):
                data = self._file(key, entry.path, facts, {})
            elif stat.S_ISLNK(facts.st_mode):
                data = self._link(key, entry.path)[0]
            else:
                if key not in self.expected:
                    self.files[key] = {"kind": "folder" if stat.S_ISDIR(facts.st_mode) else "special"}
                continue
            if data is not None and entry.name.endswith(".pyc"):
                self._judge_bytecode(self.files[key], entry.name, data, sources, parent)

    def _judge_bytecode(self, facts: Facts, name: str, data: bytes, sources: dict[str, Source], parent: str) -> None:
        level = None
        if name.endswith(self.own_bytecode):
            module = name[: -len(self.own_bytecode)]
        else:
            named = self.optimised.fullmatch(name)
            if named is None:
                if OTHER_BYTECODE.search(name):
                    facts["bytecode"] = "other-interpreter"  # by its name: this one never reads it
                return
            module, level = named.groups()
        if len(data) < 16 or data[:4] != importlib.util.MAGIC_NUMBER:
            facts["bytecode"] = "broken" if len(data) < 16 else "other-magic"
            return
        mode = RAW_FLAGS.get(int.from_bytes(data[4:8], "little"), "broken")
        if mode == "broken":
            facts["bytecode"] = "broken:flags"
            return
        if module not in sources:
            facts["bytecode"] = "orphan"
            return
        source, found = sources[module]
        if found is None or (source is None and mode != "timestamp"):
            facts["bytecode"] = "unjudged"  # its source was not read
            return
        if mode == "timestamp":
            stamp = struct.pack("<II", int(found.st_mtime) & 0xFFFFFFFF, found.st_size & 0xFFFFFFFF)
            fresh = data[8:16] == stamp
        else:
            fresh = data[8:16] == importlib.util.source_hash(source or b"")
        facts["bytecode"] = mode + (":fresh" if fresh else ":stale")
        facts["normal"] = code_hash(data, os.fsencode(f"{parent}{os.sep}{module}.py"))
        if self.recompile and fresh and source is not None and is_altered(data[16:], source, level):
            facts["bytecode"] = mode + ":altered"

    def _normalise_text(self, key: str, entry: Facts, data: bytes) -> None:
        """A script or a file of the environment itself that holds its path: hashed once more without."""
        normal = data
        if data[:2] == b"#!":
            normal = self.shebang.sub(b"#!<python>", normal, count=1)
        if b"\0" not in data[:1024]:
            normal = self.prefix.sub(b"<prefix>", normal)
            if key.count("/") == 1 and FURNITURE.fullmatch(key):
                # The prompt is the folder's name, and what has a space in it is quoted.
                normal = normal.translate(None, b"'\"")
                normal = normal.replace(b"(" + os.fsencode(os.path.basename(self.layout.prefix)) + b")", b"(<name>)")
                normal = b"\n".join(line for line in normal.split(b"\n") if b"prompt" not in line.lower())
            started = ENTRY_POINT.fullmatch(normal) if key.startswith("scripts/") else None
            if started:
                entry["starts"] = (started.group("module") + b":" + started.group("call")).decode()
        if normal != data:
            entry["normal"] = hashlib.sha256(normal).hexdigest()

    def _normalise_record(self, distribution: Distribution) -> None:
        """RECORD without what the environment's path, the installer and bytecode write into it."""
        own = distribution.key + "/"
        entry = self.files.get(own + "RECORD")
        if entry is None or "sha256" not in entry or distribution.facts["format"] != "dist-info":
            return
        rows = []
        files = self.files
        skipped = {own + name for name in INSTALLER_FILES}
        for (path, digest, size), place in zip(distribution.rows, distribution.places):
            if path.endswith(".pyc") or place in skipped:
                continue
            file = files.get(place or "", {})
            # A patch leaves RECORD as it was.
            normal = None if "elf" in file else file.get("starts") or file.get("normal")
            rows.append(f"{place},normal={normal}" if normal else f"{place or path},{digest},{size}")
        text = "\n".join(sorted(rows)).encode("utf-8", "surrogateescape")
        entry["normal"] = hashlib.sha256(text).hexdigest()

    def _note_elf(self, key: str, path: str, data: bytes | None) -> None:
        entry = self.files[key]
        try:
            if data is None:
                if read_start(path) != b"\x7fELF":
                    return
                data = read(path, ELF_AT_MOST)
            elf = Elf(data, path)
            self.elf[key] = elf
            entry["elf"] = elf.kind
            normal = elf.normal(data)
            if normal:
                entry["normal"] = normal
        except (OSError, struct.error, IndexError, ValueError, OverflowError, MemoryError) as error:
            entry["elf"] = f"malformed: {printable(str(error))[:100]}"


class Share:
    """A second process that walks some folders; what it finds comes back through a pipe."""

    def __init__(self, scan: Scan, names: set[str]) -> None:
        self.scan = scan
        self.names = names
        self.reading, writing = os.pipe()
        self.process = os.fork()
        if self.process:
            os.close(writing)
            return
        status = 1
        try:
            os.close(self.reading)
            scan.walk_share(names)
            elf = {key: vars(one) for key, one in scan.elf.items()}
            rest = memoryview(marshal.dumps((scan.files, scan.links, elf)))
            while rest:
                rest = rest[os.write(writing, rest) :]
            status = 0
        finally:
            os._exit(status)  # nothing of the first process is to be flushed or cleaned up twice

    def collect(self) -> bool:
        """Take over what it found; False where it did not end well."""
        parts = []
        while True:
            part = os.read(self.reading, CHUNK)
            if not part:
                break
            parts.append(part)
        os.close(self.reading)
        if os.waitpid(self.process, 0)[1] != 0:
            return False
        files, links, elf = marshal.loads(b"".join(parts))  # noqa: S302 - our own process wrote it
        self.scan.files.update(files)
        self.scan.links.update(links)
        for key, facts in elf.items():
            self.scan.elf[key] = one = Elf.__new__(Elf)
            vars(one).update(facts)
        return True


def hash_slowly(path: str) -> hashlib._Hash:
    """The hash of a file that is too large to be held."""
    digest = hashlib.sha256()
    handle = os.open(path, READING)
    try:
        if os.fstat(handle).st_size > HASHED_AT_MOST:
            raise OSError(0, "too large to hash")
        while True:
            data = os.read(handle, CHUNK)
            if not data:
                return digest
            digest.update(data)
    finally:
        os.close(handle)


def read_start(path: str) -> bytes:
    """The first four bytes of a regular file."""
    handle = os.open(path, READING)
    try:
        return os.read(handle, 4)
    finally:
        os.close(handle)


def verdicts(wanted: list[Claim], usual: str, size: int, path: str) -> dict[str, str]:
    """What each claim on a file makes of it; of several by one distribution, the worst."""
    claims: dict[str, str] = {}
    for owner, recorded, recorded_size in wanted:
        verdict = "unhashed"
        if recorded:
            verdict = "match" if recorded == usual else wrong_hash(recorded, path)
            if verdict == "match" and recorded_size and recorded_size != str(size):
                verdict = "size:" + printable(recorded_size)[:40]
        if claims.get(owner, "match") == "match":
            claims[owner] = verdict
    return claims


def wrong_hash(recorded: str, path: str) -> str:
    """The hash that a file should have, where it is not that of its bytes; another algorithm's may be."""
    algorithm, _, text = recorded.partition("=")
    if algorithm not in hashlib.algorithms_guaranteed or algorithm.startswith("shake"):
        return "unknown:" + printable(algorithm)[:40]
    try:
        expected = binascii.a2b_base64(text.encode("ascii").replace(b"-", b"+").replace(b"_", b"/") + b"==")
        digest = hashlib.new(algorithm)
    except ValueError:
        expected = b""
    if not expected or len(expected) != digest.digest_size:
        return "malformed:" + printable(recorded)[:100]
    if algorithm != "sha256":
        try:
            digest.update(read(path, HASHED_AT_MOST))
        except OSError:
            return "unread"
        if digest.digest() == expected:
            return "match"
    return f"{algorithm}:{expected.hex()}"


def note_path_file(entry: Facts, data: bytes) -> None:
    """What a .pth file does: nothing, add to the path, or run code at every start."""
    lines = [line.strip() for line in data.splitlines()]
    if any(line.startswith((b"import ", b"import\t")) for line in lines):
        entry["pth"] = "code"
    elif any(line and not line.startswith(b"#") for line in lines):
        entry["pth"] = "path"
        if any(os.path.isabs(os.fsdecode(line)) for line in lines):
            # It names a folder of this machine: an editable install does.
            entry["normal"] = hashlib.sha256(b"\n".join(sorted(map(os.path.basename, lines)))).hexdigest()


def code_hash(data: bytes, path: bytes) -> str:
    """The hash of marshalled code, the name of the file that it was compiled from left out, of whatever length.

    It stands in it once; whatever else asks for it refers to it.
    """
    whole = memoryview(data)
    span = file_name(data, data.find(path, 16), len(path)) or other_path(data, os.path.basename(path))
    if span is None:
        return hashlib.sha256(whole[16:]).hexdigest()
    digest = hashlib.sha256(whole[16 : span[0]])
    # Whether it can be referred to decides what each later reference means.
    digest.update(b"<source>" + bytes([data[span[0]] & 0x80]))
    digest.update(whole[span[1] :])
    return digest.hexdigest()


def marshalled(data: bytes, start: int, length: int) -> tuple[int, int] | None:
    """Where the text that starts here and is so long stands as marshal writes it, type and length before it."""
    if start < 21:
        return None
    # The highest bit says that the object is referred to later; short texts have a length of one byte.
    if length < 256 and data[start - 1] == length and data[start - 2] & 0x7F in b"zZ":
        return start - 2, start + length
    if data[start - 5] & 0x7F in b"aAut" and data[start - 4 : start] == struct.pack("<I", length):
        return start - 5, start + length
    return None


def file_name(data: bytes, start: int, length: int) -> tuple[int, int] | None:
    """The same of a code object's file name alone: behind it are its name or names, a line's number and its line table.

    A constant may be worded like it, and what is left out of a hash may be anything.
    """
    span = marshalled(data, start, length)
    at = span[1] if span else -1
    for _ in range(2):  # before 3.11 there is one name
        at = after_text(data, at)
        # No file has lines beyond the third byte, and no object begins with a zero: these four are the line's number.
        if at >= 0 and data[at + 3 : at + 4] == b"\0" and data[at + 4 : at + 5].translate(PLAIN) in (b"s", b"r"):
            return span
    return None


def after_text(data: bytes, at: int) -> int:
    """Where the text ends, or the reference to one, that marshal wrote here; -1 where there is none."""
    kind = data[at : at + 1].translate(PLAIN) if at >= 0 else b""
    if kind in (b"z", b"Z"):
        return at + 2 + int.from_bytes(data[at + 1 : at + 2], "little")
    if kind in (b"a", b"A", b"u", b"t"):
        return at + 5 + int.from_bytes(data[at + 1 : at + 5], "little")
    return at + 5 if kind == b"r" else -1


def other_path(data: bytes, name: bytes) -> tuple[int, int] | None:
    """The same where it was compiled under another path, a staging folder or a link's: its end is the file's name."""
    end = 16
    for _ in range(16):  # the code's own is among the first texts that it has
        start = data.find(name, end)
        if start == -1:
            return None
        end = start + len(name)
        for length in range(len(name), min(4096, end - 16)):
            found = file_name(data, end - length, length)
            if found:
                return found
    return None


def is_altered(code: bytes, source: bytes, level: str | None) -> bool:
    """Whether bytecode is not what its source compiles to."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = marshal.loads(code)  # noqa: S302 - asked for with --bytecode alone, and never run
            name = found.co_filename
        except (EOFError, ValueError, TypeError, AttributeError, MemoryError, RecursionError):
            return True
        try:
            made = compile(source, name, "exec", dont_inherit=True, optimize={"1": 1, "2": 2}.get(level or "", 0))
        except (SyntaxError, ValueError):
            return True  # no Python of this version made it from that
        except (MemoryError, RecursionError):
            return False  # not for us to say
        try:
            # Version 2 writes no references, which depend on what else the compiling process held.
            return marshal.dumps(found, 2) != marshal.dumps(made, 2) and code_facts(found) != code_facts(made)
        except (ValueError, RecursionError):
            return True


def code_facts(code: CodeType) -> list[Any]:
    """All that a code object is: before 3.11 marshal writes a frozenset in the order of that process's hashes."""
    names = [name for name in dir(code) if name.startswith("co_") and name != "co_consts"]
    facts = [value for value in (getattr(code, name) for name in names) if not callable(value)]
    return facts + [constant(value) for value in code.co_consts]


def constant(value: Any) -> Any:
    """A constant as what is compared: its bytes, for 1 == 1.0 == True."""
    if hasattr(value, "co_consts"):
        return code_facts(value)
    if isinstance(value, frozenset):
        return sorted(marshal.dumps(item, 2) for item in value)
    return [constant(item) for item in value] if isinstance(value, tuple) else marshal.dumps(value, 2)


class Elf:
    """What an ELF file is for, and which libraries it asks for; read, never run.

    Layout as in the System V ABI, chapters 4 and 5. What it counts, a hostile file may count to no end: each loop
    has one of its own.
    """

    ENTRIES = 10000  # of a dynamic section
    NAME = 4096  # bytes

    def __init__(self, data: bytes, path: str) -> None:
        self.path = path
        self.order = {1: "<", 2: ">"}.get(data[5], "")
        if data[4] not in (1, 2) or not self.order:
            raise ValueError("neither class nor byte order")
        self.wide = data[4] == 2
        (machine,) = struct.unpack_from(self.order + "H", data, 18)
        self.kind = f"{64 if self.wide else 32}-bit machine {machine}"
        self.needed: list[str] = []
        self.rpath: list[str] = []
        self.runpath: list[str] = []
        self.soname = ""
        program, sections = struct.unpack_from(
            self.order + ("QQ" if self.wide else "II"), data, 32 if self.wide else 28
        )
        size, count, *rest = struct.unpack_from(self.order + "HHHHH", data, 54 if self.wide else 42)
        self.sections = (sections, *rest)
        self._dynamic(data, [self._segment(data, program + number * size) for number in range(count)])

    def _segment(self, data: bytes, offset: int) -> tuple[int, int, int, int]:
        if self.wide:
            kind, _, start, address, _, size = struct.unpack_from(self.order + "IIQQQQ", data, offset)
        else:
            kind, start, address, _, size = struct.unpack_from(self.order + "IIIII", data, offset)
        return kind, start, address, size

    def _dynamic(self, data: bytes, segments: list[tuple[int, int, int, int]]) -> None:
        words = struct.Struct(self.order + ("qQ" if self.wide else "iI"))
        start, size = next(((start, size) for kind, start, _, size in segments if kind == 2), (0, 0))
        found: dict[int, list[int]] = {}
        end = min(start + size, len(data) - words.size + 1, start + self.ENTRIES * words.size)
        for offset in range(start, end, words.size):
            tag, value = words.unpack_from(data, offset)
            if tag == 0:
                break
            found.setdefault(tag, []).append(value)
        strings = found.get(5, [0])[0]
        table = next(
            (
                start + strings - address
                for kind, start, address, size in segments
                if kind == 1 and address <= strings < address + size
            ),
            None,
        )
        if table is None:
            return

        def text(value: int) -> str:
            name, end, _ = data[table + value : table + value + self.NAME].partition(b"\0")
            return name.decode("utf-8", "backslashreplace") if end else ""

        self.needed = [name for name in map(text, found.get(1, ())) if name]
        self.soname = text(found[14][0]) if 14 in found else ""
        self.rpath = [part for value in found.get(15, ())[:9] for part in text(value).split(":") if part]
        self.runpath = [part for value in found.get(29, ())[:9] for part in text(value).split(":") if part]

    def normal(self, data: bytes) -> str | None:
        """A hash of code and constant data alone: what patching an interpreter or a search path leaves."""
        start, size, count, names = self.sections
        if not start or not count:
            return None
        words = self.order + ("IIQQQQ" if self.wide else "IIIIII")
        rows = [struct.unpack_from(words, data, start + number * size) for number in range(count)]
        table = rows[names][4]
        digest = hashlib.sha256()
        missing = [b".text\0", b".rodata\0"]
        for name, _, _, _, offset, length in rows:
            label = data[table + name : table + name + 8]
            for wanted in missing:
                if label.startswith(wanted):
                    missing.remove(wanted)  # once: a thousand sections of one name are no library
                    digest.update(wanted[:-1])
                    digest.update(memoryview(data)[offset : offset + length])
                    break
        return digest.hexdigest() if len(missing) < 2 else None


class Libraries:
    """Where the dynamic linker would find what the extension modules ask for, as ld.so(8) says."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.cache = self._read_cache()
        self.bundled: dict[str, str] = {}
        for key, elf in sorted(scan.elf.items()):
            self.bundled.setdefault(elf.soname or key.rsplit("/", 1)[1], key)
        multiarch = getattr(sys.implementation, "_multiarch", "")
        roots = ("/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib")
        self.defaults = [f"{root}/{multiarch}" for root in roots if multiarch] + list(roots)
        self.preloaded = [part for part in os.environ.get("LD_LIBRARY_PATH", "").split(":") if part]
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
        """soname -> what it is here and which files ask for it."""
        for key, elf in sorted(self.scan.elf.items()):
            for name in dict.fromkeys(elf.needed):
                self._one(key, elf, name)
        return {name: self.found[name] for name in sorted(self.found)}

    def _one(self, key: str, elf: Elf, name: str) -> None:
        facts = self.found.setdefault(name, {"needed_by": []})
        facts["needed_by"].append(key)
        for candidate in self._candidates(elf, name):
            if self._is_file(candidate):
                path = os.path.normpath(candidate)
                inside = self.scan.layout.key(path) if self.scan.layout.venv else None
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
            folders = [part.replace("${ORIGIN}", "$ORIGIN").replace("$ORIGIN", origin) for part in folders]
        after = [f"{folder}/{name}" for folder in self.defaults]
        return [f"{folder}/{name}" for folder in folders] + self.cache.get(name, []) + after

    def _is_file(self, path: str) -> bool:
        if path not in self.there:
            self.there[path] = os.path.isfile(path)
        return self.there[path]


def import_names(files: dict[str, Facts], suffixes: list[str]) -> dict[str, Facts]:
    """Top-level import names, what each is, and which distributions have files in it."""
    folders: dict[str, Folder] = {}
    names: dict[str, list[Facts]] = {}
    for key, entry in files.items():
        if key[:4] != "site" or "bytecode" in entry or entry.get("kind") == "missing":
            continue
        scheme, top, *rest = key.split("/", 2)
        owners = entry.get("claims", ())
        if rest:
            place = f"{scheme}/{top}"
            folder = folders.get(place) or folders.setdefault(place, Folder(top))
            folder.add(rest[0], owners)
        else:
            module = module_name(top, suffixes)
            if module:
                kind = "module" if top.endswith(".py") else "extension"
                names.setdefault(module, []).append({"kind": kind, "path": key, "providers": sorted(owners)})
    for place, folder in folders.items():
        if folder.name.isidentifier() and folder.name != "__pycache__":
            names.setdefault(folder.name, []).append(
                {"kind": folder.kind(), "path": place, "providers": sorted(folder.owners)}
            )
    standard = standard_names()
    found: dict[str, Facts] = {}
    for name in sorted(names):
        found[name] = {"places": sorted(names[name], key=lambda one: str(one["path"]))}
        if name in standard:
            found[name]["stdlib"] = True
    return found


class Folder:
    """A top-level folder of a site: whose files it has, and whether it is a package or has code at all."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.owners: set[str] = set()
        self.regular = False
        self.code = False

    def add(self, path: str, owners: Iterable[str]) -> None:
        """Note a file by its path in the folder."""
        self.owners.update(owners)
        if path.startswith("__init__.") and "/" not in path:
            self.regular = True
        if path.endswith((".py", ".so", ".pyd")):
            self.code = True

    def kind(self) -> str:
        """What Python would make of it."""
        return "package" if self.regular else "namespace" if self.code else "data"


def standard_names() -> frozenset[str]:
    """The import names of Python itself; before 3.10 it does not list them."""
    known: frozenset[str] | None = getattr(sys, "stdlib_module_names", None)
    if known:
        return known
    home = os.path.dirname(os.__file__)
    names = [name for folder in (home, os.path.join(home, "lib-dynload")) for name in listed(folder)]
    return frozenset(sys.builtin_module_names).union(name.partition(".")[0] for name in names)


def module_name(name: str, suffixes: list[str]) -> str | None:
    """The import name of a top-level file, or None where it is no module of any Python."""
    for suffix in [".py", *suffixes]:
        if name.endswith(suffix):
            stem = name[: -len(suffix)]
            break
    else:
        stem = name.partition(".")[0] if name.endswith((".so", ".pyd", ".pyc")) else ""
    return stem if stem.isidentifier() else None


class Program:
    """A program that is listened to for so long and so much, then ended with all that it started."""

    def __init__(self, command: list[str], given: bytes, most: int, environ: dict[str, str] | None = None) -> None:
        self.most = most  # bytes
        self.parts: list[bytes] = []  # of what it said, as it comes: it may be ended in the middle
        self.complained = b""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE if given else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if environ else subprocess.PIPE,
            env=environ,
            start_new_session=True,
        )
        self.threads = [threading.Thread(target=self._listen, args=(given,), daemon=True)]
        if self.process.stderr:
            self.threads.append(threading.Thread(target=self._overhear, daemon=True))
        for thread in self.threads:
            thread.start()

    def _listen(self, given: bytes) -> None:
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin:
            try:
                stdin.write(given)
                stdin.close()
            except OSError:
                pass  # it ended, or did not want to hear it
        room = self.most
        while stdout and room > 0:
            data = os.read(stdout.fileno(), CHUNK)
            if not data:
                break
            self.parts.append(data)
            room -= len(data)
        if room <= 0:
            self.end()

    def said(self) -> bytes:
        """All that it said so far."""
        return b"".join(self.parts)

    def _overhear(self) -> None:
        stderr = self.process.stderr
        while stderr:
            data = os.read(stderr.fileno(), CHUNK)
            if not data:
                return
            self.complained = (self.complained + data)[-SAID_AT_MOST:]

    def status(self, seconds: float) -> int | None:
        """The exit status, None where it had not ended so long after its start."""
        until = self.started + seconds
        try:
            # Its output ends with it, unless something that it left running has that as well.
            while self.threads[0].is_alive() and self.process.poll() is None and time.monotonic() < until:
                self.threads[0].join(min(0.1, max(0.0, until - time.monotonic())))
            status = self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None
        else:
            self.end()
            for thread in self.threads:
                thread.join(1)
            return status
        finally:
            self.end()

    def end(self) -> None:
        """Kill the program and what it left running."""
        try:
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        except OSError:
            pass  # all gone


class Tools:
    """The programs of the toolchain, asked for their versions while the files are hashed."""

    def __init__(self, wanted: Facts) -> None:
        compilers = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "").split()
        self.running: dict[str, tuple[Program, Facts]] = {}
        self.found: dict[str, str | None] = {}
        environ = dict(os.environ, LC_ALL="C")
        for name, tool in wanted.items():
            self.found[name] = None
            command = [word.replace("{cc}", compilers[0] if compilers else "cc") for word in tool["command"]]
            given = tool.get("input", "").encode()
            try:
                self.running[name] = Program(command, given, SAID_AT_MOST, environ), tool
            except (OSError, ValueError):
                continue  # there is no such program

    def versions(self) -> dict[str, str | None]:
        """name -> version, None where there is no such program, or it does not say."""
        for name, (program, tool) in self.running.items():
            if program.status(tool.get("timeout", TOOLS_TIMEOUT)) == 0:
                version = re.search(tool["pattern"], program.said()[:SAID_AT_MOST].decode("utf-8", "replace"))
                if version:
                    said = version.group(1).strip()[:SHOWN_AT_MOST]
                    self.found[name] = said.replace(" ", "") if name == "gmp" else said
        self.found["openssl"] = openssl()
        self.found["libc"] = libc()
        return {name: self.found[name] for name in sorted(self.found)}


def openssl() -> str | None:
    """The OpenSSL that this Python is linked with."""
    try:
        import _ssl
    except ImportError:
        return None
    return str(_ssl.OPENSSL_VERSION)


def libc() -> str | None:
    """The C library's name and version, where it says so."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION")
    except (AttributeError, ValueError, OSError):
        return None


# Runs in a process of its own, for what it imports must not be in the one that measures. Each result is told at
# once, so that a check that crashes takes no other's with it, and nothing waits for what the checks left running.
BEHAVIOUR = """
import json, os, sys
answer = os.dup(1)
os.dup2(2, 1)
for name, code in json.loads(sys.stdin.read()):
    scope = {"__name__": "behaviour"}
    try:
        exec(compile(code, "<" + name + ">", "exec"), scope)
        said = {"value": str(scope.get("result"))}
    except BaseException as error:
        said = {"error": type(error).__name__}
        try:
            said["error"] += ": " + str(error)
        except BaseException:
            pass
    line = json.dumps([name, said]).encode() + b"\\n"
    while line:
        line = line[os.write(answer, line):]
os._exit(0)
"""


class Behaviour:
    """The project's own checks: small programs whose `result` is the same wherever the environment is the same."""

    def __init__(self, checks: list[list[str]], timeout: float) -> None:
        self.checks = checks
        self.timeout = timeout
        self.failed = "no result"
        self.program: Program | None = None
        if checks:
            try:
                command = [sys.executable or "python", "-I", "-B", "-c", BEHAVIOUR]
                self.program = Program(command, json.dumps(checks).encode(), METADATA_AT_MOST)
            except OSError as error:
                self.failed = "could not be started: " + reason(error)

    def results(self, prefixes: list[str]) -> dict[str, dict[str, str]]:
        """name -> {"value"} or {"error"}; a crash or a wait without end is every unanswered check's error."""
        found = self._answers(self.program) if self.program else {}
        for name, _ in self.checks:
            said = found.setdefault(name, {"error": self.failed})
            if "error" in said:
                error = said["error"]
                for prefix in prefixes:
                    error = error.replace(prefix, "<prefix>")
                said["error"] = re.sub(r"0x[0-9a-fA-F]+", "0x...", printable(error))[:500]
            else:
                value = printable(said["value"])
                if len(value) > VALUE_AT_MOST:
                    value = f"{len(value)} characters, sha256 {hashlib.sha256(value.encode()).hexdigest()}"
                said["value"] = value
        return {name: found[name] for name in sorted(found)}

    def _answers(self, program: Program) -> dict[str, dict[str, str]]:
        status = program.status(self.timeout)
        if status is None:
            self.failed = f"no result after {self.timeout:g} s"
        elif status != 0:
            last = program.complained.decode("utf-8", "replace").strip().splitlines()[-1:]
            self.failed = f"the process ended with status {status} {''.join(last)}".rstrip()
        names = {name for name, _ in self.checks}
        found: dict[str, dict[str, str]] = {}
        for line in program.said().split(b"\n")[:-1]:  # the last is empty, or cut short
            name, said = json.loads(line.decode())
            if name in names:
                found[name] = said
        return found


def interpreter(layout: Layout) -> Facts:
    """The Python that this is, in terms that do not change with the machine's kernel or paths."""
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
        "managed_sites": layout.managed,
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
    """What an extension module of this interpreter has to be, from the interpreter's own file."""
    try:
        with open(sys.executable or "", "rb") as file:
            head = file.read(20)
        if head[:4] != b"\x7fELF":
            return None
        (machine,) = struct.unpack_from({1: "<", 2: ">"}[head[5]] + "H", head, 18)
        return f"{ {1: 32, 2: 64}[head[4]] }-bit machine {machine}"
    except (OSError, KeyError, struct.error, IndexError):
        return None


def located(layout: Layout, scan: Scan, libraries: Libraries) -> Facts:
    """All that names a place on this machine, or its kernel: set aside when environments are compared."""
    uname = os.uname() if hasattr(os, "uname") else None
    hidden = {name: printable(os.environ[name]) for name in ("PYTHONHOME", "PYTHONPATH") if os.environ.get(name)}
    # -I takes the user's own site off the path; without it, what is there would be imported.
    user = site.getusersitepackages()
    if not layout.venv and os.path.isdir(user):
        hidden["user site"] = printable(user)
    return {
        "prefix": printable(sys.prefix),
        "base_prefix": printable(sys.base_prefix),
        "executable": printable(sys.executable or ""),
        "sites": {name: printable(path) for name, path in layout.sites},
        "extra_path": [printable(entry) for entry in layout.extra],
        "hidden": hidden,
        "links": {key: scan.links[key] for key in sorted(scan.links)},
        "libraries": {name: libraries.located[name] for name in sorted(libraries.located)},
        "platform_release": uname.release if uname else "",
        "platform_version": uname.version if uname else "",
    }


def snapshot(settings: Facts) -> Facts:
    """The whole document; every part of it sorted."""
    gc.disable()  # nothing here makes garbage that goes round in circles
    layout = Layout()
    scan = Scan(layout, bool(settings.get("bytecode")))
    scan.read_metadata()
    share = scan.share()  # before anything starts a thread, which no second process would have
    tools = Tools(dict(SEEN_BY_DEFAULT, **settings.get("toolchain", {})))
    behaviour = Behaviour(settings.get("behaviour", []), settings.get("behaviour_timeout", 120))
    scan.run(share)
    libraries = Libraries(scan)
    found = libraries.resolve()
    for distribution in scan.distributions:
        if distribution.problems:
            distribution.facts["problems"] = sorted(set(distribution.problems))
    return {
        "schema": SCHEMA,
        "interpreter": interpreter(layout),
        "distributions": sorted((one.facts for one in scan.distributions), key=lambda facts: str(facts["id"])),
        "files": {key: scan.files[key] for key in sorted(scan.files)},
        "names": import_names(scan.files, scan.suffixes),
        "libraries": found,
        "toolchain": tools.versions(),
        "behaviour": behaviour.results(layout.prefixes),
        "bytecode": "recompiled" if scan.recompile else "headers",
        "problems": sorted(scan.problems),
        "located": located(layout, scan, libraries),
    }


def main() -> int:
    """Print the snapshot, all of it or none that could be taken for one."""
    document = json.dumps(snapshot(json.loads(SETTINGS)), separators=(",", ":"))
    if getattr(sys, "stdout", None) is None:  # closed: descriptor 1 may be anything by now
        print("probe: expected standard output to be open, found it closed", file=sys.stderr)  # noqa: T201
        return 1
    rest = memoryview(document.encode() + b"\n")
    try:
        if hasattr(os, "set_blocking"):
            os.set_blocking(1, True)
        while rest:
            rest = rest[os.write(1, rest) :]
    except OSError as error:
        print(f"probe: expected to write the snapshot, found: {reason(error)}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
