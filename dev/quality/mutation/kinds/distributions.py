"""Mutations of whole distributions: another version, an additional, missing, duplicate or incomplete distribution.

Each decorated function makes one change to a copy of an environment. It returns a text about the change, and the
findings (faults or differences) that envparity must report.
"""

import json

from packaging.utils import canonicalize_name

from dev.quality.mutation.expectation import Expected, Mutation, kind
from dev.quality.mutation.kinds.metadata import RENAMED
from dev.quality.mutation.scene import Scene
from envparity.judge.built import EXTENSION_FOREIGN, LIBRARY_MISSING
from envparity.judge.bytecode import BYTECODE_ORPHAN, BYTECODE_STALE
from envparity.judge.integrity.files import FILE_EXTRANEOUS, FILE_MISSING, FILE_UNOWNED
from envparity.judge.integrity.records import RECORD_MISSING
from envparity.judge.ownership import EDITABLE
from envparity.judge.resolution import DISTRIBUTION_TWICE, LOCK_EXTRA, LOCK_MISSING, LOCK_SOURCE, LOCK_VERSION
from envparity.snapshot.types import Distribution

# Rules that a changed or missing distribution can violate as a consequence.
_FOLLOWS = RENAMED | {LIBRARY_MISSING}


def _bytecode(scene: Scene, one: Distribution) -> list[str]:
    wanted = (scene.bytecode_of(key) for key in scene.files_of(one) if key.endswith(".py"))
    return [key for key in wanted if key in scene.files]


@kind("another-version")
def another_version(scene: Scene) -> Mutation:
    """Change a distribution's version, with METADATA and RECORD as an installer would write them."""
    one = scene.distribution()
    version = scene.chance.choice(["0.0.1", "99.0", "99.0.dev1"])
    other = f"{one.metadata.removesuffix('.dist-info').rpartition('-')[0]}-{version}.dist-info"
    record = scene.record(one)
    scene.edit.move(scene.path(one.metadata), scene.path(other))
    metadata = scene.read(f"{other}/METADATA").replace(
        f"\nVersion: {one.version}".encode(), f"\nVersion: {version}".encode(), 1
    )
    scene.path(f"{other}/METADATA").write_bytes(metadata)
    record.forge(f"{one.metadata}/METADATA", metadata)
    source = scene.one(key for key in scene.files_of(one))
    data = scene.read(source) + b"\n"
    scene.write(source, data)
    record.forge(source, data)
    for row in record.rows:
        row[0] = row[0].replace(one.metadata.removeprefix("site/") + "/", other.removeprefix("site/") + "/")
    record.key = f"{other}/RECORD"
    record.save()
    expected = (Expected(LOCK_VERSION, (other,), distribution=canonicalize_name(one.name)),)
    return Mutation(f"{one.label} made {version}", expected, _FOLLOWS | {BYTECODE_STALE, EXTENSION_FOREIGN})


@kind("distribution-injected")
def distribution_injected(scene: Scene) -> Mutation:
    """Install an additional distribution with correct metadata and a correct RECORD."""
    name = scene.new_name()
    info = scene.install(name, "1.0", {f"{name}/__init__.py": b"", f"{name}/core.py": b"1\n"})
    return Mutation(f"installed {name}", (Expected(LOCK_EXTRA, (info,), distribution=name),))


@kind("egg-injected")
def egg_injected(scene: Scene) -> Mutation:
    """Add a distribution with old-style metadata: an .egg-info file or folder without a RECORD."""
    name = scene.new_name()
    info = f"site/{name}-1.0.egg-info"
    text = f"Metadata-Version: 1.1\nName: {name}\nVersion: 1.0\n".encode()
    scene.write(info if scene.chance.random() < 0.5 else f"{info}/PKG-INFO", text)
    expected = (Expected(LOCK_EXTRA, (info,), distribution=name), Expected(RECORD_MISSING, (info,)))
    return Mutation(f"added {info}", expected)


@kind("distribution-removed")
def distribution_removed(scene: Scene) -> Mutation:
    """Uninstall a distribution as an installer does: remove its files, their bytecode, and its metadata folder."""
    one = scene.distribution()
    for key in (*scene.files_of(one, metadata=True), *_bytecode(scene, one)):
        if scene.path(key).exists() and not key.startswith(f"{one.metadata}/"):
            scene.edit.take(scene.path(key))
    scene.edit.take(scene.path(one.metadata))
    expected = (Expected(LOCK_MISSING, distribution=canonicalize_name(one.name)),)
    return Mutation(f"uninstalled {one.label}", expected, _FOLLOWS | {BYTECODE_ORPHAN})


@kind("half-uninstalled")
def half_uninstalled(scene: Scene) -> Mutation:
    """Delete some files of a distribution but keep its metadata."""
    one = scene.distribution(least=2)
    keys = scene.files_of(one)
    gone = tuple(scene.chance.sample(keys, scene.chance.randint(1, len(keys) - 1)))
    for key in gone:
        scene.edit.take(scene.path(key))
    expected = (Expected(FILE_MISSING, gone),)
    return Mutation(
        f"{len(gone)} files of {one.label} deleted", expected, frozenset({BYTECODE_ORPHAN, LIBRARY_MISSING})
    )


@kind("metadata-folder-removed")
def metadata_folder_removed(scene: Scene) -> Mutation:
    """Delete a distribution's metadata folder but keep its files."""
    one = scene.distribution()
    keys = tuple(key for key in scene.files_of(one) if key.startswith("site"))
    scene.edit.take(scene.path(one.metadata))
    expected = (
        Expected(FILE_EXTRANEOUS, keys),
        Expected(LOCK_MISSING, distribution=canonicalize_name(one.name)),
    )
    return Mutation(f"deleted {one.metadata}", expected, _FOLLOWS | {FILE_UNOWNED})


@kind("installed-twice")
def installed_twice(scene: Scene) -> Mutation:
    """Add a second metadata folder for a distribution, with another version."""
    one = scene.distribution()
    version = scene.chance.choice(["0.0.1", "99.0"])
    info = scene.install(one.name, version, {})
    expected = (Expected(DISTRIBUTION_TWICE, tuple(sorted((one.metadata, info)))),)
    return Mutation(f"added {info}", expected, _FOLLOWS | {LOCK_VERSION})


@kind("editable-overlay")
def editable_overlay(scene: Scene) -> Mutation:
    """Make a distribution editable: move its files out of the environment, and name the new folder in a .pth file.

    Also update RECORD, and add the direct_url.json of an editable distribution.
    """
    one = scene.distribution()
    record = scene.record(one)
    source = scene.world.outside / "source"
    for key in scene.files_of(one):
        scene.edit.copy(scene.path(key), source / key.partition("/")[2])
    for key in (*scene.files_of(one), *_bytecode(scene, one)):
        scene.edit.take(scene.path(key))
    record.rows = [row for row in record.rows if ".dist-info/" in row[0]]
    record.save()
    pth = f"site/__editable__.{one.name}.pth"
    scene.install_file(one, pth, f"{source}\n".encode())
    direct = json.dumps({"url": source.as_uri(), "dir_info": {"editable": True}})
    scene.install_file(one, f"{one.metadata}/direct_url.json", direct.encode())
    expected = (Expected(LOCK_SOURCE, (one.metadata,), says="editable"), Expected(EDITABLE, (one.metadata,)))
    return Mutation(f"{one.label} made editable", expected, _FOLLOWS | {BYTECODE_ORPHAN})
