"""Mutations that replace installed files by links, folders or pipes, or make the files unreadable.

Each decorated function makes one change to a copy of an environment. It returns a text about the change, and the
findings (faults or differences) that envparity must report.
"""

import os
import shutil

from dev.quality.mutation.expectation import Expected, Mutation, kind
from dev.quality.mutation.kinds.files import GONE
from dev.quality.mutation.scene import Scene
from envparity.judge.bytecode import BYTECODE_STALE
from envparity.judge.integrity.files import FILE_ALTERED, FILE_EXTRANEOUS, FILE_UNREADABLE
from envparity.judge.integrity.links import FILE_LINK, INSTALLED_AS_LINKS, LINK_BROKEN
from envparity.judge.rules import Severity


def without_rights() -> tuple[str, ...]:
    """Return a command prefix that removes root's right to ignore file permissions; empty for other users.

    The prefix is also empty if this machine has no program `setpriv`. The prefix does not change the user, because
    another user might not be able to reach the folder of the copy.
    """
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        return ()
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


def linked(scene: Scene, key: str) -> None:
    """Replace the file `key` by a link to a copy of the file outside the environment."""
    there = scene.world.outside / key.replace("/", "_")
    scene.edit.copy(scene.path(key), there)
    path = scene.path(key)
    scene.edit.take(path)
    path.symlink_to(there)


@kind("file-linked")
def file_linked(scene: Scene) -> Mutation:
    """Replace a file by a link to the same bytes outside the environment."""
    key = scene.one(scene.owned())
    linked(scene, key)
    return Mutation(f"linked {key}", (Expected(FILE_LINK, (key,)),))


@kind("file-linked-inside")
def file_linked_inside(scene: Scene) -> Mutation:
    """Replace a file by a link to another file of the environment."""
    key = scene.one(scene.owned(".py"))
    other = scene.one(one for one in scene.owned(".py") if scene.files[one].sha256 != scene.files[key].sha256)
    scene.edit.take(scene.path(key))
    scene.path(key).symlink_to(os.path.relpath(scene.path(other), scene.path(key).parent))
    expected = (Expected(FILE_LINK, (key,)), Expected(FILE_ALTERED, (key,)))
    return Mutation(f"linked {key} to {other}", expected, frozenset({BYTECODE_STALE}))


@kind("link-broken")
def link_broken(scene: Scene) -> Mutation:
    """Replace a file by a link to nothing, or to itself."""
    key = scene.one(scene.owned())
    path = scene.path(key)
    scene.edit.take(path)
    path.symlink_to(scene.chance.choice([path.name, "nowhere", str(scene.world.outside / "nowhere")]))
    return Mutation(f"broken link at {key}", (Expected(LINK_BROKEN, (key,)),), GONE)


@kind("package-linked")
def package_linked(scene: Scene) -> Mutation:
    """Replace a package's folder by a link to a copy outside the environment."""
    package = scene.package()
    there = scene.world.outside / package.replace("/", "_")
    scene.edit.copy(scene.path(package), there)
    scene.edit.take(scene.path(package))
    scene.path(package).symlink_to(there)
    return Mutation(f"linked {package}", (Expected(FILE_LINK, (package,)),))


@kind("link-added")
def link_added(scene: Scene) -> Mutation:
    """Add a link inside a package; the link leads to a file, to a folder or to nothing."""
    key = f"{scene.a_folder()}/{scene.new_name()}.py"
    scene.edit.create(scene.path(key))
    scene.path(key).symlink_to(scene.chance.choice(["/etc/passwd", "..", "nowhere", "/"]))
    return Mutation(f"added the link {key}", (Expected(FILE_EXTRANEOUS, (key,)),))


@kind("distribution-linked")
def distribution_linked(scene: Scene) -> Mutation:
    """Replace all files of a distribution by links; envparity reports a note.

    uv can also install a distribution as links to the files in its cache.
    """
    one = scene.distribution()
    keys = tuple(scene.files_of(one, metadata=True))
    for key in keys:
        linked(scene, key)
    expected = Expected(INSTALLED_AS_LINKS, keys, Severity.NOTE)
    return Mutation(f"linked all of {one.label}", (expected,))


@kind("pipe-in-place")
def pipe_in_place(scene: Scene) -> Mutation:
    """Replace a file by a named pipe; a program that reads the pipe like a file would wait forever."""
    key = scene.one(scene.owned())
    scene.edit.take(scene.path(key))
    os.mkfifo(scene.path(key))
    return Mutation(f"pipe at {key}", (Expected(FILE_ALTERED, (key,)),), GONE)


@kind("folder-in-place")
def folder_in_place(scene: Scene) -> Mutation:
    """Replace a file by a folder, which may contain a file."""
    key = scene.one(scene.owned())
    scene.edit.take(scene.path(key))
    scene.path(key).mkdir()
    expected = [Expected(FILE_ALTERED, (key,))]
    if scene.chance.random() < 0.5:
        (scene.path(key) / "x.py").write_bytes(b"")
        expected.append(Expected(FILE_EXTRANEOUS, (f"{key}/x.py",)))
    return Mutation(f"folder at {key}", tuple(expected), GONE)


@kind("file-unreadable")
def file_unreadable(scene: Scene) -> Mutation:
    """Remove every permission of a file, so that envparity cannot read the file."""
    key = scene.one(scene.owned())
    scene.edit.chmod(scene.path(key), 0)
    expected = (Expected(FILE_UNREADABLE, (key,)),)
    return Mutation(f"nobody may read {key}", expected, GONE, without_rights())


@kind("folder-unreadable")
def folder_unreadable(scene: Scene) -> Mutation:
    """Remove every permission of a package's folder, so that envparity cannot list the folder."""
    package = scene.package()
    scene.edit.chmod(scene.path(package), 0)
    keys = (package, *scene.inside(package))
    expected = (Expected(FILE_UNREADABLE, keys),)
    return Mutation(f"nobody may enter {package}", expected, GONE, without_rights())
