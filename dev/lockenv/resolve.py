"""Compile the locks again from the groups of pyproject.toml, and keep every pin that still satisfies its group.

A track is one pinned version of libp2p on one Python, such as v0.4. The lock of a track is compiled from a group. This
module runs in the tools environment, because it needs `packaging` to read the tags in the names of wheels.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import canonicalize_name, parse_wheel_filename

from dev.command.progress import long_work
from dev.lockenv.command import run
from dev.lockenv.fresh import comment_of, digest_of
from dev.lockenv.installer import bootstrap
from dev.lockenv.interpreter import find_interpreter
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project

_APART = ("node", "site")
"""The groups that a project can lack. Each of them has a separate environment."""
_ASKER = re.compile(r"\S+ \(pyproject\.toml:")


def lock_again(
    project: Project, upgrade: bool | tuple[str, ...], build: Sequence[str] = ()
) -> Iterator[tuple[Path, bool]]:
    """Compile each lock again with the locked uv. Yield the path of the lock, and whether the file changed.

    The arguments are those of `lock_all`. Raises CommandError if uv cannot be installed or cannot resolve a group.
    """
    uv = bootstrap(project, find_interpreter(project.toolchain, project.settings))
    before = {path: path.read_bytes() for path in (project.root / "locks").glob("*.txt")}
    for name in lock_all(project, uv, upgrade, build):
        path = project.lock(name)
        yield path, before.get(path) != path.read_bytes()


def lock_all(project: Project, uv: Path, upgrade: bool | tuple[str, ...], build: Sequence[str] = ()) -> Iterator[str]:
    """Compile each lock again and yield its name; `uv` is the path of uv.

    `upgrade` is True to upgrade every pin, a tuple to upgrade only the pins of these distributions, or False to keep
    every pin that still fits. `build` are requirements of the lock `build` that are not in its group. Raises
    CommandError if uv cannot resolve a group.
    """
    for track in project.locked_tracks:
        _lock(project, uv, track, upgrade)
        yield track
    # A test environment holds a track and the tools together. So if both need a distribution, the tools take the
    # version that the tracks pin.
    pins = [pin for track in project.locked_tracks for pin in read_lock(project.lock(track)).pins.values()]
    _lock(project, uv, "tools", upgrade, [f"{pin.name}=={pin.version}" for pin in pins])
    yield "tools"
    _lock(project, uv, "build", upgrade, more=build)
    yield "build"
    for name in _APART:
        if name in project.groups:
            _lock(project, uv, name, upgrade)
            yield name


def _lock(
    project: Project,
    uv: Path,
    name: str,
    upgrade: bool | tuple[str, ...],
    constraints: Sequence[str] = (),
    more: Sequence[str] = (),
) -> None:
    lock = project.lock(name)
    purpose = f"locking {name}"
    with long_work(f"lockenv: {purpose}"), TemporaryDirectory() as temporary:
        pins, wheels = Path(temporary, "pins.txt"), Path(temporary, "pylock.toml")
        shared = (
            project.root / ".cache" / "tracks.txt"
        )  # always the same path, because uv writes the path into the comments of the lock
        shared.parent.mkdir(exist_ok=True)
        shared.write_text("\n".join(constraints), encoding="utf-8")
        command: list[str | Path] = [
            *(uv, "pip", "compile", "-q", "--universal", "--no-header"),
            *("--python-version", project.pythons_of(name)[0]),
            *("--group", f"pyproject.toml:{name}", "--constraint", shared.relative_to(project.root)),
        ]
        if more:
            asked = shared.with_name("build-system.txt")  # uv writes this path into comments, too
            asked.write_text("\n".join(more), encoding="utf-8")
            command.append(asked.relative_to(project.root))
        if (built_with := project.lock("build")).exists():
            # uv builds an sdist to read its requirements. A new release of setuptools must not break this build.
            command += ["--build-constraints", built_with.relative_to(project.root)]
        hashed = [*command, "--generate-hashes"]
        if name in project.tracks and not project.locks_library(name):
            hashed += ["--no-emit-package", "libp2p"]
        if upgrade is not True:
            # uv first reads its output file, and keeps each pin in this file that still fits.
            pins.write_text("\n".join(_kept(project, lock)), encoding="utf-8")
        moved = [word for package in (upgrade if isinstance(upgrade, tuple) else ()) for word in ("-P", package)]
        run([*hashed, *moved, "-o", pins], purpose=purpose, cwd=project.root)
        run(
            [*command, "--constraint", pins, "--format", "pylock.toml", "-o", wheels], purpose=purpose, cwd=project.root
        )
        # For the locks of programs (tools, node and site), uv never builds a distribution. If a distribution has no
        # wheel for a system, then an installation on that system fails.
        built = [] if name in ("tools", *_APART) else _without_wheel(wheels, project.pythons_of(name))
        options = ["--emit-build-options", "--only-binary", ":all:"]
        for package in built:
            options += ["--no-binary", package]
        run([*hashed, *options, "-o", pins], purpose=purpose, cwd=project.root)
        header = f"# Made by scripts/lock from the group {name} of pyproject.toml.\n"
        if digest := digest_of(project.root / "pyproject.toml", name):
            header += comment_of(digest)
        # uv's comments say that the [project] of pyproject.toml asks for the pins. This would mislead readers, because
        # [project] describes envparity. So the comments get the name of this repository instead.
        text = _ASKER.sub(f"{project.name} (pyproject.toml:", pins.read_text(encoding="utf-8"))
        lock.write_text(header + _for_pip(text), encoding="utf-8")


def _for_pip(text: str) -> str:
    """Return the text of a lock with `--only-binary :all:` as the first option.

    pip applies options in their order, and this option cancels each `--no-binary` before it. uv writes the option last.
    """
    return "--only-binary :all:\n" + text.replace("--only-binary :all:\n", "", 1)


def _kept(project: Project, lock: Path) -> Iterator[str]:
    """Yield the lines of a lock without its options, and then further pins from the lock of the tools.

    The further pins are those of the distributions that `lock` does not pin. With these pins, a new track does not get
    newer releases than the tools. So one test environment can hold the track and the tools.
    """
    known = set[str]()
    if lock.exists():
        yield from (line for line in lock.read_text(encoding="utf-8").splitlines() if not line.startswith("--"))
        known |= set(read_lock(lock).pins)
    if (tools := project.lock("tools")).exists():
        yield from (f"{pin.name}=={pin.version}" for pin in read_lock(tools).pins.values() if pin.name not in known)


def _without_wheel(pylock: Path, pythons: Sequence[str]) -> list[str]:
    """Return the distributions in a pylock.toml that lack at least one needed wheel.

    A wheel is needed for each of `pythons` on each supported system. A distribution from git or from a folder needs no
    wheel.
    """
    with pylock.open("rb") as file:
        packages = tomllib.load(file)["packages"]
    systems = [system for python in pythons for system in _systems(python)]
    missing: list[str] = []
    for package in packages:
        if "vcs" in package or "directory" in package:
            continue
        names = [wheel["url"].rsplit("/", 1)[1] for wheel in package.get("wheels", [])]
        tags = [parse_wheel_filename(name)[3] for name in names]
        if not all(any(tag & system for tag in tags) for system in systems):
            missing.append(canonicalize_name(package["name"]))
    return sorted(missing)


def _systems(series: str) -> Iterator[frozenset[Tag]]:
    """Yield, for each supported system, the tags that a wheel for this system may have.

    The systems are Linux (glibc up to 2.36) on x86_64 and on aarch64, and macOS on arm64. macOS on x86_64 is missing,
    because cryptography no longer has a wheel for that system.
    """
    version = tuple(int(part) for part in series.split("."))
    for platforms in (
        [*(f"manylinux_2_{minor}_x86_64" for minor in range(5, 37)), "manylinux1_x86_64", "manylinux2014_x86_64"],
        [*(f"manylinux_2_{minor}_aarch64" for minor in range(17, 37)), "manylinux2014_aarch64"],
        list(mac_platforms((14, 0), "arm64")),
    ):
        tags = cpython_tags(version, platforms=platforms)
        yield frozenset(tags) | frozenset(compatible_tags(version, f"cp{version[0]}{version[1]}", platforms))
