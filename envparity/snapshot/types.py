"""The types of a snapshot: the facts about one environment. Reading a snapshot checks every field.

A snapshot is a JSON document. The probe, a program that runs in the environment, prints the snapshot. These types
define the format; `scripts/docs` makes `envparity/schema/snapshot.schema.json` from them. The path of a file is written
`scheme/relative/path`. The scheme names a folder: `site` (further site folders are `site-2`, …), `scripts`, `data` or
`prefix` (the prefix of a further site folder is `prefix-2`, …).
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
# The marker variables of PEP 508 that every snapshot must have. For a missing variable, `packaging` would use the value
# of the Python that runs envparity.
_MARKERS = frozenset(
    "implementation_name implementation_version os_name platform_machine platform_python_implementation "
    "platform_system python_full_version python_version sys_platform".split()
)


def doc(description: str) -> msgspec.Meta:
    """Return an annotation that describes a field in the published JSON schemas."""
    return msgspec.Meta(description=description)


class Interpreter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The Python of an environment."""

    implementation: Annotated[str, doc("The value of sys.implementation.name, for example cpython.")]
    version: Annotated[str, doc("The full version, for example 3.11.2.")]
    platform: Annotated[str, doc("The value of sysconfig.get_platform(), for example linux-x86_64.")]
    markers: Annotated[
        dict[str, str],
        doc("The values of the variables of PEP 508 markers, except those in `located`."),
    ]
    extension_suffixes: Annotated[
        tuple[str, ...], doc("The file name endings of the extension modules that this Python can import.")
    ]
    venv: Annotated[bool, doc("Whether the environment is a virtual environment.")]
    managed_sites: Annotated[
        tuple[str, ...],
        doc("The site folders that the system's package manager manages (PEP 668)."),
    ]
    base_sites: Annotated[
        tuple[str, ...],
        doc("The site folders of the base Python that a virtual environment uses (include-system-site-packages)."),
    ] = ()
    made_for: Annotated[
        str | None, doc("The version of the Python that made a virtual environment, from its pyvenv.cfg.")
    ] = None
    other_sites: Annotated[
        tuple[str, ...],
        doc("The site folders of a virtual environment with distributions for other versions of Python."),
    ] = ()
    abi: Annotated[str | None, doc("The ABI tag of this Python's extension modules.")] = None
    cache_tag: Annotated[str | None, doc("The tag in the names of this Python's bytecode files.")] = None
    elf: Annotated[str | None, doc("Word size and ELF machine number of the interpreter's own file.")] = None
    binary: Annotated[str | None, doc("The SHA-256 of the interpreter's own file, in hex.")] = None
    libpython: Annotated[
        str | None, doc("The SHA-256 of the shared library libpython; null if the interpreter does not use one.")
    ] = None
    build: Annotated[
        str | None,
        doc("The GNU build ID of the file with the interpreter's code. Equal IDs come from one run of a linker."),
    ] = None
    home: Annotated[
        Literal["same", "other", "missing"] | None,
        doc(
            "Whether the entry home of pyvenv.cfg and the interpreter belong to the same installation; missing: home "
            "has no Python; null: pyvenv.cfg has no entry home."
        ),
    ] = None

    def __post_init__(self) -> None:
        if missing := _MARKERS - self.markers.keys():
            raise ValueError(f"no {', '.join(sorted(missing))} among the markers")

    @property
    def series(self) -> str:
        """Return the major and minor version, for example `3.11`."""
        return self.markers.get("python_version", "")


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The folder outside the environment that has the code of an editable install."""

    state: Annotated[Literal["there", "gone"], doc("Whether the folder is there, with each path that Python needs.")]
    name: Annotated[str | None, doc("The name that the folder declares, for example in pyproject.toml.")] = None
    version: Annotated[str | None, doc("The version that the folder declares; null if only a build finds it.")] = None


class Distribution(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One installed distribution, as its metadata describes it.

    `record` is the state of RECORD, which limits the checks of the files. `read` allows checks by hash. `unhashed`
    allows only checks that the files exist. `missing` and `malformed` allow no check. `build` has the notes of uv about
    a build from source. `problems` names the metadata that could not be read.
    """

    id: Annotated[
        str,
        doc("The name in `claims` and `providers`: the canonical name, or for a second copy name@path."),
    ]
    name: Annotated[str, doc("The name as the metadata spells it.")]
    metadata: Annotated[str, doc("The path of the metadata folder or metadata file.")]
    format: Annotated[str, doc("The format of the metadata: dist-info, egg-info, egg or egg-link.")]
    record: Annotated[
        Literal["read", "unhashed", "missing", "malformed"],
        doc("How closely the files can be checked: by hash (read), only whether they exist (unhashed), or not at all."),
    ]
    version: Annotated[str | None, doc("The version; null if the metadata has none.")] = None
    installer: Annotated[str | None, doc("The installer of the distribution, from the file INSTALLER.")] = None
    requested: Annotated[bool, doc("Whether the installer noted that somebody requested it by name.")] = False
    editable: Annotated[
        bool, doc("Whether it is installed as editable: its code is in a folder outside the environment.")
    ] = False
    source: Annotated[Source | None, doc("The folder that has the code of an editable install.")] = None
    requires: Annotated[tuple[str, ...], doc("The requirements, as the metadata spells them.")] = ()
    extras: Annotated[tuple[str, ...], doc("The extras that it offers.")] = ()
    requires_python: Annotated[str | None, doc("The Python versions that it supports, from Requires-Python.")] = None
    tags: Annotated[tuple[str, ...], doc("The compatibility tags of the wheel that it was installed from.")] = ()
    generator: Annotated[str | None, doc("The program that built the installed wheel.")] = None
    build: Annotated[dict[str, Any] | None, doc("The notes of uv about a build from source.")] = None
    direct_url: Annotated[
        dict[str, Any] | None,
        doc(
            "The URL that it was installed from, without user, password and paths of the machine; also the kind of "
            "source, the commit, the requested revision, and the hashes of the artefact."
        ),
    ] = None
    odd: Annotated[
        dict[str, int],
        doc("How many rows of RECORD are written in a way that the wheel specification does not allow, by kind."),
    ] = {}
    provenance: Annotated[
        dict[str, Any] | None,
        doc("The hashes of the artefact, from provenance_url.json (PEP 710)."),
    ] = None
    top_level: Annotated[
        tuple[str, ...],
        doc("The import names that a distribution without RECORD lists as its own."),
    ] = ()
    problems: Annotated[tuple[str, ...], doc("One sentence for each part of the metadata that could not be read.")] = ()

    @property
    def label(self) -> str:
        """Return the name and version as one text, for example `libp2p 0.4.0`."""
        return f"{self.name} {self.version}" if self.version else self.name

    @property
    def artefact_hashes(self) -> frozenset[str]:
        """Return the hashes of the installed artefact as `sha256:HEX`; empty if the installer did not record them."""
        found: set[str] = set()
        for source in (self.direct_url, self.provenance):
            hashes = (source or {}).get("hashes")
            if isinstance(hashes, dict):
                found.update(f"{name}:{value}" for name, value in hashes.items())
        return frozenset(found)


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One path of the environment.

    `claims` maps the id of each distribution whose RECORD lists the path to a verdict. The verdict is `match`,
    `unhashed`, `missing`, `absent` (missing since the installation), `unread`, `ALGORITHM:HEX` (the hash that RECORD
    expects), `size:BYTES` (the size that RECORD expects), `malformed:…` or `unknown:…`. `normal` is the hash of the
    bytes without the parts that depend on the environment's path or on a patched ELF header. `starts` is the
    entry point that a script starts, if the script does nothing else. Each installer writes its own text for such a
    script.
    """

    kind: Annotated[
        Literal["file", "link", "missing", "folder", "special", "unknown"],
        doc("The kind of file at the path; missing: a RECORD lists the path, and there is no file."),
    ] = "file"
    size: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1, description="The size in bytes.")] = 0
    mode: Annotated[str, doc("The permissions to read and execute, in octal.")] = "444"
    sha256: Annotated[str | None, doc("The SHA-256 of the bytes, in hex; null if they were not read.")] = None
    normal: Annotated[
        str | None,
        doc("The SHA-256 without the parts that depend on the environment's path or on a patched ELF header."),
    ] = None
    starts: Annotated[
        str | None,
        doc("The entry point, as MODULE:FUNCTION, of a script that only starts this entry point."),
    ] = None
    python: Annotated[
        Literal["another", "gone"] | None,
        doc("For a script of an installer: it starts another environment's Python, or a Python that does not exist."),
    ] = None
    claims: Annotated[
        dict[str, str],
        doc(
            "The verdict of each RECORD that lists the path, by the id of the distribution: match, unhashed, "
            "missing, absent (missing since the installation), unread, ALGORITHM:HEX (the hash that RECORD expects), "
            "size:BYTES, malformed:… or unknown:…. In an environment of conda, match also means that the file has "
            "the hash in the list of conda."
        ),
    ] = {}
    bytecode: Annotated[
        str | None, doc("For bytecode: how Python validates it, and its state, for example timestamp:fresh.")
    ] = None
    elf: Annotated[str | None, doc("For an ELF file: the word size and the machine number.")] = None
    pth: Annotated[
        Literal["code", "path"] | None,
        doc("For a .pth file: whether it runs code or only adds folders to sys.path."),
    ] = None
    role: Annotated[Literal["venv"] | None, doc("venv: the file was made together with the environment.")] = None
    conda: Annotated[bool, doc("Whether no RECORD lists the file, and it has the hash in a list of conda.")] = False
    namespace: Annotated[
        Literal["only", "code"] | None,
        doc("For an __init__.py that makes a namespace package: whether it does only that, or also has code."),
    ] = None
    target: Annotated[str | None, doc("The path that a link leads to, if it is inside the environment.")] = None
    dangling: Annotated[bool, doc("Whether the file is a link that leads nowhere.")] = False
    error: Annotated[str | None, doc("The reason why the file could not be read.")] = None


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place where an import name is found, and the distributions that have files at this place."""

    kind: Annotated[
        Literal["module", "extension", "package", "namespace", "data"],
        doc("The kind of module that Python imports from there; data: a folder without code."),
    ]
    path: Annotated[str, doc("The path of the module or folder.")]
    providers: Annotated[tuple[str, ...], doc("The distributions, by id, that have files there.")]


class ImportName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A top-level import name. `stdlib` is true if Python itself has a module of this name."""

    places: Annotated[
        tuple[Place, ...], doc("The places where the name is found. If there are several, one hides the others.")
    ]
    stdlib: Annotated[bool, doc("Whether Python itself has a module of this name.")] = False


class Library(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shared library that extension modules need.

    `file` is the name of a library of the system. `inside` is the path of a library in the environment. If no library
    was found, both are null.
    """

    needed_by: Annotated[tuple[str, ...], doc("The paths of the extension modules that need the library.")]
    file: Annotated[str | None, doc("The name of the file on the system that the dynamic linker uses.")] = None
    inside: Annotated[str | None, doc("The path of the file in the environment, if the library is there.")] = None


class Hook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A piece of start-up code: code that Python runs before every program, although the program does not import it.

    A path begins with a scheme of `files`, or with `stdlib`, `path-N` (an entry of extra_path) or `user` (the user's
    site folder).
    """

    kind: Annotated[
        Literal["pth", "start", "sitecustomize", "usercustomize", "shadow"],
        doc(
            "pth: lines of code in a .pth file; start: a .start file (PEP 829); sitecustomize or usercustomize: the "
            "module that Python imports at its start; shadow: a file that hides a module of the standard library."
        ),
    ]
    path: Annotated[str, doc("The path of the file.")]
    runs: Annotated[tuple[str, ...], doc("The lines that Python runs; at most 20 lines of 1000 characters.")] = ()
    sha256: Annotated[str | None, doc("The SHA-256 of the file, in hex; null if it could not be read.")] = None
    owner: Annotated[
        str | None, doc("For a file in the user's site folder: the distribution whose RECORD lists the file.")
    ] = None
    verdict: Annotated[
        str | None, doc("For a file in the user's site folder: the verdict of the owner's RECORD, as in claims.")
    ] = None


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The result of a behaviour check, a small program that the project declares in its pyproject.toml."""

    value: Annotated[str | None, doc("The result, as text; null if the check failed.")] = None
    error: Annotated[str | None, doc("The error of a check that failed.")] = None


class Located(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Paths of the machine and facts about its kernel. envparity never compares them."""

    prefix: Annotated[str, doc("The environment's folder.")]
    base_prefix: Annotated[str, doc("The folder of the Python that the environment was made from.")]
    executable: Annotated[str, doc("The interpreter that ran the probe.")]
    sites: Annotated[dict[str, str], doc("The site folders, by scheme.")]
    extra_path: Annotated[tuple[str, ...], doc("Further entries of sys.path.")]
    hidden: Annotated[
        dict[str, str],
        doc("Sources of further modules if Python starts without -I: PYTHONPATH, PYTHONHOME, the user's site folder."),
    ]
    links: Annotated[dict[str, str], doc("The text of each link, by the path of the link.")]
    libraries: Annotated[dict[str, str], doc("The path of each shared library on the system.")]
    platform_release: Annotated[str, doc("The release of the kernel.")]
    platform_version: Annotated[str, doc("The build of the kernel.")]
    interpreter: Annotated[
        dict[str, str],
        doc(
            "Paths of the installation: binary (the file to which the executable leads), libpython, config "
            "(pyvenv.cfg), and home (the entry home of pyvenv.cfg)."
        ),
    ] = {}
    programs: Annotated[
        dict[str, str], doc("The path of the program of each tool. No program of the environment is started.")
    ] = {}
    sources: Annotated[
        dict[str, str],
        doc("The URL of the local file or folder that a distribution was installed from, by the distribution's id."),
    ] = {}
    untouched: Annotated[
        tuple[str, ...],
        doc("The ids of the distributions whose RECORD is unchanged since the installation, as file times show."),
    ] = ()
    projects: Annotated[
        dict[str, str],
        doc("By the id of each editable install: its folder, or the first path of its code that does not exist."),
    ] = {}
    scripts: Annotated[
        dict[str, str],
        doc("The Python that a script starts, by the path of the script, if it is not the environment's own Python."),
    ] = {}


class _Snapshot(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The fields of a snapshot."""

    schema: Annotated[Literal["envparity-snapshot-1"], doc("The name and version of this format.")]
    interpreter: Annotated[Interpreter, doc("The Python of the environment.")]
    distributions: Annotated[tuple[Distribution, ...], doc("Every installed distribution, sorted by id.")]
    files: Annotated[
        dict[str, File],
        doc(
            "Every path of the environment, as scheme/relative/path: site (further site folders site-2, …), "
            "scripts, data or prefix. A backslash, or a byte that is not UTF-8, is written \\xNN."
        ),
    ]
    names: Annotated[dict[str, ImportName], doc("Every top-level import name.")]
    startup: Annotated[tuple[Hook, ...], doc("The start-up code, in the order in which Python finds it.")] = ()
    standard_library: Annotated[
        dict[str, dict[str, str]],
        doc(
            "The files of the standard library: by folder and by name, the first 18 bytes of the SHA-256 as URL-safe "
            "base64, or the reason why a file could not be read. The hash of bytecode leaves out the header and the "
            "path of the source. A second hash, after |, leaves out the path of the installation. "
            "With bytecode recompiled, the text altered: is before the hash of bytecode that differs from its source."
        ),
    ] = {}
    libraries: Annotated[
        dict[str, Library],
        doc("Every shared library that an extension module needs, by its soname."),
    ]
    toolchain: Annotated[
        dict[str, str | None],
        doc("The version of each tool; null if the tool is missing or prints no version."),
    ]
    behaviour: Annotated[dict[str, Result], doc("The result of each behaviour check that the project declares.")]
    bytecode: Annotated[
        Literal["headers", "recompiled"],
        doc("How bytecode was checked: by its header (headers), or by compiling its source again (recompiled)."),
    ]
    problems: Annotated[tuple[str, ...], doc("One sentence for each site folder that could not be read.")]
    located: Annotated[Located, doc("Paths of the machine and facts about its kernel. envparity never compares them.")]
    level: Annotated[
        Literal["inside", "outside"],
        doc("Whether the Python of the environment ran (inside), or no program of the environment did (outside)."),
    ] = "inside"


class Snapshot(_Snapshot, frozen=True, dict=True):
    """One environment as the probe read it."""

    @cached_property
    def by_id(self) -> dict[str, Distribution]:
        """Return a dict from id to distribution; `claims` and `providers` contain these ids."""
        return {distribution.id: distribution for distribution in self.distributions}

    @cached_property
    def by_name(self) -> dict[str, Distribution]:
        """Return a dict from canonical name to distribution.

        If a distribution is installed twice, the dict has the copy that comes first on sys.path.
        """
        found: dict[str, Distribution] = {}
        for one in self.distributions:
            found.setdefault(canonicalize_name(one.name), one)
        return found

    def label(self, distribution: str) -> str:
        """Return the name and version of a distribution by its id; the id if the snapshot has no such distribution."""
        found = self.by_id.get(distribution)
        return found.label if found else distribution

    @property
    def marker_environment(self) -> dict[str, str]:
        """Return a dict from each variable of PEP 508 markers to its value in this environment."""
        return self.interpreter.markers | {
            "platform_release": self.located.platform_release,
            "platform_version": self.located.platform_version,
            "extra": "",
        }


_DECODER = msgspec.json.Decoder(Snapshot)


def decode_snapshot(data: bytes, origin: str) -> Snapshot:
    """Return the snapshot in `data`.

    Raise EnvparityError, which names `origin` and the wrong field, if the data is not a snapshot.
    """
    try:
        return _DECODER.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise EnvparityError(
            f"{origin}: expected a snapshot ({SCHEMA}), found: {visible(str(error))}; make it with: envparity snapshot"
        ) from error


def read_snapshot(path: Path) -> Snapshot:
    """Return a saved snapshot; raise EnvparityError if the file cannot be read or is not a snapshot."""
    return decode_snapshot(read_bytes(path), str(path))


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a saved snapshot; raise EnvparityError if the file cannot be read or is too large."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_SNAPSHOT + 1)
    except OSError as error:
        raise EnvparityError(f"{path}: expected a saved snapshot, found: {error.strerror}") from error
    if len(data) > LARGEST_SNAPSHOT:
        raise EnvparityError(f"{path}: expected a snapshot of at most {LARGEST_SNAPSHOT} bytes, found more")
    return data
