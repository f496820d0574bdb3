"""The snapshot: what a probe saw of one environment, checked as it is read.

The types below are the contract; `envparity/schema/snapshot.schema.json` is made from them. A file is named
`scheme/relative/path`: `site` (further site folders `site-2`, …), `scripts`, `data` or `prefix`.
"""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from packaging.utils import canonicalize_name

from envparity import LARGEST_SNAPSHOT
from envparity.errors import EnvparityError
from envparity.text import visible

SCHEMA: Literal["envparity-snapshot-1"] = "envparity-snapshot-1"
# What PEP 508 markers can ask for; what were missing would be answered by the interpreter that judges.
_MARKERS = frozenset(
    "implementation_name implementation_version os_name platform_machine platform_python_implementation "
    "platform_system python_full_version python_version sys_platform".split()
)


class Interpreter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The Python of an environment."""

    implementation: str
    version: str
    platform: str
    markers: dict[str, str]
    extension_suffixes: tuple[str, ...]
    venv: bool
    managed_sites: tuple[str, ...]
    """Site folders that the system's package manager looks after."""
    abi: str | None = None
    cache_tag: str | None = None
    elf: str | None = None

    def __post_init__(self) -> None:
        if missing := _MARKERS - self.markers.keys():
            raise ValueError(f"no {', '.join(sorted(missing))} among the markers")

    @property
    def series(self) -> str:
        """Major and minor version, as `3.11`."""
        return self.markers.get("python_version", "")


class Distribution(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One installed distribution, as its own metadata has it.

    `record` tells how far its files can be judged: `read` (by hash), `unhashed`, `missing` or `malformed`.
    `build` is what uv notes of a build from source; `problems` are metadata that could not be read.
    """

    id: str
    name: str
    metadata: str
    format: str
    record: Literal["read", "unhashed", "missing", "malformed"]
    version: str | None = None
    installer: str | None = None
    requested: bool = False
    editable: bool = False
    requires: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    requires_python: str | None = None
    tags: tuple[str, ...] = ()
    generator: str | None = None
    build: dict[str, Any] | None = None
    direct_url: dict[str, Any] | None = None
    provenance: dict[str, Any] | None = None
    top_level: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Name and version, as people write them."""
        return f"{self.name} {self.version}" if self.version else self.name

    @property
    def artefact_hashes(self) -> frozenset[str]:
        """`sha256:HEX` of the artefact that was installed, where the installer recorded it."""
        found: set[str] = set()
        for source in (self.direct_url, self.provenance):
            hashes = (source or {}).get("hashes")
            if isinstance(hashes, dict):
                found.update(f"{name}:{value}" for name, value in hashes.items())
        return frozenset(found)


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One path of the environment.

    `claims` maps a distribution's id to the verdict of its RECORD: `match`, `unhashed`, `missing`, `unread`,
    `ALGORITHM:HEX` (the hash that should be there), `size:BYTES`, `malformed:…` or `unknown:…`.
    `normal` is the hash with what an environment's path or a patched ELF changes taken out. `starts` is the entry
    point of a script that starts it and does nothing else, which each installer words in its own way.
    """

    kind: Literal["file", "link", "missing", "folder", "special", "unknown"] = "file"
    size: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] = 0
    mode: str = "444"
    sha256: str | None = None
    normal: str | None = None
    starts: str | None = None
    claims: dict[str, str] = {}
    bytecode: str | None = None
    elf: str | None = None
    pth: Literal["code", "path"] | None = None
    role: Literal["venv"] | None = None
    target: str | None = None
    error: str | None = None


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an import name is found, and whose files are there."""

    kind: Literal["module", "extension", "package", "namespace", "data"]
    path: str
    providers: tuple[str, ...]


class ImportName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A top-level import name; `stdlib` if Python itself has one of that name."""

    places: tuple[Place, ...]
    stdlib: bool = False


class Library(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shared library that extension modules ask for: `file` on the system, or `inside` the environment."""

    needed_by: tuple[str, ...]
    file: str | None = None
    inside: str | None = None


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a behaviour check gave."""

    value: str | None = None
    error: str | None = None


class Located(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What names a place on the machine, or its kernel: never compared."""

    prefix: str
    base_prefix: str
    executable: str
    sites: dict[str, str]
    extra_path: tuple[str, ...]
    hidden: dict[str, str]
    links: dict[str, str]
    libraries: dict[str, str]
    platform_release: str
    platform_version: str


class _Snapshot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The document, field by field."""

    schema: Literal["envparity-snapshot-1"]
    interpreter: Interpreter
    distributions: tuple[Distribution, ...]
    files: dict[str, File]
    names: dict[str, ImportName]
    libraries: dict[str, Library]
    toolchain: dict[str, str | None]
    behaviour: dict[str, Result]
    bytecode: Literal["headers", "recompiled"]
    problems: tuple[str, ...]
    located: Located


class Snapshot(_Snapshot, frozen=True, dict=True):
    """One environment as a probe saw it."""

    @cached_property
    def by_id(self) -> dict[str, Distribution]:
        """Distributions by the id that claims name them with."""
        return {distribution.id: distribution for distribution in self.distributions}

    @cached_property
    def by_name(self) -> dict[str, Distribution]:
        """Distributions by canonical name; of one that is there twice, the first on sys.path."""
        found: dict[str, Distribution] = {}
        for one in self.distributions:
            found.setdefault(canonicalize_name(one.name), one)
        return found

    def label(self, distribution: str) -> str:
        """Name and version of a claimant."""
        found = self.by_id.get(distribution)
        return found.label if found else distribution

    @property
    def marker_environment(self) -> dict[str, str]:
        """What PEP 508 markers are evaluated in."""
        return self.interpreter.markers | {
            "platform_release": self.located.platform_release,
            "platform_version": self.located.platform_version,
            "extra": "",
        }


_DECODER = msgspec.json.Decoder(Snapshot)


def decode_snapshot(data: bytes, origin: str) -> Snapshot:
    """Read a snapshot; EnvparityError, naming field and `origin`, where it is none."""
    try:
        return _DECODER.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise EnvparityError(
            f"{origin}: expected a snapshot ({SCHEMA}), found: {visible(str(error))}; make it with: envparity snapshot"
        ) from error


def read_snapshot(path: Path) -> Snapshot:
    """Read a saved snapshot."""
    return decode_snapshot(read_bytes(path), str(path))


def read_bytes(path: Path) -> bytes:
    """A saved snapshot as it stands."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_SNAPSHOT + 1)
    except OSError as error:
        raise EnvparityError(f"{path}: expected a saved snapshot, found: {error.strerror}") from error
    if len(data) > LARGEST_SNAPSHOT:
        raise EnvparityError(f"{path}: expected a snapshot of at most {LARGEST_SNAPSHOT} bytes, found more")
    return data
