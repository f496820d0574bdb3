"""Mutations of bytecode: it becomes stale, altered or broken, or its source is missing.

Each decorated function makes one change to a copy of an environment. It returns a text about the change, and the
findings (faults or differences) that envparity must report.
"""

import importlib.util
import marshal
from types import CodeType

from dev.quality.mutation.expectation import Expected, How, Mutation, kind
from dev.quality.mutation.scene import Scene
from envparity.judge.bytecode import BYTECODE_ALTERED, BYTECODE_BROKEN, BYTECODE_ORPHAN, BYTECODE_STALE
from envparity.judge.integrity.files import FILE_EXTRANEOUS
from envparity.judge.rules import Severity

_UNCHECKED, _CHECKED = 1, 3


def _header(flags: int, source: bytes) -> bytes:
    return importlib.util.MAGIC_NUMBER + flags.to_bytes(4, "little") + importlib.util.source_hash(source)


def _compiled(scene: Scene, key: str, source: bytes) -> bytes:
    return marshal.dumps(compile(source, str(scene.path(key)), "exec", dont_inherit=True, optimize=0))


@kind("bytecode-stale")
def bytecode_stale(scene: Scene) -> Mutation:
    """Give bytecode the header of another source. Python compiles the source again; envparity reports a note."""
    source = scene.one(scene.with_bytecode())
    key = scene.bytecode_of(source)
    data = scene.read(key)
    flags = scene.chance.choice([0, _CHECKED])
    scene.write(key, data[:4] + flags.to_bytes(4, "little") + scene.chance.randbytes(8) + data[16:])
    return Mutation(f"stale {key}", (Expected(BYTECODE_STALE, (key,), Severity.NOTE),))


@kind("bytecode-stale-unchecked")
def bytecode_stale_unchecked(scene: Scene) -> Mutation:
    """Write bytecode of another source, with a flag that makes Python run the bytecode without checking the source."""
    source = scene.one(scene.with_bytecode())
    key = scene.bytecode_of(source)
    other = b"raise SystemExit\n"
    scene.write(key, _header(_UNCHECKED, other) + _compiled(scene, source, other))
    return Mutation(f"stale, unchecked {key}", (Expected(BYTECODE_STALE, (key,), Severity.ERROR),))


@kind("bytecode-orphan")
def bytecode_orphan(scene: Scene) -> Mutation:
    """Add bytecode without a source; envparity reports a note, because Python ignores the bytecode."""
    source = scene.one(scene.with_bytecode())
    key = scene.bytecode_of(f"{source.rpartition('/')[0]}/{scene.new_name()}.py")
    scene.write(key, scene.read(scene.bytecode_of(source)))
    return Mutation(f"added {key}", (Expected(BYTECODE_ORPHAN, (key,), Severity.NOTE),))


@kind("bytecode-broken")
def bytecode_broken(scene: Scene) -> Mutation:
    """Cut bytecode short in its header, or give it a wrong format or unknown flags; envparity reports a note."""
    key = scene.bytecode_of(scene.one(scene.with_bytecode()))
    data = scene.read(key)
    broken = [data[: scene.chance.randrange(16)], b"\x61\x0d\x0d\x0a" + data[4:], data[:4] + b"\x08\0\0\0" + data[8:]]
    scene.write(key, scene.chance.choice(broken))
    return Mutation(f"broke {key}", (Expected(BYTECODE_BROKEN, (key,), Severity.NOTE),))


@kind("bytecode-linked")
def bytecode_linked(scene: Scene) -> Mutation:
    """Replace a bytecode file by a link to a copy of the file; Python follows the link."""
    key = scene.bytecode_of(scene.one(scene.with_bytecode()))
    there = scene.world.outside / "linked.pyc"
    scene.edit.copy(scene.path(key), there)
    scene.edit.take(scene.path(key))
    scene.path(key).symlink_to(there)
    return Mutation(f"linked {key}", (Expected(FILE_EXTRANEOUS, (key,)),))


@kind("bytecode-altered", How.BYTECODE)
def bytecode_altered(scene: Scene) -> Mutation:
    """Write bytecode whose header matches the source next to it, but whose code comes from another source."""
    source = scene.one(scene.with_bytecode())
    text = scene.read(source)
    flags = scene.chance.choice([_UNCHECKED, _CHECKED])
    level = scene.chance.choice(["", ".opt-1", ".opt-2"])
    key = scene.bytecode_of(source).removesuffix(".pyc") + level + ".pyc"
    scene.write(key, _header(flags, text) + _compiled(scene, source, b"injected = 1\n"))
    return Mutation(f"altered {key}", (Expected(BYTECODE_ALTERED, (key,)),))


@kind("bytecode-constant-altered", How.BYTECODE)
def bytecode_constant_altered(scene: Scene) -> Mutation:
    """Change one constant, instruction, name, line number or stack size of bytecode."""
    key = scene.bytecode_of(scene.one(scene.with_bytecode()))
    data = scene.read(key)
    code = marshal.loads(data[16:])  # noqa: S302 - Python itself loads this file too
    assert isinstance(code, CodeType)
    changed = scene.chance.choice(
        [
            code.replace(co_consts=(*code.co_consts, "more")),
            code.replace(co_code=code.co_code[:-2] + b"\x09\x00"),
            code.replace(co_firstlineno=code.co_firstlineno + 1),
            code.replace(co_names=(*code.co_names, "more")),
            code.replace(co_stacksize=code.co_stacksize + 1),
        ]
    )
    scene.write(key, data[:16] + marshal.dumps(changed))
    return Mutation(f"altered {key}", (Expected(BYTECODE_ALTERED, (key,)),))


@kind("bytecode-truncated", How.BYTECODE)
def bytecode_truncated(scene: Scene) -> Mutation:
    """Cut bytecode short after a correct header."""
    key = scene.bytecode_of(scene.one(scene.with_bytecode()))
    data = scene.read(key)
    scene.write(key, data[: scene.chance.randrange(16, len(data))])
    return Mutation(f"cut short {key}", (Expected(BYTECODE_ALTERED, (key,)),))


@kind("bytecode-timestamp-forged", How.BYTECODE)
def bytecode_timestamp_forged(scene: Scene) -> Mutation:
    """Write bytecode of another source; its header has the time and the size of the right source."""
    source = scene.one(scene.with_bytecode())
    key = scene.bytecode_of(source)
    found = scene.path(source).stat()
    stamp = (int(found.st_mtime) & 0xFFFFFFFF).to_bytes(4, "little") + found.st_size.to_bytes(4, "little")
    data = importlib.util.MAGIC_NUMBER + bytes(4) + stamp + _compiled(scene, source, b"injected = 1\n")
    scene.write(key, data)
    return Mutation(f"altered {key}", (Expected(BYTECODE_ALTERED, (key,)),))
