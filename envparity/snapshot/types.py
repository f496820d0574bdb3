"""The types of a snapshot: what the probe saw of one environment. Reading a snapshot checks every field.

These types are the contract; `scripts/docs` makes `envparity/schema/snapshot.schema.json` from them. The path of a
file is written `scheme/relative/path`. The scheme is `site` (further site folders are `site-2`, …), `scripts`, `data`
or `prefix`.
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
# Every PEP 508 marker. Without one of them, a marker would be evaluated with the value of the Python that judges.
_MARKERS = frozenset(
    "implementation_name implementation_version os_name platform_machine platform_python_implementation "
    "platform_system python_full_version python_version sys_platform".split()
)


def doc(description: str) -> msgspec.Meta:
    """Describe a field in the published schemas."""
    return msgspec.Meta(description=description)


class Interpreter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The Python of an environment."""

    implementation: Annotated[str, doc("As sys.implementation.name has it.")]
    version: Annotated[str, doc("Its full version.")]
    platform: Annotated[str, doc("As sysconfig.get_platform() has it.")]
    markers: Annotated[
        dict[str, str],
        doc("The values that PEP 508 markers are evaluated with, except what is in `located`."),
    ]
    extension_suffixes: Annotated[tuple[str, ...], doc("The endings of the extension modules that it can import.")]
    venv: Annotated[bool, doc("Whether this is a virtual environment.")]
    managed_sites: Annotated[
        tuple[str, ...],
        doc("Site folders that the system's package manager looks after (PEP 668)."),
    ]
    abi: Annotated[str | None, doc("The ABI tag of its extension modules.")] = None
    cache_tag: Annotated[str | None, doc("The tag in the names of its bytecode.")] = None
    elf: Annotated[str | None, doc("Word size and ELF machine number of the interpreter's own file.")] = None

    def __post_init__(self) -> None:
        if missing := _MARKERS - self.markers.keys():
            raise ValueError(f"no {', '.join(sorted(missing))} among the markers")

    @property
    def series(self) -> str:
        """Return major and minor version, as in `3.11`."""
        return self.markers.get("python_version", "")


class Distribution(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One installed distribution, as its own metadata has it.

    `record` tells how far its files can be judged: `read` (by hash), `unhashed`, `missing` or `malformed`.
    `build` is what uv notes of a build from source; `problems` are metadata that could not be read.
    """

    id: Annotated[
        str,
        doc("What `claims` and `providers` name it by: the canonical name, numbered where it is there twice."),
    ]
    name: Annotated[str, doc("As its metadata words it.")]
    metadata: Annotated[str, doc("The path of its metadata folder or file.")]
    format: Annotated[str, doc("dist-info, egg-info, egg or egg-link.")]
    record: Annotated[
        Literal["read", "unhashed", "missing", "malformed"],
        doc("How far its files can be judged: by hash, as being there only, or not at all."),
    ]
    version: Annotated[str | None, doc("Null where its metadata has none.")] = None
    installer: Annotated[str | None, doc("What INSTALLER says.")] = None
    requested: Annotated[bool, doc("Whether the installer noted that it was asked for by name.")] = False
    editable: Annotated[bool, doc("Whether its code is in a folder outside the environment.")] = False
    requires: Annotated[tuple[str, ...], doc("Its requirements, as it words them.")] = ()
    extras: Annotated[tuple[str, ...], doc("The extras that it offers.")] = ()
    requires_python: Annotated[str | None, doc("The Python versions that it is for.")] = None
    tags: Annotated[tuple[str, ...], doc("The compatibility tags of the wheel that it was installed from.")] = ()
    generator: Annotated[str | None, doc("What built that wheel.")] = None
    build: Annotated[dict[str, Any] | None, doc("What uv notes of a build from source.")] = None
    direct_url: Annotated[
        dict[str, Any] | None,
        doc(
            "The URL that it was installed from, without user, password or a machine's path; the commit and the "
            "artefact's hashes."
        ),
    ] = None
    provenance: Annotated[
        dict[str, Any] | None,
        doc("The artefact's hashes as provenance_url.json has them (PEP 710)."),
    ] = None
    top_level: Annotated[
        tuple[str, ...],
        doc("The import names that a distribution without RECORD says are its own."),
    ] = ()
    problems: Annotated[tuple[str, ...], doc("What of its metadata could not be read, in words.")] = ()

    @property
    def label(self) -> str:
        """Return name and version, as people write them."""
        return f"{self.name} {self.version}" if self.version else self.name

    @property
    def artefact_hashes(self) -> frozenset[str]:
        """Return the hashes of the installed artefact as `sha256:HEX`, none if the installer did not record them."""
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

    kind: Annotated[
        Literal["file", "link", "missing", "folder", "special", "unknown"],
        doc("What is at the path; missing: a RECORD names it and nothing is there."),
    ] = "file"
    size: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1, description="In bytes.")] = 0
    mode: Annotated[str, doc("The permissions to read and execute, in octal.")] = "444"
    sha256: Annotated[str | None, doc("Of its bytes; null where they were not read.")] = None
    normal: Annotated[
        str | None,
        doc("The same hash with what an environment's path or a patched ELF changes taken out."),
    ] = None
    starts: Annotated[
        str | None,
        doc("Of a script that only starts an entry point, as installers make them: MODULE:FUNCTION."),
    ] = None
    claims: Annotated[
        dict[str, str],
        doc(
            "For each distribution whose RECORD lists it, by id, the verdict: match, unhashed, missing, unread, "
            "ALGORITHM:HEX (the hash that should be there), size:BYTES, malformed:… or unknown:…."
        ),
    ] = {}
    bytecode: Annotated[str | None, doc("Of bytecode: how it is validated, and what came of judging it.")] = None
    elf: Annotated[str | None, doc("Of an ELF file: word size and machine number.")] = None
    pth: Annotated[
        Literal["code", "path"] | None,
        doc("Of a .pth file: whether it runs code or only adds to the path."),
    ] = None
    role: Annotated[Literal["venv"] | None, doc("venv: made with the environment itself.")] = None
    target: Annotated[str | None, doc("Where a link leads, if that is inside the environment.")] = None
    error: Annotated[str | None, doc("Why it could not be read.")] = None


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an import name is found, and whose files are there."""

    kind: Annotated[
        Literal["module", "extension", "package", "namespace", "data"],
        doc("What is imported from there; data: a folder without code."),
    ]
    path: Annotated[str, doc("The path of the module or folder.")]
    providers: Annotated[tuple[str, ...], doc("The distributions, by id, that have files there.")]


class ImportName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A top-level import name; `stdlib` if Python itself has one of that name."""

    places: Annotated[tuple[Place, ...], doc("Where it is found; more than one hide each other.")]
    stdlib: Annotated[bool, doc("Whether a module of Python itself has that name.")] = False


class Library(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shared library that extension modules ask for: `file` on the system, or `inside` the environment."""

    needed_by: Annotated[tuple[str, ...], doc("The extension modules that ask for it.")]
    file: Annotated[str | None, doc("The name of the file on the system that the dynamic linker takes.")] = None
    inside: Annotated[str | None, doc("Or the path of the file in the environment.")] = None


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a behaviour check gave."""

    value: Annotated[str | None, doc("What the check gave.")] = None
    error: Annotated[str | None, doc("Or how it failed.")] = None


class Located(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What names a place on the machine, or its kernel: never compared."""

    prefix: Annotated[str, doc("The environment's folder.")]
    base_prefix: Annotated[str, doc("The folder of the Python that it was made from.")]
    executable: Annotated[str, doc("The interpreter that ran the probe.")]
    sites: Annotated[dict[str, str], doc("The site folders by scheme.")]
    extra_path: Annotated[tuple[str, ...], doc("Further entries of sys.path.")]
    hidden: Annotated[
        dict[str, str],
        doc("What adds modules when Python is started without -I: PYTHONPATH, PYTHONHOME, the user's site."),
    ]
    links: Annotated[dict[str, str], doc("What each link says, by its path.")]
    libraries: Annotated[dict[str, str], doc("The path of each shared library on the system.")]
    platform_release: Annotated[str, doc("The kernel's release.")]
    platform_version: Annotated[str, doc("The kernel's build.")]


class _Snapshot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fields of a snapshot."""

    schema: Annotated[Literal["envparity-snapshot-1"], doc("Which version of this document it is.")]
    interpreter: Annotated[Interpreter, doc("The Python that the environment runs.")]
    distributions: Annotated[tuple[Distribution, ...], doc("Every installed distribution, by id.")]
    files: Annotated[
        dict[str, File],
        doc(
            "Every path of the environment, as scheme/relative/path: site (further site folders site-2, …), "
            "scripts, data or prefix. A backslash, or a byte that is no UTF-8, is \\xNN."
        ),
    ]
    names: Annotated[dict[str, ImportName], doc("Every top-level import name.")]
    libraries: Annotated[
        dict[str, Library],
        doc("Every shared library that an extension module asks for, by its soname."),
    ]
    toolchain: Annotated[
        dict[str, str | None],
        doc("The version of each tool, null where it is not there or does not say."),
    ]
    behaviour: Annotated[dict[str, Result], doc("The result of each behaviour check that the project declares.")]
    bytecode: Annotated[
        Literal["headers", "recompiled"],
        doc("How bytecode was judged: by its header, or by compiling its source again."),
    ]
    problems: Annotated[tuple[str, ...], doc("What could not be looked at, in words.")]
    located: Annotated[Located, doc("Set aside when environments are compared.")]


class Snapshot(_Snapshot, frozen=True, dict=True):
    """One environment as a probe saw it."""

    @cached_property
    def by_id(self) -> dict[str, Distribution]:
        """Return the distributions by id; claims and providers name distributions by their ids."""
        return {distribution.id: distribution for distribution in self.distributions}

    @cached_property
    def by_name(self) -> dict[str, Distribution]:
        """Return the distributions by canonical name; of one that is installed twice, the first on sys.path."""
        found: dict[str, Distribution] = {}
        for one in self.distributions:
            found.setdefault(canonicalize_name(one.name), one)
        return found

    def label(self, distribution: str) -> str:
        """Return name and version of the distribution with this id, or the id if there is none."""
        found = self.by_id.get(distribution)
        return found.label if found else distribution

    @property
    def marker_environment(self) -> dict[str, str]:
        """Return the values that PEP 508 markers are evaluated with."""
        return self.interpreter.markers | {
            "platform_release": self.located.platform_release,
            "platform_version": self.located.platform_version,
            "extra": "",
        }


_DECODER = msgspec.json.Decoder(Snapshot)


def decode_snapshot(data: bytes, origin: str) -> Snapshot:
    """Read a snapshot; raise EnvparityError, which names the field and `origin`, if the data is not a snapshot."""
    try:
        return _DECODER.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise EnvparityError(
            f"{origin}: expected a snapshot ({SCHEMA}), found: {visible(str(error))}; make it with: envparity snapshot"
        ) from error


def read_snapshot(path: Path) -> Snapshot:
    """Read a saved snapshot; raise EnvparityError if the file cannot be read or is not a snapshot."""
    return decode_snapshot(read_bytes(path), str(path))


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a saved snapshot; raise EnvparityError if they cannot be read, or are too many."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_SNAPSHOT + 1)
    except OSError as error:
        raise EnvparityError(f"{path}: expected a saved snapshot, found: {error.strerror}") from error
    if len(data) > LARGEST_SNAPSHOT:
        raise EnvparityError(f"{path}: expected a snapshot of at most {LARGEST_SNAPSHOT} bytes, found more")
    return data
