"""Build an image twice with empty caches, and compare the two images.

For each file that differs, a line names the layer, the file, and the distribution that owns the file.
"""

import csv
import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.command.errors import CommandError
from dev.doors.engine import Engine
from dev.doors.image import ImagePlan, build
from dev.doors.sources import list_sources
from dev.lockenv.project import Project, read_project


@dataclass(frozen=True)
class Entry:
    """One member of a layer (a file, a folder or a link), with the properties that a comparison looks at.

    `kind` is the type of the member in the tar archive. `owner` holds the ids of the user and the group, `names` holds
    their names. `time` is in seconds since 1970, `size` in bytes. `link` is the target of a link, and empty for other
    members. `sha256` is None if the member is not a regular file. `attributes` are the member's extended tar headers.
    """

    kind: str
    mode: int
    owner: tuple[int, int]
    time: float
    size: int
    link: str
    sha256: str | None
    names: tuple[str, str]
    attributes: tuple[tuple[str, str], ...]


Layer = dict[str, Entry]


def build_twice(engine: Engine, project: Project, plan: ImagePlan) -> tuple[str, str, list[str]]:
    """Build an image from this checkout and from a copy of the checkout, with empty caches; compare the two images.

    Return the ids of both images, and a line for each difference; no line if the ids are equal. The copy has another
    path, and its files have other times and modes. Raises CommandError if a build fails.
    """
    first = build(engine, project, plan, fresh=True)
    with _copy(project) as other:
        second = build(engine, other, replace(plan, tag=f"{plan.tag}-again"), fresh=True)
    try:
        return first, second, [] if first == second else list(differences(engine, plan.tag, f"{plan.tag}-again"))
    finally:
        engine.remove("image", f"{plan.tag}-again")


@contextmanager
def _copy(project: Project) -> Iterator[Project]:
    """Yield a copy of the checkout with other file modes; remove the copy after the block.

    Inside the block, the umask of this process is 077.
    """
    before = os.umask(0o077)
    try:
        with TemporaryDirectory(prefix="another-place-") as name:
            root = Path(name) / "a copy"
            for path in list_sources(project.root):
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(project.root / path, root / path)
                (root / path).chmod(0o700 if os.access(project.root / path, os.X_OK) else 0o600)
            yield read_project(root)
    finally:
        os.umask(before)


def differences(engine: Engine, one: str, other: str) -> Iterator[str]:
    """Yield a line for each difference between the images that have the tags `one` and `other`."""
    with TemporaryDirectory() as name:
        left, right = (_saved(engine, tag, Path(name) / f"{number}.tar") for number, tag in enumerate((one, other)))
    for field in sorted({*left.config, *right.config} - {"rootfs"}):
        if left.config.get(field) != right.config.get(field):
            yield f"config: {field}: {left.config.get(field)} or {right.config.get(field)}"
    if len(left.layers) != len(right.layers):
        yield f"layers: {len(left.layers)} or {len(right.layers)}"
    for number, (here, there) in enumerate(zip(left.layers, right.layers, strict=False), 1):
        owners = {**left.owners, **right.owners}
        if list(here) != list(there) and here.keys() == there.keys():
            yield f"layer {number}: the order of its members"
        for path in sorted({*here, *there}):
            if here.get(path) != there.get(path):
                owner = owners.get(path, "of no distribution")
                yield f"layer {number}: {path} ({owner}): {_difference(here.get(path), there.get(path))}"


@dataclass(frozen=True)
class _Saved:
    config: dict[str, object]
    layers: tuple[Layer, ...]
    owners: dict[str, str]


def _saved(engine: Engine, tag: str, path: Path) -> _Saved:
    engine.save(tag, path)
    with tarfile.open(path) as archive:
        manifest = json.loads(_read(archive, "manifest.json"))[0]
        config = json.loads(_read(archive, manifest["Config"]))
        layers: list[Layer] = []
        owners: dict[str, str] = {}
        for layer in manifest["Layers"]:
            entries, owned = read_layer(_read(archive, layer))
            layers.append(entries)
            owners |= owned
    return _Saved(config, tuple(layers), owners)


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    if file is None:
        raise CommandError(f"verify: expected {name} in a saved image, found none")
    return file.read()


def read_layer(data: bytes) -> tuple[Layer, dict[str, str]]:
    """Return a dict from path to member of a layer, and a dict from path to the distribution that owns the file.

    `data` is the layer's tar archive. The second dict has each file that a RECORD in the layer lists.
    """
    entries: Layer = {}
    owners: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as layer:
        for member in layer:
            file = layer.extractfile(member) if member.isreg() else None
            content = file.read() if file else None
            entries[os.path.normpath(member.name)] = Entry(
                kind=str(member.type),
                mode=member.mode,
                owner=(member.uid, member.gid),
                time=member.mtime,
                size=member.size,
                link=member.linkname,
                sha256=hashlib.sha256(content).hexdigest() if content is not None else None,
                names=(member.uname, member.gname),
                attributes=tuple(sorted(member.pax_headers.items())),
            )
            if content is not None and member.name.endswith(".dist-info/RECORD"):
                info = Path(member.name).parent
                for row in csv.reader(io.StringIO(content.decode("utf-8", "replace"))):
                    if row:
                        owners[os.path.normpath(info.parent / row[0])] = info.name.removesuffix(".dist-info")
    return entries, owners


def _difference(here: Entry | None, there: Entry | None) -> str:
    if here is None or there is None:
        return "only in one of the two images"
    fields = [name for name in Entry.__dataclass_fields__ if getattr(here, name) != getattr(there, name)]
    return ", ".join(f"{name} {getattr(here, name)} or {getattr(there, name)}" for name in fields)
