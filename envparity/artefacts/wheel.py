"""Reads a wheel: the hash of each file in it, the scripts that installers change, and its entry points.

No hash comes from the wheel's RECORD: each hash is computed from the bytes in the wheel.
"""

import hashlib
import re
import zlib
from configparser import ConfigParser
from configparser import Error as NotConfig
from email.parser import HeaderParser
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

from packaging.utils import canonicalize_name

from envparity.artefacts.artefact import Wheel
from envparity.probe.text import escaped
from envparity.text import visible

# The errors that zipfile, zlib and the parsers raise for a file that is damaged or made to do harm.
_BROKEN = (
    *(OSError, BadZipFile, zlib.error, NotConfig, EOFError, KeyError, ValueError),
    *(NotImplementedError, RuntimeError, RecursionError),
)
_UNPACKED = 64 << 30  # bytes; a wheel is not read if its files have more bytes in total
_TEXT = 8 << 20  # bytes; a metadata file or a script that is larger is not read as text
_METADATA_PATH = re.compile(r"[^/]+\.dist-info/METADATA")  # a deeper METADATA belongs to a vendored package
_CHUNK = 1 << 20
# Installers replace this text by the path of the environment's Python.
_PLACEHOLDER = b"#!python"


class Unreadable(Exception):
    """The error for a file that is not a readable wheel; its text is the reason, as part of a sentence."""


def read_wheel(path: Path) -> Wheel:
    """Return the contents of a wheel; raise Unreadable if the file is not a wheel, or is damaged."""
    try:
        with ZipFile(path) as archive:
            return _read(archive)
    except _BROKEN as error:
        raise Unreadable(f"{visible(path.name)} cannot be read: {visible(str(error))}") from error


def _read(archive: ZipFile) -> Wheel:
    # If an archive has two files of one name, zipfile opens the last one. Installers also read the last one.
    sizes = {one.filename: one.file_size for one in archive.infolist() if not one.is_dir()}
    if sum(sizes.values()) > _UNPACKED:
        raise Unreadable(f"its files have more than {_UNPACKED >> 30} GiB")
    info = next((name.partition("/")[0] for name in sizes if _METADATA_PATH.fullmatch(name)), None)
    if info is None:
        raise Unreadable("it has no METADATA")
    files: dict[str, str] = {}
    scripts: dict[str, bytes] = {}
    texts: dict[str, str] = {}
    for name in sizes:
        with archive.open(name) as file:
            digest, start = _hashed(file)
        files[escaped(name)] = digest
        if ".data/scripts/" in name and start.startswith(_PLACEHOLDER) and sizes[name] <= _TEXT:
            scripts[escaped(name)] = archive.read(name)
        if name in (f"{info}/METADATA", f"{info}/WHEEL", f"{info}/entry_points.txt") and sizes[name] <= _TEXT:
            texts[name.rpartition("/")[2]] = archive.read(name).decode("utf-8", "replace")
    said = HeaderParser().parsestr(texts.get("METADATA", ""))
    if not said.get("Name") or not said.get("Version"):
        raise Unreadable("its METADATA has no name and version")
    commands, extras = _commands(texts.get("entry_points.txt", ""))
    return Wheel(
        name=canonicalize_name(str(said["Name"])),
        version=str(said["Version"]).strip(),
        info=escaped(info),
        tags=tuple(sorted(re.findall(r"(?m)^Tag: *(\S+)", texts.get("WHEEL", "")))),
        files=files,
        scripts=scripts,
        commands=commands,
        extras=extras,
    )


def _hashed(file: IO[bytes]) -> tuple[str, bytes]:
    """Return the SHA-256 of a file in hex, and the file's first 64 bytes."""
    first = chunk = file.read(_CHUNK)
    digest = hashlib.sha256(chunk)
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest(), first[:64]


def _commands(text: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the fields `commands` and `extras` of a `Wheel`; `text` is the wheel's entry_points.txt."""
    parser = ConfigParser(delimiters=("=",), strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # keep the case of the names
    parser.read_string(text)
    found: dict[str, str] = {}
    extras: list[str] = []
    for section in ("console_scripts", "gui_scripts"):
        for name, value in parser.items(section) if parser.has_section(section) else ():
            target, bracket, _ = value.partition("[")
            found[name.strip()] = "".join(target.split())
            extras += [name.strip()] if bracket else []
    return found, tuple(extras)
