"""Mutations of METADATA and of installers' files such as direct_url.json: wrong versions, names and sources.

Each decorated function makes one change to a copy of an environment. It returns a text about the change, and the
findings (faults or differences) that envparity must report.
"""

import re

from packaging.utils import canonicalize_name

from dev.quality.mutation.expectation import Expected, Mutation, kind
from dev.quality.mutation.scene import Scene
from envparity.judge.integrity.files import FILE_ALTERED, FILE_EXTRANEOUS, FILE_MISSING
from envparity.judge.integrity.records import METADATA_BROKEN, METADATA_MISMATCH
from envparity.judge.names import NAME_SHARED, TOP_LEVEL_SQUATTER
from envparity.judge.ownership import EDITABLE_GONE
from envparity.judge.requirements import PYTHON_UNMET, REQUIREMENT_UNMET
from envparity.judge.resolution import LOCK_ARTEFACT, LOCK_EXTRA, LOCK_MISSING, LOCK_SOURCE, LOCK_VERSION
from envparity.snapshot.types import Distribution

# A changed name or version can leave requirements unmet: those of other distributions, and of the distribution itself.
RESOLVED = frozenset({REQUIREMENT_UNMET})
# A note is a finding that is not an error. Some notes contain the distribution's name or version, so envparity reports
# them as new notes.
RENAMED = RESOLVED | {TOP_LEVEL_SQUATTER, NAME_SHARED}


def changed(scene: Scene, one: Distribution, field: str, value: str) -> Expected:
    """Give a field of METADATA another value without updating RECORD; return the finding that envparity must report."""
    key = f"{one.metadata}/METADATA"
    text = re.sub(rf"(?m)^{field}: .*$", f"{field}: {value}", scene.read(key).decode(), count=1)
    scene.write(key, text.encode())
    return Expected(FILE_ALTERED, (key,))


@kind("version-altered")
def version_altered(scene: Scene) -> Mutation:
    """Write another version into METADATA."""
    one = scene.distribution()
    key = f"{one.metadata}/METADATA"
    expected = (
        changed(scene, one, "Version", f"{scene.chance.randint(50, 99)}.1"),
        Expected(METADATA_MISMATCH, (key,)),
        Expected(LOCK_VERSION, (one.metadata,)),
    )
    return Mutation(f"another version in {key}", expected, RENAMED)


@kind("name-altered")
def name_altered(scene: Scene) -> Mutation:
    """Write another name into METADATA."""
    one = scene.distribution()
    key = f"{one.metadata}/METADATA"
    name = scene.new_name()
    expected = (
        changed(scene, one, "Name", name),
        Expected(METADATA_MISMATCH, (key,)),
        Expected(LOCK_MISSING, distribution=canonicalize_name(one.name)),
        Expected(LOCK_EXTRA, (one.metadata,), distribution=name),
    )
    return Mutation(f"another name in {key}", expected, RENAMED)


@kind("requirement-added")
def requirement_added(scene: Scene) -> Mutation:
    """Add an unmet requirement to METADATA."""
    one = scene.distribution()
    key = f"{one.metadata}/METADATA"
    other = scene.distribution()
    wanted = scene.chance.choice([scene.new_name(), f"{other.name}<0.0.1"])
    scene.write(key, scene.read(key).replace(b"\nVersion: ", f"\nRequires-Dist: {wanted}\nVersion: ".encode(), 1))
    # The expected finding may have any severity. If the lock pins both distributions, envparity trusts the lock, and
    # the finding is a note instead of an error.
    expected = (Expected(FILE_ALTERED, (key,)), Expected(REQUIREMENT_UNMET, (one.metadata,), says=wanted))
    return Mutation(f"{key} requires {wanted}", expected)


@kind("python-excluded")
def python_excluded(scene: Scene) -> Mutation:
    """Let METADATA exclude this Python, or add an invalid requirement to METADATA."""
    one = scene.distribution()
    key = f"{one.metadata}/METADATA"
    if scene.chance.random() < 0.5:
        line, code = "Requires-Python: <3.6", PYTHON_UNMET
        text = re.sub(r"(?m)^Requires-Python: .*\n", "", scene.read(key).decode())
    else:
        line, code = "Requires-Dist: !!!", METADATA_BROKEN
        text = scene.read(key).decode()
    scene.write(key, text.replace("\nVersion: ", f"\n{line}\nVersion: ", 1).encode())
    expected = (Expected(FILE_ALTERED, (key,)), Expected(code, (one.metadata,)))
    return Mutation(f"{key}: {line}", expected)


@kind("metadata-deleted")
def metadata_deleted(scene: Scene) -> Mutation:
    """Delete METADATA."""
    one = scene.distribution()
    key = f"{one.metadata}/METADATA"
    scene.edit.take(scene.path(key))
    expected = (Expected(METADATA_BROKEN, (one.metadata,)), Expected(FILE_MISSING, (key,)))
    return Mutation(f"deleted {key}", expected, RENAMED)


@kind("metadata-emptied")
def metadata_emptied(scene: Scene) -> Mutation:
    """Replace METADATA by a text without name and version, or by bytes that are not text."""
    one = scene.distribution()
    key = f"{one.metadata}/METADATA"
    scene.write(key, scene.chance.choice([b"", b"\n\n", b"\xff\xfe\x00", b"Summary: x\n"]))
    expected = (Expected(METADATA_BROKEN, (one.metadata,)), Expected(FILE_ALTERED, (key,)))
    return Mutation(f"emptied {key}", expected, RENAMED)


@kind("metadata-folder-renamed")
def metadata_folder_renamed(scene: Scene) -> Mutation:
    """Rename the metadata folder so that its version differs from the version in METADATA."""
    one = scene.distribution()
    stem, _, _ = one.metadata.removesuffix(".dist-info").rpartition("-")
    other = f"{stem}-{scene.chance.randint(50, 99)}.0.dist-info"
    old = tuple(scene.inside(one.metadata))
    scene.edit.move(scene.path(one.metadata), scene.path(other))
    new = tuple(other + key.removeprefix(one.metadata) for key in old)
    expected = (
        Expected(METADATA_MISMATCH, (f"{other}/METADATA",)),
        Expected(FILE_MISSING, old),
        Expected(FILE_EXTRANEOUS, new),
    )
    return Mutation(f"renamed {one.metadata} to {other}", expected, RENAMED)


@kind("editable-noted")
def editable_noted(scene: Scene) -> Mutation:
    """Add a direct_url.json that marks the distribution as editable, with a folder that does not exist."""
    one = scene.distribution()
    key = f"{one.metadata}/direct_url.json"
    scene.write(key, b'{"url":"file:///src/x","dir_info":{"editable":true}}')
    expected = (
        Expected(LOCK_SOURCE, (one.metadata,), says="editable"),
        Expected(EDITABLE_GONE, (one.metadata,), says="/src/x"),
        Expected(FILE_EXTRANEOUS, (key,)),
    )
    return Mutation(f"added {key}", expected)


@kind("other-source")
def other_source(scene: Scene) -> Mutation:
    """Add a direct_url.json and its line in RECORD, as an installer would; it names a commit, a folder or a file."""
    one = scene.distribution()
    key = f"{one.metadata}/direct_url.json"
    data, says = scene.chance.choice(
        [
            (b'{"url":"https://git.example/x","vcs_info":{"vcs":"git","commit_id":"c0ffee"}}', "c0ffee"),
            (b'{"url":"file:///src/x","dir_info":{}}', "file:"),
            (b'{"url":"https://files.example/x.whl","archive_info":{}}', "files.example"),
        ]
    )
    scene.install_file(one, key, data)
    expected = (Expected(LOCK_SOURCE, (one.metadata,), says=says),)
    return Mutation(f"added {key}: {says}", expected)


@kind("other-artefact")
def other_artefact(scene: Scene) -> Mutation:
    """Add a provenance_url.json, as an installer would, with the hash of an artefact that is not in the lock."""
    one = scene.distribution()
    key = f"{one.metadata}/provenance_url.json"
    digest = scene.chance.randbytes(32).hex()
    data = f'{{"url":"https://files.example/x.whl","archive_info":{{"hashes":{{"sha256":"{digest}"}}}}}}'
    scene.install_file(one, key, data.encode())
    expected = (Expected(LOCK_ARTEFACT, (one.metadata,), says=digest),)
    return Mutation(f"added {key}", expected)


@kind("installer-note-broken")
def installer_note_broken(scene: Scene) -> Mutation:
    """Add a direct_url.json that is not a JSON object of the expected form."""
    one = scene.distribution()
    key = f"{one.metadata}/direct_url.json"
    scene.install_file(
        one, key, scene.chance.choice([b"{", b"[]", b"null", b"[" * 5000, b'{"url": "x", "archive_info": 1}'])
    )
    return Mutation(f"broken {key}", (Expected(METADATA_BROKEN, (one.metadata,)),))
