"""Reads the list of files that a wheel installs, and the metadata of an sdist, without running any code."""

import base64
import csv
import hashlib
import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from configparser import Error as ConfigError
from email.parser import HeaderParser
from importlib.machinery import EXTENSION_SUFFIXES
from io import StringIO
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import BadZipFile, ZipFile

import msgspec
from packaging.utils import canonicalize_name

from envparity.index.releases import without_url
from envparity.probe.names import import_names

# The errors that zipfile, tarfile, zlib and csv raise for a file that is damaged or made to do harm.
_BROKEN = (
    *(OSError, BadZipFile, tarfile.TarError, zlib.error, csv.Error, ConfigError, EOFError, KeyError, ValueError),
    *(NotImplementedError, RuntimeError, RecursionError),
)
_UNPACKED = 1 << 30  # bytes; a wheel is not read if its files without a hash in RECORD have more bytes in total
_METADATA = 8 << 20  # bytes; a larger metadata file is not read
_METADATA_PATH = re.compile(r"[^/]+\.dist-info/METADATA")  # only at the top level: vendored packages are deeper
_CODE = ("module", "extension", "package")


class Unreadable(Exception):
    """The file cannot be read as a wheel or an sdist. The message is the reason, as part of a sentence."""


class Contents(msgspec.Struct, frozen=True):
    """The names, the requirements and the files of one artefact (a wheel or an sdist).

    `names` maps each top-level import name to its paths, and each path to its kind: module, extension, package,
    namespace or data. In an sdist the kind is `unbuilt`, because the files are unknown until somebody builds the sdist.
    `files` maps each file that goes into site-packages to its hash, as RECORD writes it. `outside` maps each file that
    goes elsewhere, for example `scripts/NAME` or `data/share/NAME`, to its hash, or to the entry point that a script
    starts. `built` is false for an sdist.
    """

    name: str
    version: str
    requires: tuple[str, ...] = ()
    names: dict[str, dict[str, str]] = {}
    files: dict[str, str] = {}
    built: bool = True
    outside: dict[str, str] = {}

    @property
    def is_silent(self) -> bool:
        """Return whether this is an sdist without a list of its import names. Some build backends write no list."""
        return not self.built and not self.names

    @property
    def label(self) -> str:
        """Return `name version`, to show to a person."""
        return f"{self.name} {self.version}"

    @property
    def importable(self) -> frozenset[str]:
        """Return the import names that have code. Namespaces are left out, because distributions may share them."""
        return frozenset(name for name, places in self.names.items() if {*places.values()} & {*_CODE, "unbuilt"})


def read_contents(path: Path) -> Contents:
    """Return the contents of a wheel or an sdist; raise Unreadable for any other file, and for a damaged file."""
    try:
        return _wheel(path) if path.suffix == ".whl" else _sdist(path)
    except _BROKEN as error:
        raise Unreadable(f"{path.name} cannot be read: {error}") from error


def _wheel(path: Path) -> Contents:
    with ZipFile(path) as archive:
        sizes = {one.filename: one.file_size for one in archive.infolist() if not one.is_dir()}
        info = next((name.partition("/")[0] for name in sizes if _METADATA_PATH.fullmatch(name)), None)
        if info is None:
            raise Unreadable(f"{path.name} has no METADATA")
        recorded = _record(_text(archive, f"{info}/RECORD", sizes))
        files: dict[str, str] = {}
        outside: dict[str, str] = {}
        if sum(size for name, size in sizes.items() if name not in recorded) > _UNPACKED:
            raise Unreadable(f"{path.name} has more than 1 GiB of files without a hash in RECORD")
        for name in sizes:
            scheme, place = _place(name, info)
            if scheme == "site":
                files[place] = recorded.get(name) or _hash(archive, name)
            elif scheme:
                outside[f"{scheme}/{place}"] = recorded.get(name) or _hash(archive, name)
        metadata = _text(archive, f"{info}/METADATA", sizes)
        outside |= _entry_points(_text(archive, f"{info}/entry_points.txt", sizes))
    return _contents(metadata, files, _names(files), outside, built=True)


def _text(archive: ZipFile, name: str, sizes: Mapping[str, int]) -> str:
    if sizes.get(name, 0) > _METADATA:
        raise Unreadable(f"{name} is larger than {_METADATA >> 20} MiB")
    return archive.read(name).decode("utf-8", "replace") if name in sizes else ""


def _record(text: str) -> dict[str, str]:
    """Return a dict from path to hash, with the SHA-256 hashes in the text of a RECORD."""
    return {row[0]: row[1] for row in csv.reader(StringIO(text)) if len(row) > 1 and row[1].startswith("sha256=")}


def _hash(archive: ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return "sha256=" + base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()


def _place(name: str, info: str) -> tuple[str, str]:
    """Return where an installer puts a file of a wheel: the scheme, such as `site` or `scripts`, and the path below it.

    Both are empty for a file of the metadata folder. Headers go into a folder with the name of the distribution.
    """
    top, _, rest = name.partition("/")
    if top == info:
        return "", ""
    if top != info.removesuffix(".dist-info") + ".data":
        return "site", name
    scheme, _, rest = rest.partition("/")
    if scheme in ("purelib", "platlib"):
        return "site", rest
    if scheme == "scripts":
        return "scripts", rest
    if scheme == "headers":
        return "data", f"include/site/python/{info.partition('-')[0].lower()}/{rest}"
    # The folder `bin` of the environment is also the folder of scripts.
    return ("scripts", rest.removeprefix("bin/")) if rest.startswith("bin/") else ("data", rest)


def _entry_points(text: str) -> dict[str, str]:
    """Return a dict from `scripts/NAME` to `starts MODULE:FUNCTION`, for the entry points that a wheel declares."""
    parser = ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign] # names keep their case
    parser.read_string(text)
    return {
        f"scripts/{name}": f"starts {''.join(value.partition('[')[0].split())}"
        for section in ("console_scripts", "gui_scripts")
        if parser.has_section(section)
        for name, value in parser.items(section)
    }


def _names(files: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the import names of files, by the rules that the probe uses for an environment."""
    entries: dict[str, dict[str, Any]] = {f"site/{name}": {} for name in files if not name.endswith(".pyc")}
    return {
        name: {place["path"].removeprefix("site/"): place["kind"] for place in found["places"]}
        for name, found in import_names(entries, list(EXTENSION_SUFFIXES)).items()
    }


def _sdist(path: Path) -> Contents:
    # The topmost file of each name counts, because test data of the package may have files of the same name.
    texts = sorted(_sdist_texts(path), key=lambda one: one[0].count("/"))
    wanted = {PurePosixPath(name).name: text for name, text in reversed(texts)}
    metadata = wanted.get("PKG-INFO")
    if metadata is None:
        raise Unreadable(f"{path.name} has no PKG-INFO")
    named = [line.strip() for line in wanted.get("top_level.txt", "").splitlines()]
    return _contents(metadata, {}, {name: {name: "unbuilt"} for name in named if name.isidentifier()}, {}, built=False)


def _sdist_texts(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of the PKG-INFO at the top of an sdist, and of each top_level.txt from setuptools."""
    if path.suffix == ".zip":
        with ZipFile(path) as archive:
            sizes = {one.filename: one.file_size for one in archive.infolist()}
            for name in filter(_is_told, sizes):
                yield name, _text(archive, name, sizes)
        return
    with tarfile.open(path) as archive:
        for member in archive:
            if _is_told(member.name) and member.isreg() and member.size <= _METADATA:
                file = archive.extractfile(member)
                if file is not None:
                    yield member.name, file.read().decode("utf-8", "replace")


def _is_told(name: str) -> bool:
    levels = PurePosixPath(name).parts
    return (len(levels) == 2 and levels[1] == "PKG-INFO") or (
        levels[-1:] == ("top_level.txt",) and len(levels) > 1 and levels[-2].endswith(".egg-info")
    )


def _contents(
    metadata: str, files: dict[str, str], names: dict[str, dict[str, str]], outside: dict[str, str], *, built: bool
) -> Contents:
    said = HeaderParser().parsestr(metadata)
    name, version = said.get("Name"), said.get("Version")
    if not name or not version:
        raise Unreadable("its metadata has no name and version")
    requires = tuple(without_url(" ".join(str(one).split())) for one in said.get_all("Requires-Dist", ()))
    return Contents(canonicalize_name(name), str(version).strip(), requires, names, files, built, outside)
