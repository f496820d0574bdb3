"""Unpack packages of another Debian release into a folder, so that programs of that release run on this machine.

The packages of this machine stay unchanged: the unpacked programs use the libc and the libraries in the folder.
"""

import hashlib
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.command.errors import CommandError
from dev.lockenv.command import run
from dev.lockenv.debian import apt, dated_archives, source_of

# The name of a file that `unpack` writes last. If this file is missing after an interruption, `unpack` starts again.
# The file contains its folder's path, because the programs contain this path and do not work after a move.
_STAMP = "complete"
# The head of the note with the build ID of a program: the sizes of the name and of the SHA-1, the type, and the name.
_BUILD_ID = b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0"


def is_unpacked(folder: Path, suite: str, packages: Sequence[str]) -> bool:
    """Return whether `unpack` has completely unpacked these packages of the release `suite` into `folder`."""
    stamp = folder / _STAMP
    return stamp.exists() and stamp.read_text(encoding="utf-8") == _stamp(folder, suite, packages)


def unpack(
    folder: Path,
    suite: str,
    packages: Sequence[str],
    programs: Sequence[str],
    *,
    at: Path | None = None,
    instant: str | None = None,
) -> None:
    """Unpack packages and all their dependencies into `folder`; do nothing if `folder` has them already.

    The packages come from the Debian release `suite`, for example `trixie`. A package is a name, or NAME=VERSION for
    exactly this version. If the mirror has dropped a version, all packages come from the dated archive of Debian, as
    the archive was at `instant`, for example `20261128T150000Z`. `programs` are the paths in `folder` of the programs
    to run, for example `usr/bin/nix`. `at` is the path that `folder` will have when the programs run; None if the path
    stays. Raises CommandError if a download or a step of the unpacking fails.
    """
    if is_unpacked(folder, suite, packages):
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with TemporaryDirectory() as temporary:
        for package in _download(Path(temporary), suite, [*packages, "patchelf"], instant):
            run(["dpkg-deb", "-x", package, folder], purpose=f"unpacking {package.name}")
    _settle(folder, programs, at or folder)
    (folder / _STAMP).write_text(_stamp(folder, suite, packages), encoding="utf-8")


def move(staged: Path, folder: Path, suite: str, packages: Sequence[str]) -> None:
    """Replace `folder` by `staged`, the folder into which the caller has unpacked `packages` with `unpack`."""
    shutil.rmtree(folder, ignore_errors=True)
    staged.rename(folder)
    (folder / _STAMP).write_text(_stamp(folder, suite, packages), encoding="utf-8")


def _stamp(folder: Path, suite: str, packages: Sequence[str]) -> str:
    return f"{suite} {' '.join(packages)} {folder}\n"


def _download(folder: Path, suite: str, packages: Sequence[str], instant: str | None) -> list[Path]:
    """Download packages and all their dependencies, including libc; return the paths of the files.

    Ask the mirror first, and the dated archive second. apt sees an empty list of installed packages, so that it
    downloads the dependencies that this machine has already.
    """
    (folder / "lists" / "partial").mkdir(parents=True)
    (folder / "archives" / "partial").mkdir(parents=True)
    (folder / "none").mkdir()
    (folder / "status").touch()
    files = {
        "Dir::Etc::sourcelist": folder / "sources",
        "Dir::Etc::sourceparts": folder / "none",
        "Dir::Etc::preferences": folder / "no-preferences",
        "Dir::Etc::preferencesparts": folder / "none",
        "Dir::State::lists": folder / "lists",
        "Dir::State::status": folder / "status",
        "Dir::State::extended_states": folder / "extended",
        "Dir::Cache::archives": folder / "archives",
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        "APT::Sandbox::User": "",  # apt must not change to the user `_apt`, who cannot read the folder
        "Acquire::Check-Valid-Until": "false",  # the lists of the dated archive are old
    }
    options = [word for name, value in files.items() for word in ("-o", f"{name}={value}")]
    errors: list[CommandError] = []
    for source in _sources(suite, instant):
        (folder / "sources").write_text(source, encoding="utf-8")
        try:
            apt("update", "-qq", *options)
            apt("install", "-y", "-qq", "--no-install-recommends", "--download-only", *options, *packages)
        except CommandError as error:
            errors.append(error)
        else:
            return sorted((folder / "archives").glob("*.deb"))
    raise errors[0]


def _sources(suite: str, instant: str | None) -> list[str]:
    """Return the lines for apt's sources to try: the mirror, and then the dated archive as it was at `instant`.

    Leave the archive out if `instant` is None, or if apt's sources name no dated archive of the mirror.
    """
    mirror = source_of(suite)
    archive = dated_archives().get(mirror.split()[2]) if instant else None
    if archive is None or instant is None:
        return [mirror]
    return [mirror, mirror.replace(mirror.split()[2], re.sub(r"[0-9]{8}T[0-9]{6}Z$", instant, archive))]


def _settle(folder: Path, programs: Sequence[str], at: Path) -> None:
    """Change programs so that they use the libc and libraries in the folder, whose path will be `at`."""
    # Skip symbolic links: a link to the loader would lead out of the folder.
    loader = next((path for path in folder.glob("**/ld-linux-*.so.*") if not path.is_symlink()), None)
    if loader is None:
        raise CommandError(f"unpacking packages: expected libc's loader in {folder}, found none")
    where = [loader.parent, folder / "usr" / "lib" / loader.parent.name]
    libraries, later = (":".join(str(root / one.relative_to(folder)) for one in where) for root in (folder, at))
    patchelf: list[str | Path] = [loader, "--library-path", libraries, folder / "usr" / "bin" / "patchelf"]
    paths = [folder / program for program in programs]
    # patchelf 0.18 damages a program that is not position-independent if it makes these two changes in one run, or in
    # the other order.
    run([*patchelf, "--force-rpath", "--set-rpath", later, *paths], purpose="patchelf")
    run([*patchelf, "--set-interpreter", at / loader.relative_to(folder), *paths], purpose="patchelf")
    for path in paths:
        path.write_bytes(_with_build_id(path.read_bytes()))


def _with_build_id(program: bytes) -> bytes:
    """Return a program with a new build ID. A program without a build ID stays unchanged.

    patchelf has changed the program, and Debian's build ID must identify only Debian's own bytes.
    """
    start = program.find(_BUILD_ID) + len(_BUILD_ID)
    if start < len(_BUILD_ID):
        return program
    return program[:start] + hashlib.sha1(program, usedforsecurity=False).digest() + program[start + 20 :]
