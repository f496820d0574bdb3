"""Mutations that one environment alone cannot reveal: other permissions, and changed files whose RECORD matches them.

Only `envparity compare` reports them, because it compares the environment with the environment before the change. Each
decorated function makes one change to a copy of an environment. It returns a text about the change, and the findings
(faults or differences) that envparity must report.
"""

import hashlib
from base64 import urlsafe_b64encode

from dev.quality.mutation.expectation import Expected, How, Mutation, kind
from dev.quality.mutation.kinds.files import GONE
from dev.quality.mutation.scene import Scene
from envparity.judge.built import BUILT_DIFFERS, LIBRARY_DIFFERS, LIBRARY_MISSING
from envparity.judge.bytecode import BYTECODE_STALE
from envparity.judge.integrity.differences import FILE_DIFFERS, FILE_ONLY_IN, MODE_DIFFERS
from envparity.judge.transform import TRANSFORM_BYTECODE

_STALE = frozenset({BYTECODE_STALE, TRANSFORM_BYTECODE})


def forge(scene: Scene, key: str, data: bytes) -> tuple[Expected, ...]:
    """Write `data` to the file `key` and update RECORD to match; return the findings that envparity must report."""
    one = scene.owner(key)
    scene.write(key, data)
    record = scene.record(one)
    record.forge(key, data)
    record.save()
    if one.build:
        return (Expected(BUILT_DIFFERS, (key,)),)
    return Expected(FILE_DIFFERS, (key,)), Expected(FILE_DIFFERS, (record.key,))


@kind("record-forged", How.COMPARE)
def record_forged(scene: Scene) -> Mutation:
    """Alter a file and update its RECORD to match."""
    key = scene.one(key for key in scene.owned() if not key.endswith(".so"))
    expected = forge(scene, key, scene.flip(scene.read(key)))
    return Mutation(f"altered {key} with its RECORD", expected, _STALE)


@kind("record-forged-with-another-digest", How.COMPARE)
def record_forged_with_another_digest(scene: Scene) -> Mutation:
    """Alter a file, and let its RECORD list the right hash of another algorithm."""
    key = scene.one(key for key in scene.owned(".py") if not scene.owner(key).build)
    data = scene.flip(scene.read(key))
    algorithm = scene.chance.choice(["sha384", "sha512", "sha3_256", "blake2b", "sha1", "md5"])
    digest = urlsafe_b64encode(hashlib.new(algorithm, data).digest()).rstrip(b"=").decode()
    scene.write(key, data)
    record = scene.record(scene.owner(key))
    record.row(key)[1:] = [f"{algorithm}={digest}", str(len(data))]
    record.save()
    expected = (Expected(FILE_DIFFERS, (key,)), Expected(FILE_DIFFERS, (record.key,)))
    return Mutation(f"altered {key}, whose RECORD has its {algorithm}", expected, _STALE)


@kind("extension-forged", How.COMPARE)
def extension_forged(scene: Scene) -> Mutation:
    """Alter bytes of an extension module after its ELF headers, and update its RECORD to match."""
    key = scene.one(scene.owned(".so", least=10000))
    expected = forge(scene, key, scene.flip(scene.read(key), 4096))
    return Mutation(f"altered {key} with its RECORD", expected, frozenset({LIBRARY_MISSING, LIBRARY_DIFFERS}))


@kind("built-file-forged", How.COMPARE)
def built_file_forged(scene: Scene) -> Mutation:
    """Alter a file of a distribution that was built from its sdist, and update its RECORD to match."""
    key = scene.one(key for key in scene.owned() if scene.owner(key).build)
    expected = forge(scene, key, scene.flip(scene.read(key), 4096 if key.endswith(".so") else 0))
    return Mutation(f"altered {key} with its RECORD", expected, _STALE)


@kind("metadata-forged", How.COMPARE)
def metadata_forged(scene: Scene) -> Mutation:
    """Alter a part of METADATA that no rule reads, and update its RECORD to match."""
    key = scene.one(scene.owned("/METADATA", metadata=True))
    expected = forge(scene, key, scene.read(key) + b"\nmore\n")
    return Mutation(f"altered {key} with its RECORD", expected)


@kind("addition-forged", How.COMPARE)
def addition_forged(scene: Scene) -> Mutation:
    """Add a file, and a line for the file to RECORD."""
    one = scene.distribution()
    folder = scene.one(scene.files_of(one)).rpartition("/")[0]
    key = f"{folder}/{scene.new_name()}.py"
    scene.install_file(one, key, b"1\n")
    expected = (Expected(FILE_ONLY_IN, (key,)), *_record(scene, one.metadata))
    return Mutation(f"added {key} and to its RECORD", expected)


@kind("removal-forged", How.COMPARE)
def removal_forged(scene: Scene) -> Mutation:
    """Delete a file, and the line for the file from RECORD."""
    key = scene.one(scene.owned(least=0))
    one = scene.owner(key)
    record = scene.record(one)
    record.rows.remove(record.row(key))
    record.save()
    scene.edit.take(scene.path(key))
    expected = (Expected(FILE_ONLY_IN, (key,)), *_record(scene, one.metadata))
    return Mutation(f"deleted {key} and from its RECORD", expected, GONE | {TRANSFORM_BYTECODE})


@kind("script-forged", How.COMPARE)
def script_forged(scene: Scene) -> Mutation:
    """Alter a console script and update its RECORD to match."""
    key = scene.one(key for key, file in scene.files.items() if key.startswith("scripts/") and len(file.claims) == 1)
    expected = forge(scene, key, scene.read(key) + b"# more\n")
    return Mutation(f"altered {key} with its RECORD", expected)


@kind("record-weakened", How.COMPARE)
def record_weakened(scene: Scene) -> Mutation:
    """Replace a hash in RECORD by a correct hash of a weaker algorithm."""
    key = scene.one(scene.owned())
    record = scene.record(scene.owner(key))
    algorithm = scene.chance.choice(["md5", "sha1"])
    digest = urlsafe_b64encode(hashlib.new(algorithm, scene.read(key)).digest()).rstrip(b"=").decode()
    record.row(key)[1] = f"{algorithm}={digest}"
    record.save()
    return Mutation(f"{record.key}: {algorithm} of {key}", (Expected(FILE_DIFFERS, (record.key,)),))


@kind("made-executable", How.COMPARE)
def made_executable(scene: Scene) -> Mutation:
    """Make a file executable, or make a script no longer executable."""
    key = scene.one(
        [*scene.owned(), *(key for key in scene.files if key.startswith("scripts/") and scene.files[key].claims)]
    )
    mode = scene.path(key).stat().st_mode & 0o777
    scene.edit.chmod(scene.path(key), mode ^ scene.chance.choice([0o111, 0o100, 0o001]))
    return Mutation(f"other permissions of {key}", (Expected(MODE_DIFFERS, (key,)),))


@kind("made-private", How.COMPARE)
def made_private(scene: Scene) -> Mutation:
    """Remove other users' permission to read a file."""
    key = scene.one(scene.owned())
    scene.edit.chmod(scene.path(key), scene.chance.choice([0o600, 0o640]))
    return Mutation(f"other permissions of {key}", (Expected(MODE_DIFFERS, (key,)),))


def _record(scene: Scene, metadata: str) -> tuple[Expected, ...]:
    """Return the expected finding that RECORD differs too; empty for a distribution that was built from its sdist."""
    one = scene.world.clean.metadata[metadata]
    return () if one.build else (Expected(FILE_DIFFERS, (f"{metadata}/RECORD",)),)
