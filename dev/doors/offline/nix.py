"""Make a stand-in for an installed Nix: Debian's Nix, unpacked into a folder.

The packages of this machine stay unchanged.
"""

import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.command.errors import CommandError
from dev.doors.offline.nixpkgs import write_standin
from dev.lockenv.command import run
from dev.lockenv.debian import apt, source_of
from dev.lockenv.environments import one_at_a_time
from dev.lockenv.project import Project

SUITE = "trixie"  # Debian 12's own Nix is too old
# The name of a file that `unpack_nix` writes last. If this file is missing after an interruption, `unpack_nix` starts
# again. The file contains its folder's path, because the programs contain this path and do not work after a move.
_STAMP = "complete"
_PLAIN = re.compile(r"[A-Za-z0-9._/+-]+")
_WRAPPER = Path(__file__).with_name("wrapper")


def made_nix(prefix: Path) -> Path:
    """Return the path of the program that `make_nix` makes in the folder `prefix`. The file need not exist yet."""
    return prefix / "bin" / "nix"


def make_nix(project: Project, prefix: Path) -> None:
    """Make a Nix in the folder `prefix`, with a stand-in for nixpkgs. Files that are up to date stay unchanged.

    Raises CommandError if `prefix` holds characters that Nix does not accept, or if a step fails.
    """
    if not _PLAIN.fullmatch(str(prefix)):
        raise CommandError(
            f"{prefix}: expected only letters, digits and . _ / + - in the path, because Nix keeps its store there, "
            "found others; move the checkout, or install Nix 2.18 or later"
        )
    made = made_nix(prefix)
    text = _WRAPPER.read_text(encoding="utf-8").replace("@PREFIX@", str(prefix))
    with one_at_a_time(project):
        unpack_nix(prefix / "debian")
        write_standin(project, prefix / "standin")
        if not made.exists() or made.read_text(encoding="utf-8") != text:
            made.parent.mkdir(exist_ok=True)
            made.write_text(text, encoding="utf-8")
            made.chmod(0o755)


def unpack_nix(folder: Path, suite: str = SUITE) -> Path:
    """Return the path of the program `nix` in `folder`. If it is missing, first unpack Nix and its libraries there.

    They come from the Debian release `suite`. Raises CommandError if a download or a step of the unpacking fails.
    """
    nix = folder / "usr" / "bin" / "nix"
    stamp = folder / _STAMP
    if stamp.exists() and stamp.read_text(encoding="utf-8") == f"{suite} {folder}\n":
        return nix
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        with TemporaryDirectory() as temporary:
            for package in _download(Path(temporary), suite):
                run(["dpkg-deb", "-x", package, folder], purpose=f"unpacking {package.name}")
        _settle(folder, nix)
    except CommandError as error:
        raise CommandError(f"making Nix of Debian's packages: {error}") from error
    stamp.write_text(f"{suite} {folder}\n", encoding="utf-8")
    return nix


def _download(folder: Path, suite: str) -> list[Path]:
    """Download Nix and all its dependencies, including libc; return the paths of the packages.

    apt sees an empty list of installed packages, so that it downloads the dependencies that this machine has already.
    """
    (folder / "lists" / "partial").mkdir(parents=True)
    (folder / "archives" / "partial").mkdir(parents=True)
    (folder / "none").mkdir()
    (folder / "status").touch()
    (folder / "sources").write_text(source_of(suite), encoding="utf-8")
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
        "APT::Sandbox::User": "",  # apt must not change to the user `_apt`, who may not read the folder
    }
    options = [word for name, value in files.items() for word in ("-o", f"{name}={value}")]
    apt("update", "-qq", *options)
    apt("install", "-y", "-qq", "--no-install-recommends", "--download-only", *options, "nix-bin", "patchelf")
    return sorted((folder / "archives").glob("*.deb"))


def _settle(folder: Path, nix: Path) -> None:
    """Change the program `nix` so that it uses the libc and libraries in `folder`, and not those of this machine."""
    # Skip symbolic links: a link to the loader would lead out of the folder.
    loader = next((path for path in folder.glob("**/ld-linux-*.so.*") if not path.is_symlink()), None)
    if loader is None:
        raise CommandError(f"making Nix of Debian's packages: expected libc's loader in {folder}, found none")
    libraries = f"{loader.parent}:{folder / 'usr' / 'lib' / loader.parent.name}"
    patchelf: list[str | Path] = [loader, "--library-path", libraries, folder / "usr" / "bin" / "patchelf"]
    run([*patchelf, "--set-interpreter", loader, "--force-rpath", "--set-rpath", libraries, nix], purpose="patchelf")
