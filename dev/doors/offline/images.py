"""The stand-ins for the pinned images of Python and Redis, for machines that reach no image registry.

A stand-in is an image that this machine makes from Debian's packages. The stand-in for an image of Python 3.11 has the
Python of Debian 12. For another Python, for example 3.13, the stand-in has the Python of a later Debian, in a separate
folder. The pinned image has a Python that its publisher built from source. Apart from Python, both images contain
Debian 12.
"""

import hashlib
import io
import json
import os
import shlex
import shutil
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dev.command.errors import CommandError
from dev.doors.engine import Engine
from dev.lockenv.command import run
from dev.lockenv.debian import apt, dated_archives
from dev.lockenv.debian_python import read_unpacked
from dev.lockenv.project import Project

_MADE = "2025-11-05T19:15:00Z"  # the creation time of every image, fixed so that the same content has the same id
_EPOCH = "1762370100"
_OF_DEBIAN = "3.11"  # the Python of Debian 12
_SUITES = ("bookworm", "bookworm-updates", "bookworm-security")
_EXCLUDED = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*")
# Files that an image does not get, because they contain the time of the build or because no container needs them.
_LEFT = (
    "var/lib/apt/lists/*",
    "var/cache/apt/*.bin",
    "var/log/*",
    "var/cache/ldconfig/aux-cache",
    "var/lib/dpkg/*-old",
)


@dataclass(frozen=True)
class StandIn:
    """One stand-in: its tag, the Debian packages in it, and the configuration of the image in Docker's format."""

    tag: str
    packages: tuple[str, ...]
    config: Mapping[str, Any]
    python: str | None = None
    """The Python of a later Debian that the image also has, for example `3.13`; None if it has no such Python."""


def python_image(python: str) -> StandIn:
    """Return the stand-in for the pinned image of a Python; `python` is its version, for example `3.11`."""
    name, tag = f"python{python}", f"py-libp2p-ping-test/stand-in-python:{python}"
    if python == _OF_DEBIAN:
        return StandIn(tag, ("ca-certificates", f"{name}-minimal", name, f"{name}-venv"), {"Cmd": [name]})
    return StandIn(tag, ("ca-certificates",), {"Cmd": [name]}, python)


REDIS = StandIn(
    "py-libp2p-ping-test/stand-in-redis:7",
    ("redis-server",),
    {
        "Entrypoint": ["redis-server", "--protected-mode", "no"],
        "ExposedPorts": {"6379/tcp": {}},
        "User": "redis",
        "WorkingDir": "/tmp",  # noqa: S108 - a folder of the image
    },
)


def make_images(engine: Engine, project: Project, *, only_missing: bool) -> dict[str, str]:
    """Make the stand-ins for Redis and for the image of each Python of the tracks.

    With `only_missing`, make only the stand-ins that the engine lacks.

    Return a dict from the tag of each stand-in to the id of its image. Raises CommandError as `make_image` does.
    """
    found: dict[str, str] = {}
    for image in (*map(python_image, project.pythons_of("tools")), REDIS):
        here = engine.image(image.tag) if only_missing else None
        found[image.tag] = here or make_image(engine, image, project)
    return found


def make_image(engine: Engine, image: StandIn, project: Project) -> str:
    """Make a stand-in, load it into the engine and return the image's id. The same packages always give the same id.

    Raises CommandError if mmdebstrap is missing and this process cannot install it, or if making the image fails.
    """
    if shutil.which("mmdebstrap") is None:
        if shutil.which("apt-get") is None or os.geteuid() != 0:
            raise CommandError(
                "base: expected the program mmdebstrap, which makes stand-ins, found none; on Debian install it with: "
                "apt-get install -y mmdebstrap, or use a machine that can reach an image registry"
            )
        with suppress(CommandError):  # a fresh machine has no package lists yet; without network the old lists stay
            apt("update", "-qq")
        apt("install", "-y", "-qq", "mmdebstrap")
    with TemporaryDirectory() as name:
        layer = Path(name) / "layer.tar"
        _debootstrap(image, layer, _python_hooks(image, project, Path(name)))
        return _load(engine, image, layer)


def _python_hooks(image: StandIn, project: Project, folder: Path) -> list[str]:
    """Unpack the Python of a stand-in into `folder`; return the options of mmdebstrap that copy it into the image.

    Return an empty list if the stand-in has only the Python of Debian 12. Raises CommandError if the toolchain file has
    no packages for the Python, or if unpacking them fails.
    """
    if image.python is None:
        return []
    debian = read_unpacked(project.root / "locks" / "toolchain.toml", image.python)
    if debian is None:
        raise CommandError(
            f'base: expected the table [debian.unpacked."{image.python}"] in locks/toolchain.toml, found none'
        )
    name = f"python{image.python}"
    home = Path("/opt", name)
    debian.make(folder / name, home)
    program = home / debian.program
    # A read-only container cannot write bytecode. A failure to compile is no error: see within/stripped.
    compiled = f"-I -W ignore -m compileall -qq -x /tests?/ --invalidation-mode checked-hash {home}/usr/lib/{name}"
    return [
        f"--customize-hook=copy-in {folder / name} /opt",
        f'--customize-hook=rm "$1"{home}/complete',  # this file has the path of a temporary folder
        # An environment looks for the library and the headers next to the folder of its Python.
        f'--customize-hook=ln -s {program} "$1"/usr/local/bin/{name}',
        f'--customize-hook=ln -s {home}/usr/lib/{name} "$1"/usr/local/lib/{name}',
        f'--customize-hook=ln -s {home}/usr/include/{name} "$1"/usr/local/include/{name}',
        f'--customize-hook=chroot "$1" {program} {compiled} || :',
    ]


def _debootstrap(image: StandIn, layer: Path, hooks: Sequence[str]) -> None:
    removed = " ".join(f'"$1"/{one}' for one in _LEFT)
    sources = _sources()
    said = " ".join(shlex.quote(line) for line in _with_archives(sources, dated_archives()))
    words = [
        *("mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(image.packages)}"),
        *(f"--dpkgopt=path-exclude={one}" for one in _EXCLUDED),
        *hooks,
        f"--customize-hook=rm -rf {removed}",
        # The comments name Debian's dated archive. If the mirror has dropped a version of a package, the program
        # within/apt-exact gets this version from the archive.
        f'--customize-hook=printf "%s\\n" {said} > "$1"/etc/apt/sources.list',
        *("bookworm", str(layer), *sources),
    ]
    settings = {"DEBIAN_FRONTEND": "noninteractive", "SOURCE_DATE_EPOCH": _EPOCH}
    run(words, purpose=f"base: making {image.tag}", extra=settings)


def _sources() -> list[str]:
    """Return lines for a sources.list: one for each suite of Debian 12 that this machine's apt has.

    Raises CommandError if apt has none of these suites.
    """
    command = ["apt-get", "indextargets", "--format", "$(SITE)|$(CODENAME)|$(COMPONENT)|$(CREATED_BY)"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    rows = [line.split("|") for line in said.splitlines()]
    # Another archive may have a suite of the same name. Debian's archive comes first, so the first row counts.
    found: dict[str, str] = {}
    for site, suite, component, kind in (row for row in rows if len(row) == 4):
        if kind == "Packages" and component == "main" and suite in _SUITES:
            found.setdefault(suite, f"deb {site} {suite} main")
    if not found:
        raise CommandError(
            "base: expected the archive of Debian 12 in the sources of apt, found none; add it to /etc/apt/sources.list"
        )
    return list(found.values())


def _with_archives(sources: Sequence[str], archives: Mapping[str, str]) -> list[str]:
    """Return the lines of `sources`, with a comment above each line whose mirror has a dated archive in `archives`.

    `archives` is a dict from a mirror to the dated archive with its old packages. The comment names this archive.
    """
    named = ((line, archives.get(line.split()[1])) for line in sources)
    return [word for line, archive in named for word in ((f"# {archive}", line) if archive else (line,))]


def _load(engine: Engine, image: StandIn, layer: Path) -> str:
    with layer.open("rb") as file:
        diff = "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    config = json.dumps(
        {
            "architecture": _architecture(),
            "os": "linux",
            "created": _MADE,
            "config": {**image.config, "Labels": {"org.py-libp2p-ping-test.stand-in": image.tag}},
            "rootfs": {"type": "layers", "diff_ids": [diff]},
            "history": [{"created": _MADE, "created_by": "scripts/offline images"}],
        },
        sort_keys=True,
    ).encode()
    name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = json.dumps([{"Config": name, "RepoTags": [image.tag], "Layers": ["layer.tar"]}]).encode()
    archive = layer.with_name("image.tar")
    with tarfile.open(archive, "w") as file:
        file.add(layer, "layer.tar")
        for member, data in ((name, config), ("manifest.json", manifest)):
            facts = tarfile.TarInfo(member)
            facts.size = len(data)
            file.addfile(facts, io.BytesIO(data))
    engine.load(image.tag, archive)
    found = engine.image(image.tag)
    if found is None:
        raise CommandError(f"base: expected the engine to have {image.tag} after loading it, found no such image")
    return found


def _architecture() -> str:
    machine = os.uname().machine
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
