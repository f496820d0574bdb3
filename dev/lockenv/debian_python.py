"""The Python of another Debian release, unpacked into a folder, for a machine that has no package of this Python.

The packages of this machine stay unchanged. The pins of the packages are in [debian.unpacked] of locks/toolchain.toml.
"""

import fcntl
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError
from dev.lockenv.unpacked import is_unpacked, move, unpack


@dataclass(frozen=True)
class UnpackedPython:
    """The packages of one Python, for example 3.13. `suite` is the Debian release, for example `trixie`."""

    python: str
    suite: str
    packages: tuple[str, ...]
    """Each package as NAME=VERSION."""
    instant: str | None
    """A moment at which Debian's dated archive had these versions; None if the toolchain file has no such moment."""

    @property
    def program(self) -> str:
        """Return the path of the Python in the folder that `make` fills, for example `usr/bin/python3.13`."""
        return f"usr/bin/python{self.python}"

    def find(self, folder: Path) -> Path | None:
        """Return the path of the Python in `folder`; None if `make` has not completely unpacked these packages."""
        return folder / self.program if is_unpacked(folder, self.suite, self.packages) else None

    def make(self, folder: Path, at: Path | None = None) -> Path:
        """Unpack the Python into `folder` if it is missing there, and return its path.

        `at` is the path that the folder will have when the Python runs; None if the folder does not move. Raises
        CommandError if this machine is not Debian 12, or if a download or a step of the unpacking fails.
        """
        if shutil.which("apt-get") is None:
            raise CommandError("expected the program apt-get, found none")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (folder.parent / f"{folder.name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # another command may unpack the same Python
            if (found := self.find(folder)) is not None:
                return found
            staged = folder.with_name(f"{folder.name}.new")
            unpack(staged, self.suite, self.packages, [self.program], at=at or folder, instant=self.instant)
            _settle(staged, self.python, at or folder)
            move(staged, folder, self.suite, self.packages)
        return folder / self.program


def read_unpacked(path: Path, python: str) -> UnpackedPython | None:
    """Return the packages of a Python, for example `3.13`, from the toolchain file; None if the file lacks this Python.

    Raises CommandError if the file cannot be read or a field is missing.
    """
    try:
        debian = tomllib.loads(path.read_text(encoding="utf-8")).get("debian", {})
        table = debian.get("unpacked", {}).get(python)
        if table is None:
            return None
        packages = tuple(f"{name}={version}" for name, version in table["packages"].items())
        return UnpackedPython(python, table["suite"], packages, debian.get("snapshot"))
    except (OSError, tomllib.TOMLDecodeError, KeyError, AttributeError) as error:
        raise CommandError(
            f'{path}: expected a suite and packages in [debian.unpacked."{python}"], found: {error}; restore '
            "it from git"
        ) from error


def _settle(folder: Path, python: str, at: Path) -> None:
    """Put `at` before the paths in the Python's files `_sysconfigdata*.py`, and remove files that are not needed.

    Most removed files are documentation, static libraries, or headers of other packages. A build may add the folder of
    the headers to the search path of this machine's compiler, and there the compiler must not find the headers of
    another libc.
    """
    headers = folder / "usr" / "include"
    kept = headers / f"python{python}"
    (config,) = headers.glob(f"*-linux-gnu*/python{python}/pyconfig.h")
    shutil.copy(config, kept / "pyconfig.h")
    for path in headers.iterdir():
        if path != kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name in ("doc", "locale", "man"):
        shutil.rmtree(folder / "usr" / "share" / name, ignore_errors=True)
    for path in (folder / "usr" / "lib").glob("**/*.a"):
        path.unlink()
    library = folder / "usr" / "lib" / f"python{python}"
    # This link leads out of the folder, to a file for the whole machine.
    (library / "sitecustomize.py").unlink(missing_ok=True)
    for path in library.glob("_sysconfigdata*.py"):
        if not path.is_symlink():
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace("/usr/", f"{at}/usr/"), encoding="utf-8")
