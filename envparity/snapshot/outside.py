"""Doors that are read from outside: no program of the environment is started.

A door is a way to reach an environment. A door of this module names a folder, an unpacked root file system, an image
archive, an OCI layout, or an image or a container of docker or podman on this machine. A process of envparity's own
Python, the child, reads the files.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import envparity
from envparity.errors import EnvparityError
from envparity.processes import Ended
from envparity.text import visible

Kind = Literal["folder", "root", "layout", "archive", "image", "container"]
_PREFIXES: dict[str, Kind] = {"image:": "image", "container:": "container", "root:": "root"}
# With `-I -S`, no .pth file next to envparity runs in the child. But Python then does not find the child's modules, so
# the child gets the folders of the modules as arguments.
_CHILD = "import sys; sys.path[:0] = sys.argv[1:]; from envparity.outside.child import main; sys.exit(main())"
_TAR = (257, b"ustar")
_COMPRESSED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ\0")


@dataclass(frozen=True)
class Outside:
    """How to read doors from outside.

    With `no_run`, no door may start a program: a folder is read from outside too. `prefix` is the folder of the
    environment in an image. With `every`, all environments in the image are read. `python` is the version to assume
    for a folder without an interpreter. `image` and `platform` choose one of several images in an archive.
    """

    no_run: bool = False
    prefix: str | None = None
    every: bool = False
    python: str | None = None
    image: str | None = None
    platform: str | None = None


@dataclass(frozen=True)
class Source:
    """The files that a door reads from outside: `place` is a path, or the name of an image or a container.

    `prefix` is the folder of the environment in the image, if the text of the door names this folder after `#/`.
    """

    kind: Kind
    place: str
    prefix: str | None = None


@dataclass(frozen=True)
class Reading:
    """One environment in a source: the line with its snapshot, and its folder.

    `others` are the folders of environments in the same source that were not read. `images` are the SHA-256 of the
    image's configuration (its ID), and of its manifest if the source has one.
    """

    snapshot: bytes
    prefix: str
    others: tuple[str, ...]
    images: tuple[str, ...] = ()


def find_source(text: str, root: Path, outside: Outside) -> Source | None:
    """Return the source that `text` names; None if it names no files to read from outside.

    A path is relative to the folder `root`. The folder of one environment is a source only with `outside.no_run` or
    `outside.python`. With `outside.no_run`, the path of a file in `bin`, such as its Python, names the folder too. At
    the end of the text, `#/FOLDER` may name the environment in an image. Raise EnvparityError if no name follows
    `image:`, `container:` or `root:`.
    """
    before, mark, after = text.rpartition("#/")
    if mark and (found := _source(before, root, outside)):
        return replace(found, prefix=f"/{after}")
    return _source(text, root, outside)


def _source(text: str, root: Path, outside: Outside) -> Source | None:
    for prefix, kind in _PREFIXES.items():
        if text.startswith(prefix):
            place = text.removeprefix(prefix)
            if not place:
                raise EnvparityError(f"door: expected a name after {prefix}, found none")
            return Source(kind, str(root / place) if kind == "root" else place)
    path = root / text
    try:
        if path.is_dir():
            return _folder(path, outside)
        if path.is_file() and is_archive(path):
            return Source("archive", str(path))
        if outside.no_run and path.parent.name == "bin" and path.is_file() and path.suffix != ".json":
            return Source("folder", str(path.parent.parent))
    except (OSError, ValueError):
        return None
    return None


def _folder(path: Path, outside: Outside) -> Source | None:
    if (path / "oci-layout").is_file() and (path / "index.json").is_file():
        return Source("layout", str(path))
    if looks_like_root(path):
        return Source("root", str(path))
    return Source("folder", str(path)) if outside.no_run or outside.python else None


def looks_like_root(path: Path) -> bool:
    """Return whether a folder looks like the root of a file system, and not like one environment."""
    if (path / "pyvenv.cfg").exists() or (path / "conda-meta").exists():
        return False
    if any((path / name).exists() for name in ("etc/passwd", "etc/os-release", ".dockerenv")):
        return True
    return (path / "usr").is_dir() and any((path / name).is_dir() for name in ("bin", "lib", "etc"))


def is_archive(path: Path) -> bool:
    """Return whether a file is a tar archive or a compressed file; raise OSError if it cannot be read."""
    with path.open("rb") as file:
        start = file.read(512)
    at, magic = _TAR
    return start.startswith(_COMPRESSED) or start[at : at + len(magic)] == magic


def child_command() -> tuple[str, ...]:
    """Return the command that starts the child: envparity's own Python, with -I -S so that it runs no .pth file."""
    folders = [str(Path(envparity.__file__).parents[1])]
    try:
        zstd = find_spec("backports.zstd")
    except ImportError:
        zstd = None
    if zstd is not None and zstd.origin:
        folders.append(str(Path(zstd.origin).parents[2]))
    return (sys.executable, "-I", "-S", "-c", _CHILD, *folders)


def task_text(name: str, source: Source, outside: Outside, settings: Mapping[str, Any]) -> bytes:
    """Return the task, as JSON, that the child reads from its standard input; `name` is the name of the door."""
    task = {**asdict(outside), "name": name, "kind": source.kind, "source": source.place, "settings": dict(settings)}
    return json.dumps(task | ({"prefix": source.prefix} if source.prefix else {})).encode()


def readings_in(ended: Ended, name: str) -> list[Reading]:
    """Return the environments that the child found for the door `name`; raise EnvparityError if the child failed."""
    said = ended.complaints.decode("utf-8", "replace").strip().splitlines()[-1:]
    if ended.status == 2 and said:
        raise EnvparityError(f"door {name}: {said[0].removeprefix(f'{name}: ')}")
    lines = ended.output.split(b"\n")
    if ended.status != 0 or len(lines) < 3:
        raise EnvparityError(
            f"door {name}: expected its files to be readable, but the process that reads them ended with exit status "
            f"{ended.status}: {visible(''.join(said))[:300]}"
        )
    found: list[Reading] = []
    for head, line in zip(lines[:-1:2], lines[1:-1:2], strict=True):
        facts = json.loads(head)
        others, images = tuple(map(str, facts["others"])), tuple(map(str, facts["images"]))
        found.append(Reading(line + b"\n", str(facts["prefix"]), others, images))
    return found


def is_source_there(source: Source) -> bool:
    """Return whether this machine has the folder or file of a source, or docker or podman for an image or container."""
    if source.kind in ("image", "container"):
        from shutil import which

        return any(which(engine) for engine in ("docker", "podman"))
    return Path(source.place).exists()
