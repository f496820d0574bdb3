"""What a wheel installs and an sdist says it will, read from the file itself; nothing in it is run."""

import base64
import csv
import hashlib
import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping
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

# What zipfile, tarfile, zlib and csv raise of a file that is not what it says, or is made to do harm.
_BROKEN = (
    *(OSError, BadZipFile, tarfile.TarError, zlib.error, csv.Error, EOFError, KeyError, ValueError),
    *(NotImplementedError, RuntimeError, RecursionError),
)
_UNPACKED = 1 << 30  # bytes of files without a hash in RECORD that are worth reading
_METADATA = 8 << 20  # bytes of a metadata file that is worth reading
_METADATA_PATH = re.compile(r"[^/]+\.dist-info/METADATA")  # at the top: what a package vendors is deeper
_CODE = ("module", "extension", "package")


class Unreadable(Exception):
    """Why a file is no wheel and no sdist that this reads, as a clause."""


class Contents(msgspec.Struct, frozen=True):
    """What one artefact holds.

    `names` has for each top-level import name its places and their kinds (module, extension, package, namespace,
    data; `unbuilt` in an sdist, whose files are known once it is built). `files` has the hash of each file that goes
    into site-packages. `built` is false for a source.
    """

    name: str
    version: str
    requires: tuple[str, ...] = ()
    names: dict[str, dict[str, str]] = {}
    files: dict[str, str] = {}
    built: bool = True

    @property
    def is_silent(self) -> bool:
        """Whether it does not say what it installs: the source of a backend that leaves no word of it."""
        return not self.built and not self.names

    @property
    def label(self) -> str:
        """`name version`, for a person."""
        return f"{self.name} {self.version}"

    @property
    def importable(self) -> frozenset[str]:
        """The import names that bring code and are no namespace, which any distribution may add to."""
        return frozenset(name for name, places in self.names.items() if {*places.values()} & {*_CODE, "unbuilt"})


def read_contents(path: Path) -> Contents:
    """What a wheel or an sdist holds; Unreadable where it is neither."""
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
        if sum(size for name, size in sizes.items() if name not in recorded) > _UNPACKED:
            raise Unreadable(f"{path.name} has more without a hash than is read")
        for name in sizes:
            place = _in_site(name, info)
            if place is not None:
                files[place] = recorded.get(name) or _hash(archive, name)
        metadata = _text(archive, f"{info}/METADATA", sizes)
    return _contents(metadata, files, _names(files), built=True)


def _text(archive: ZipFile, name: str, sizes: Mapping[str, int]) -> str:
    if sizes.get(name, 0) > _METADATA:
        raise Unreadable(f"{name} is larger than any metadata")
    return archive.read(name).decode("utf-8", "replace") if name in sizes else ""


def _record(text: str) -> dict[str, str]:
    """Hashes by path, as RECORD has them."""
    return {row[0]: row[1] for row in csv.reader(StringIO(text)) if len(row) > 1 and row[1].startswith("sha256=")}


def _hash(archive: ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return "sha256=" + base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()


def _in_site(name: str, info: str) -> str | None:
    """Where in site-packages a file of a wheel goes, None where it goes elsewhere or is metadata."""
    top, _, rest = name.partition("/")
    if top == info:
        return None
    if top == info.removesuffix(".dist-info") + ".data":
        scheme, _, rest = rest.partition("/")
        return rest if scheme in ("purelib", "platlib") else None
    return name


def _names(files: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Import names as the probe sees them in an environment."""
    entries: dict[str, dict[str, Any]] = {f"site/{name}": {} for name in files if not name.endswith(".pyc")}
    return {
        name: {place["path"].removeprefix("site/"): place["kind"] for place in found["places"]}
        for name, found in import_names(entries, list(EXTENSION_SUFFIXES)).items()
    }


def _sdist(path: Path) -> Contents:
    texts = sorted(_sdist_texts(path), key=lambda one: one[0].count("/"))  # fixtures are deeper
    wanted = {PurePosixPath(name).name: text for name, text in reversed(texts)}
    metadata = wanted.get("PKG-INFO")
    if metadata is None:
        raise Unreadable(f"{path.name} has no PKG-INFO")
    named = [line.strip() for line in wanted.get("top_level.txt", "").splitlines()]
    return _contents(metadata, {}, {name: {name: "unbuilt"} for name in named if name.isidentifier()}, built=False)


def _sdist_texts(path: Path) -> Iterator[tuple[str, str]]:
    """PKG-INFO at the top of an sdist, and the top_level.txt that setuptools left in it."""
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


def _contents(metadata: str, files: dict[str, str], names: dict[str, dict[str, str]], *, built: bool) -> Contents:
    said = HeaderParser().parsestr(metadata)
    name, version = said.get("Name"), said.get("Version")
    if not name or not version:
        raise Unreadable("its metadata has no name and version")
    requires = tuple(without_url(" ".join(str(one).split())) for one in said.get_all("Requires-Dist", ()))
    return Contents(canonicalize_name(name), str(version).strip(), requires, names, files, built)
