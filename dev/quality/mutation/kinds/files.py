"""Mutations of installed files, which are changed, deleted, added or renamed.

Each decorated function makes one change to a copy of an environment. It returns a text about the change, and the
findings (faults or differences) that envparity must report.
"""

from dev.quality.mutation.expectation import Expected, Mutation, kind
from dev.quality.mutation.scene import Scene
from envparity.judge.built import EXTENSION_FOREIGN, LIBRARY_MISSING
from envparity.judge.bytecode import BYTECODE_ORPHAN, BYTECODE_STALE
from envparity.judge.integrity.files import FILE_ALTERED, FILE_EXTRANEOUS, FILE_MISSING, FILE_RENAMED, FILE_UNOWNED

# Rules that a changed source or extension module can violate as a consequence.
CHANGED = frozenset({BYTECODE_STALE, EXTENSION_FOREIGN, LIBRARY_MISSING})
GONE = frozenset({BYTECODE_ORPHAN, LIBRARY_MISSING})


def altered(scene: Scene, key: str, data: bytes, did: str) -> Mutation:
    """Write `data` to the file `key`; return a mutation for which envparity must report the file as altered.

    `did` says what the mutation does to the file, for example `cut short`.
    """
    scene.write(key, data)
    return Mutation(f"{did} {key}", (Expected(FILE_ALTERED, (key,)),), CHANGED)


@kind("byte-flipped")
def byte_flipped(scene: Scene) -> Mutation:
    """Flip one bit of an installed file."""
    key = scene.one(scene.owned())
    return altered(scene, key, scene.flip(scene.read(key)), "flipped a bit of")


@kind("file-truncated")
def file_truncated(scene: Scene) -> Mutation:
    """Cut an installed file short, possibly to 0 bytes."""
    key = scene.one(scene.owned())
    data = scene.read(key)
    return altered(scene, key, data[: scene.chance.randrange(len(data))], "cut short")


@kind("file-grown")
def file_grown(scene: Scene) -> Mutation:
    """Append bytes to an installed file."""
    key = scene.one(scene.owned())
    more = scene.chance.randbytes(scene.chance.randint(1, 64))
    return altered(scene, key, scene.read(key) + more, "appended bytes to")


@kind("contents-exchanged")
def contents_exchanged(scene: Scene) -> Mutation:
    """Exchange the bytes of two files, if possible of the same distribution."""
    one = scene.distribution(least=2)
    first = scene.one(scene.files_of(one))
    others = [key for key in scene.files_of(one) if scene.files[key].sha256 != scene.files[first].sha256]
    second = scene.one(others or [key for key in scene.owned() if scene.files[key].sha256 != scene.files[first].sha256])
    data, other = scene.read(first), scene.read(second)
    scene.write(first, other)
    scene.write(second, data)
    expected = (Expected(FILE_ALTERED, (first,)), Expected(FILE_ALTERED, (second,)))
    return Mutation(f"exchanged {first} and {second}", expected, CHANGED)


@kind("extension-truncated")
def extension_truncated(scene: Scene) -> Mutation:
    """Cut an extension module short."""
    key = scene.one(scene.owned(".so"))
    data = scene.read(key)
    return altered(scene, key, data[: scene.chance.randrange(1, len(data))], "cut short")


@kind("metadata-file-altered")
def metadata_file_altered(scene: Scene) -> Mutation:
    """Alter a file in a metadata folder, such as INSTALLER, but not METADATA, RECORD, WHEEL or a JSON file."""
    key = scene.one(
        key
        for key in scene.owned(metadata=True)
        if not key.endswith(("/METADATA", "/RECORD", ".json")) and not key.endswith("/WHEEL")
    )
    return altered(scene, key, scene.read(key) + b"\n[console_scripts]\n", "appended to")


@kind("wheel-altered")
def wheel_altered(scene: Scene) -> Mutation:
    """Alter the compatibility tags in the file WHEEL."""
    key = scene.one(scene.owned("/WHEEL", metadata=True))
    return altered(scene, key, scene.read(key).replace(b"Tag: ", b"Tag: cp310-"), "changed the tags in")


@kind("file-deleted")
def file_deleted(scene: Scene) -> Mutation:
    """Delete an installed file."""
    key = scene.one(scene.owned(least=0))
    scene.edit.take(scene.path(key))
    return Mutation(f"deleted {key}", (Expected(FILE_MISSING, (key,)),), GONE)


@kind("file-added")
def file_added(scene: Scene) -> Mutation:
    """Add a file to an installed package."""
    suffix = scene.chance.choice([".py", ".txt", "", ".so", ".pyc", ".PY", ".orig", " copy.py"])
    key = f"{scene.a_folder()}/{scene.new_name()}{suffix}"
    scene.write(key, scene.chance.randbytes(scene.chance.randrange(40)))
    return Mutation(f"added {key}", (Expected(FILE_EXTRANEOUS, (key,)),))


@kind("folder-added")
def folder_added(scene: Scene) -> Mutation:
    """Add a top-level package."""
    name = scene.new_name()
    keys = tuple(f"site/{name}/{file}" for file in ("__init__.py", "core.py", "data/table.json"))
    for key in keys:
        scene.write(key, b"1\n")
    return Mutation(f"added the package {name}", (Expected(FILE_EXTRANEOUS, keys),))


@kind("metadata-file-added")
def metadata_file_added(scene: Scene) -> Mutation:
    """Add a file to a metadata folder; if possible entry_points.txt, because programs load the code that it names."""
    one = scene.distribution()
    key = f"{one.metadata}/{scene.new_name()}.txt"
    if f"{one.metadata}/entry_points.txt" not in scene.files:
        key = f"{one.metadata}/entry_points.txt"
    scene.write(key, b"[pytest11]\nx = x\n")
    return Mutation(f"added {key}", (Expected(FILE_EXTRANEOUS, (key,)),))


@kind("hidden-in-pycache")
def hidden_in_pycache(scene: Scene) -> Mutation:
    """Put a file that is not bytecode into a __pycache__ folder."""
    folder = scene.bytecode_of(scene.one(scene.with_bytecode())).rpartition("/")[0]
    key = f"{folder}/{scene.new_name()}{scene.chance.choice(['.py', '.so', '.pyc', ''])}"
    if scene.chance.random() < 0.3:
        scene.write(f"{key}/__init__.py", b"1\n")
    else:
        scene.write(key, b"1\n")
    return Mutation(f"hid {key}", (Expected(FILE_EXTRANEOUS, (key,)),))


@kind("hostile-name")
def hostile_name(scene: Scene) -> Mutation:
    """Add a file whose name is not UTF-8, or contains an escape sequence, a line break or markup."""
    names = {
        b"\xff\xfe.py": "\\xff\\xfe.py",
        b"\x1b[2Jx.py": "\\x1b[2Jx.py",
        b"a\nb.py": "a\\x0ab.py",
        b"<img src=x>.py": "<img src=x>.py",
        b"..\\x.py": "..\\x5cx.py",
        "\u202egnp.py".encode(): "\\u202egnp.py",
    }
    name = scene.chance.choice(sorted(names))
    folder = scene.a_folder()
    scene.edit.write(scene.path(folder) / name.decode("utf-8", "surrogateescape"), b"1\n")
    return Mutation(f"added {folder}/{names[name]}", (Expected(FILE_EXTRANEOUS, (f"{folder}/{names[name]}",)),))


def _other_case(name: str) -> str:
    return name.upper() if name != name.upper() else name.lower()


@kind("case-renamed")
def case_renamed(scene: Scene) -> Mutation:
    """Rename a file; the old and the new name differ only in upper and lower case."""
    key = scene.one(key for key in scene.owned(least=0) if key.rpartition("/")[2].swapcase() != key.rpartition("/")[2])
    folder, _, name = key.rpartition("/")
    other = f"{folder}/{_other_case(name)}"
    scene.edit.move(scene.path(key), scene.path(other))
    expected = Expected(FILE_RENAMED, (key, other))
    return Mutation(f"renamed {key} to {other}", (expected,), GONE)


@kind("case-renamed-package")
def case_renamed_package(scene: Scene) -> Mutation:
    """Rename a package's folder; the old and the new name differ only in upper and lower case."""
    package = scene.package()
    other = f"site/{_other_case(package.removeprefix('site/'))}"
    keys = scene.inside(package)
    scene.edit.move(scene.path(package), scene.path(other))
    paths = tuple(key for old in keys for key in (old, other + old.removeprefix(package)))
    return Mutation(f"renamed {package} to {other}", (Expected(FILE_RENAMED, paths),), GONE)


@kind("left-by-pip")
def left_by_pip(scene: Scene) -> Mutation:
    """Replace the first letter of a package's folder by `~`; an interrupted pip leaves such a folder behind."""
    package = scene.package()
    other = f"site/~{package.removeprefix('site/')[1:]}"
    keys = tuple(scene.inside(package))
    scene.edit.move(scene.path(package), scene.path(other))
    left = tuple(other + key.removeprefix(package) for key in keys)
    expected = (Expected(FILE_MISSING, keys), Expected(FILE_EXTRANEOUS, left))
    return Mutation(f"renamed {package} to {other}", expected, GONE)


@kind("script-altered")
def script_altered(scene: Scene) -> Mutation:
    """Alter a console script."""
    key = scene.one(key for key, file in scene.files.items() if key.startswith("scripts/") and file.claims)
    return altered(scene, key, scene.read(key) + b"# more\n", "appended to")


@kind("script-deleted")
def script_deleted(scene: Scene) -> Mutation:
    """Delete a console script."""
    key = scene.one(key for key, file in scene.files.items() if key.startswith("scripts/") and file.claims)
    scene.edit.take(scene.path(key))
    return Mutation(f"deleted {key}", (Expected(FILE_MISSING, (key,)),))


@kind("script-added")
def script_added(scene: Scene) -> Mutation:
    """Add a program next to the console scripts; envparity reports it, but not as an error.

    Nothing imports the program, so it cannot change how the environment behaves.
    """
    key = f"scripts/{scene.new_name()}"
    scene.write(key, b"#!/bin/sh\n", 0o755)
    return Mutation(f"added {key}", (Expected(FILE_UNOWNED, (key,)),))
