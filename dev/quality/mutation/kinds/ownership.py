"""Mutations of an environment in which two distributions, the providers, install the same module `multihash`.

A path is contested if the RECORDs of the two providers list it with different hashes. Each decorated function makes one
change to a copy of the environment. It returns a text about the change, and the findings (faults) that envparity must
report.
"""

from environment_builder import record_hash

from dev.quality.mutation.expectation import COLLISION, Expected, Mutation, kind
from dev.quality.mutation.scene import Scene
from envparity.judge.bytecode import BYTECODE_ORPHAN, BYTECODE_STALE
from envparity.judge.integrity.files import FILE_MISSING
from envparity.judge.names import NAME_SHARED, TOP_LEVEL_SQUATTER
from envparity.judge.ownership import PACKAGE_TORN, PATH_CONTESTED, is_contested
from envparity.judge.requirements import REQUIREMENT_UNMET
from envparity.judge.resolution import LOCK_MISSING


@kind("provider-swapped", worlds=(COLLISION,))
def provider_swapped(scene: Scene) -> Mutation:
    """For each contested path, choose a provider at random, and write the provider's bytes to the path."""
    contested = sorted(key for key, file in scene.files.items() if is_contested(file))
    owners = sorted({owner for key in contested for owner in scene.files[key].claims})
    before = {key: _winner(scene, key) for key in contested}
    after = dict(before)
    while after == before:
        after = {key: scene.chance.choice(owners) for key in contested}
    for key in contested:
        if after[key] != before[key]:
            scene.write(key, provider_bytes(scene, key, after[key]))
    labels = {owner: scene.snapshot.by_id[owner].label for owner in owners}
    expected = [
        Expected(PATH_CONTESTED, (key,), says=f"{key}: the bytes of {labels[owner]}") for key, owner in after.items()
    ]
    if len(set(after.values())) > 1:
        expected.append(Expected(PACKAGE_TORN, tuple(contested), says="site/multihash is put together from"))
    did = ", ".join(f"{key} of {owner}" for key, owner in after.items())
    return Mutation(did, tuple(expected), frozenset({BYTECODE_STALE}))


@kind("contested-altered", worlds=(COLLISION,))
def contested_altered(scene: Scene) -> Mutation:
    """Append a line to a contested file, so that it has the bytes of neither provider."""
    contested = sorted(key for key, file in scene.files.items() if is_contested(file))
    key = scene.one(contested)
    scene.write(key, scene.read(key) + b"# more\n")
    expected = Expected(PATH_CONTESTED, tuple(contested), says=f"{key}: the bytes of no distribution")
    return Mutation(f"altered {key}", (expected,), frozenset({BYTECODE_STALE, PACKAGE_TORN}))


@kind("provider-uninstalled", worlds=(COLLISION,))
def provider_uninstalled(scene: Scene) -> Mutation:
    """Uninstall one provider as an installer does: the shared files disappear, so the other provider lacks them."""
    contested = sorted(key for key, file in scene.files.items() if is_contested(file))
    gone = scene.chance.choice(sorted({owner for key in contested for owner in scene.files[key].claims}))
    (other,) = {owner for key in contested for owner in scene.files[key].claims} - {gone}
    one = scene.snapshot.by_id[gone]
    for key, file in scene.files.items():
        if gone in file.claims and not key.startswith(f"{one.metadata}/"):
            scene.edit.take(scene.path(key))
    scene.edit.take(scene.path(one.metadata))
    expected = (Expected(FILE_MISSING, tuple(contested), distribution=other),)
    also = frozenset({BYTECODE_ORPHAN, LOCK_MISSING, REQUIREMENT_UNMET, NAME_SHARED, TOP_LEVEL_SQUATTER})
    return Mutation(f"uninstalled {one.label}", expected, also)


def provider_bytes(scene: Scene, key: str, owner: str) -> bytes:
    """Return the bytes that the provider `owner` installs at the contested path `key`.

    Raises LookupError if the scene has no bytes with the hash in the provider's RECORD.
    """
    row = scene.record(scene.snapshot.by_id[owner]).row(key)
    for data in scene.world.contents.get(key, []):
        if record_hash(data) == row[1]:
            return data
    raise LookupError(f"{key}: expected the bytes of {owner}, found none")


def _winner(scene: Scene, key: str) -> str:
    return next(owner for owner, verdict in scene.files[key].claims.items() if verdict == "match")
