"""The locks, made anew from pyproject.toml's groups: every pin that still satisfies its group is kept.

Runs in the tools environment: judging wheels by their names takes `packaging`.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import canonicalize_name, parse_wheel_filename

from dev.lockenv.command import run
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project

_ASKER = re.compile(r"\S+ \(pyproject\.toml:")


def lock_all(project: Project, uv: Path, upgrade: bool | tuple[str, ...]) -> Iterator[str]:
    """Make each lock anew and yield its name; `upgrade` moves all pins (True) or those named."""
    for track in project.tracks:
        _lock(project, uv, track, upgrade)
        yield track
    # The test environments hold a track and the tools together, so what both need has one pin.
    pins = [pin for track in project.tracks for pin in read_lock(project.lock(track)).pins.values()]
    _lock(project, uv, "tools", upgrade, [f"{pin.name}=={pin.version}" for pin in pins])
    yield "tools"
    for name in ("build", "node"):
        _lock(project, uv, name, upgrade)
        yield name


def _lock(
    project: Project, uv: Path, name: str, upgrade: bool | tuple[str, ...], constraints: Sequence[str] = ()
) -> None:
    lock = project.lock(name)
    purpose = f"locking {name}"
    with TemporaryDirectory() as temporary:
        pins, wheels = Path(temporary, "pins.txt"), Path(temporary, "pylock.toml")
        shared = project.root / ".cache" / "tracks.txt"  # one path always, for uv's remarks in the lock name it
        shared.parent.mkdir(exist_ok=True)
        shared.write_text("\n".join(constraints), encoding="utf-8")
        command: list[str | Path] = [
            *(uv, "pip", "compile", "-q", "--universal", "--no-header"),
            *("--python-version", project.toolchain.python_series),
            *("--group", f"pyproject.toml:{name}", "--constraint", shared.relative_to(project.root)),
        ]
        hashed = [*command, "--generate-hashes"]
        if name in project.git_libraries:
            hashed += ["--no-emit-package", "libp2p"]
        if upgrade is not True:
            # uv reads the pins it is to keep from the file that it writes.
            pins.write_text("\n".join(_kept(project, lock)), encoding="utf-8")
        moved = [word for package in (upgrade if isinstance(upgrade, tuple) else ()) for word in ("-P", package)]
        run([*hashed, *moved, "-o", pins], purpose=purpose, cwd=project.root)
        run(
            [*command, "--constraint", pins, "--format", "pylock.toml", "-o", wheels], purpose=purpose, cwd=project.root
        )
        # Tools are never built: one without a wheel for a system is a tool that this system goes without.
        built = [] if name in ("tools", "node") else _without_wheel(wheels, project.toolchain.python_series)
        options = ["--emit-build-options", "--only-binary", ":all:"]
        for package in built:
            options += ["--no-binary", package]
        run([*hashed, *options, "-o", pins], purpose=purpose, cwd=project.root)
        header = f"# Made by scripts/lock from the group {name} of pyproject.toml.\n"
        # uv names [project] as who asks; that is what pip installs of this checkout, and it asks for none of it.
        text = _ASKER.sub(f"{project.name} (pyproject.toml:", pins.read_text(encoding="utf-8"))
        lock.write_text(header + text, encoding="utf-8")


def _kept(project: Project, lock: Path) -> Iterator[str]:
    """The lines of a lock's pins; of a distribution that it has none of, the pin of the tools.

    So a track that is added does not bring what was released since, and the tools can share it with every track.
    """
    known = set[str]()
    if lock.exists():
        yield from (line for line in lock.read_text(encoding="utf-8").splitlines() if not line.startswith("--"))
        known |= set(read_lock(lock).pins)
    if (tools := project.lock("tools")).exists():
        yield from (f"{pin.name}=={pin.version}" for pin in read_lock(tools).pins.values() if pin.name not in known)


def _without_wheel(pylock: Path, series: str) -> list[str]:
    """The distributions of a resolution that have no wheel for some system that the doors run on."""
    with pylock.open("rb") as file:
        packages = tomllib.load(file)["packages"]
    systems = list(_systems(series))
    missing: list[str] = []
    for package in packages:
        if "vcs" in package:
            continue
        names = [wheel["url"].rsplit("/", 1)[1] for wheel in package.get("wheels", [])]
        tags = [parse_wheel_filename(name)[3] for name in names]
        if not all(any(tag & system for tag in tags) for system in systems):
            missing.append(canonicalize_name(package["name"]))
    return sorted(missing)


def _systems(series: str) -> Iterator[frozenset[Tag]]:
    """What a wheel may be tagged for, on each system: Linux (glibc up to 2.36) and macOS on arm64.

    Not macOS on x86_64, for which cryptography has no wheel any more.
    """
    version = tuple(int(part) for part in series.split("."))
    for platforms in (
        [*(f"manylinux_2_{minor}_x86_64" for minor in range(5, 37)), "manylinux1_x86_64", "manylinux2014_x86_64"],
        [*(f"manylinux_2_{minor}_aarch64" for minor in range(17, 37)), "manylinux2014_aarch64"],
        list(mac_platforms((14, 0), "arm64")),
    ):
        tags = cpython_tags(version, platforms=platforms)
        yield frozenset(tags) | frozenset(compatible_tags(version, f"cp{version[0]}{version[1]}", platforms))
