"""Mutations of RECORD: lines are altered, removed or added; the table itself is broken or deleted.

Each decorated function makes one change to a copy of an environment. It returns a text about the change, and the
findings (faults or differences) that envparity must report.
"""

from environment_builder import record_hash

from dev.quality.mutation.expectation import Expected, Mutation, kind
from dev.quality.mutation.scene import Record, Scene
from envparity.judge.integrity.files import FILE_ALTERED, FILE_EXTRANEOUS, FILE_MISSING
from envparity.judge.integrity.records import (
    RECORD_ESCAPES,
    RECORD_INCOMPLETE,
    RECORD_MALFORMED,
    RECORD_MISSING,
    RECORD_UNHASHED,
)
from envparity.judge.names import NAME_SHARED
from envparity.judge.ownership import PATH_CONTESTED
from envparity.judge.rules import Severity
from envparity.snapshot.types import Distribution


def a_row(scene: Scene) -> tuple[Distribution, str, Record]:
    """Return the distribution of a random file, the key of the file, and the distribution's RECORD."""
    key = scene.one(scene.owned())
    one = scene.owner(key)
    return one, key, scene.record(one)


@kind("record-hash-altered")
def record_hash_altered(scene: Scene) -> Mutation:
    """Replace the hash in a line of RECORD by the hash of other bytes."""
    one, key, record = a_row(scene)
    record.row(key)[1] = record_hash(scene.chance.randbytes(8))
    record.save()
    return Mutation(f"{one.metadata}/RECORD: another hash for {key}", (Expected(FILE_ALTERED, (key,)),))


@kind("record-size-altered")
def record_size_altered(scene: Scene) -> Mutation:
    """Replace the size in a line of RECORD by another size."""
    one, key, record = a_row(scene)
    record.row(key)[2] = str(int(record.row(key)[2]) + scene.chance.randint(1, 99))
    record.save()
    expected = Expected(FILE_ALTERED, (key,), says="bytes long")
    return Mutation(f"{one.metadata}/RECORD: another size for {key}", (expected,))


@kind("record-hash-broken")
def record_hash_broken(scene: Scene) -> Mutation:
    """Replace the hash in a line of RECORD by an invalid hash, or by a hash of an algorithm that RECORD cannot use."""
    one, key, record = a_row(scene)
    record.row(key)[1] = scene.chance.choice(["sha256=", "sha256=%%%", "sha257=abc", "shake_128=abc", "abc"])
    record.save()
    return Mutation(f"{one.metadata}/RECORD: a broken hash for {key}", (Expected(FILE_ALTERED, (key,)),))


@kind("record-hash-removed")
def record_hash_removed(scene: Scene) -> Mutation:
    """Remove the hash from a line of RECORD."""
    one, key, record = a_row(scene)
    record.row(key)[1] = ""
    record.save()
    expected = (Expected(RECORD_INCOMPLETE, (key,)),)
    return Mutation(f"{one.metadata}/RECORD: no hash for {key}", expected)


@kind("record-line-removed")
def record_line_removed(scene: Scene) -> Mutation:
    """Remove a line from RECORD, so that no distribution owns the line's file."""
    one, key, record = a_row(scene)
    record.rows.remove(record.row(key))
    record.save()
    return Mutation(f"{one.metadata}/RECORD: no line for {key}", (Expected(FILE_EXTRANEOUS, (key,)),))


@kind("record-line-added")
def record_line_added(scene: Scene) -> Mutation:
    """Add a line to RECORD for a file that does not exist."""
    one, key, record = a_row(scene)
    key = f"{key.rpartition('/')[0]}/{scene.new_name()}.py"
    record.rows.append([key.removeprefix("site/"), record_hash(b""), "0"])
    record.save()
    return Mutation(f"{one.metadata}/RECORD: a line for {key}", (Expected(FILE_MISSING, (key,)),))


@kind("record-line-twice")
def record_line_twice(scene: Scene) -> Mutation:
    """Add a second line for a path to RECORD, with another hash."""
    one, key, record = a_row(scene)
    at = scene.chance.randrange(len(record.rows) + 1)
    record.rows.insert(at, [record.row(key)[0], record_hash(b"other"), ""])
    record.save()
    return Mutation(f"{one.metadata}/RECORD: {key} twice", (Expected(FILE_ALTERED, (key,)),))


@kind("record-claims-another's")
def record_claims_anothers(scene: Scene) -> Mutation:
    """Add a line to RECORD for a file of another distribution, with the hash of other bytes."""
    key = scene.one(scene.owned())
    owner = scene.owner(key)
    other = scene.distribution()
    while other == owner:
        other = scene.distribution()
    record = scene.record(other)
    record.rows.append([key.removeprefix("site/"), record_hash(b"other"), "5"])
    record.save()
    expected = Expected(PATH_CONTESTED, (key,), says=f"{key}: the bytes of {owner.label}")
    return Mutation(f"{other.metadata}/RECORD claims {key}", (expected,), frozenset({NAME_SHARED}))


@kind("record-malformed")
def record_malformed(scene: Scene) -> Mutation:
    """Append bytes to RECORD, so that RECORD is no longer a valid table of three columns."""
    one = scene.distribution()
    key = f"{one.metadata}/RECORD"
    junk = scene.chance.choice([b"a,b,c,d\n", b'"never closed', b"\0", b",sha256=x,1\n", b'"a"b,c,d\n'])
    scene.write(key, scene.read(key) + junk)
    return Mutation(f"{key}: {junk!r}", (Expected(RECORD_MALFORMED, (key,)),), frozenset({FILE_EXTRANEOUS}))


@kind("record-escapes")
def record_escapes(scene: Scene) -> Mutation:
    """Add a line to RECORD with a path outside the environment."""
    one = scene.distribution()
    record = scene.record(one)
    path = scene.chance.choice(["../" * 12 + "etc/passwd", "/etc/passwd", "x/../" + "../" * 12 + "etc/shadow"])
    record.rows.append([path, record_hash(b""), "0"])
    record.save()
    expected = Expected(RECORD_ESCAPES, (record.key,), Severity.ERROR)
    return Mutation(f"{record.key}: {path}", (expected,))


@kind("record-deleted")
def record_deleted(scene: Scene) -> Mutation:
    """Delete a RECORD.

    `envparity check` reports an error if pip or uv installed the distribution. Otherwise it reports a note, because
    packages of the operating system have no RECORD. `envparity compare` reports an error.
    """
    one = scene.distribution()
    scene.edit.take(scene.path(f"{one.metadata}/RECORD"))
    severity = Severity.ERROR if one.installer in ("pip", "uv") else Severity.NOTE
    expected = Expected(RECORD_MISSING, (one.metadata,), severity)
    return Mutation(f"deleted {one.metadata}/RECORD", (expected,), frozenset({FILE_EXTRANEOUS}))


@kind("record-unhashed")
def record_unhashed(scene: Scene) -> Mutation:
    """Remove all hashes from a RECORD. `envparity check` reports only a note; `envparity compare` reports an error."""
    one = scene.distribution()
    record = scene.record(one)
    for row in record.rows:
        row[1:] = ["", ""]
    record.save()
    expected = Expected(RECORD_UNHASHED, (one.metadata,), Severity.NOTE)
    return Mutation(f"{record.key} without hashes", (expected,))


@kind("record-no-file")
def record_no_file(scene: Scene) -> Mutation:
    """Replace a RECORD by a folder or by a broken link."""
    one = scene.distribution()
    path = scene.path(f"{one.metadata}/RECORD")
    scene.edit.take(path)
    if scene.chance.random() < 0.5:
        path.mkdir()
    else:
        path.symlink_to("RECORD")
    expected = Expected(RECORD_MALFORMED, (f"{one.metadata}/RECORD",), Severity.ERROR)
    return Mutation(f"no file at {one.metadata}/RECORD", (expected,), frozenset({FILE_EXTRANEOUS}))
