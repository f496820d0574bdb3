"""The sdist and the wheel of envparity, built twice in different surroundings and compared.

An sdist is an archive of the sources, from which pip can build the wheel.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.command.errors import CommandError
from dev.doors.sources import list_sources
from dev.lockenv.project import Project

_BACKEND = "from flit_core.buildapi import build_{kind}; import sys; print(build_{kind}(sys.argv[1]))"
_YEAR = 365 * 24 * 3600.0  # seconds


def build_distributions(project: Project, folder: Path) -> list[Path]:
    """Build the sdist and the wheel into `folder`, and return their paths.

    Build both from a copy of the checkout, and build both again in other surroundings: another folder, other times of
    the files, and another umask. Build the wheel a third time, from the sdist. Raise CommandError if a build fails, or
    if two builds of a file differ.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="release-") as name:
        place = Path(name)
        sources = copied(project, place / "one", 0o022)
        again = copied(project, place / "another folder" / "two", 0o077, age=_YEAR)
        first = _build(project, sources, place / "first", 0o022)
        second = _build(project, again, place / "second", 0o077)
        shutil.unpack_archive(first["sdist"], place / "unpacked")
        (unpacked,) = (place / "unpacked").iterdir()
        third = _build(project, unpacked, place / "third", 0o022, kinds=("wheel",))
        for other, how in ((second, "in another folder"), (third, "from the sdist")):
            for kind, path in other.items():
                _compare(first[kind], path, how)
        return [Path(shutil.copy(path, folder)) for path in first.values()]


def copied(project: Project, folder: Path, umask: int, age: float = 0) -> Path:
    """Copy the files of the checkout into `folder`, and return `folder`.

    The copies have the modes that `umask` allows. If `age` is not 0, the modification times are `age` seconds in the
    past.
    """
    for name in list_sources(project.root):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(project.root / name, path)
        path.chmod((0o777 if os.access(project.root / name, os.X_OK) else 0o666) & ~umask)
        if age:
            written = path.stat().st_mtime - age
            os.utime(path, (written, written))
    return folder


def _build(
    project: Project, sources: Path, into: Path, umask: int, kinds: tuple[str, ...] = ("sdist", "wheel")
) -> dict[str, Path]:
    """Build from `sources` into the new folder `into`; return a dict from `sdist` and `wheel` to the new file.

    The project's own SOURCE_DATE_EPOCH replaces that of the caller, because the backend writes it into the archives.
    Raises CommandError if a build fails.
    """
    into.mkdir()
    epoch = project.toolchain.build_environment["SOURCE_DATE_EPOCH"]
    found = {}
    for kind in kinds:
        command = [sys.executable, "-I", "-c", _BACKEND.format(kind=kind), str(into)]
        with _umask(umask):
            done = subprocess.run(
                command,
                cwd=sources,
                env=os.environ | {"SOURCE_DATE_EPOCH": epoch},
                check=False,
                capture_output=True,
                text=True,
            )
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise CommandError(f"release: expected flit_core to build the {kind} of envparity, found: {last}")
        found[kind] = into / done.stdout.strip()
    return found


@contextmanager
def _umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def _compare(one: Path, other: Path, how: str) -> None:
    digests = [sha256(path.read_bytes()).hexdigest() for path in (one, other)]
    if digests[0] != digests[1]:
        raise CommandError(
            f"release: expected {one.name} with the SHA-256 {digests[0]} from a build {how}, found {digests[1]}"
        )
