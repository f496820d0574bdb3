"""Nix of Debian's packages, unpacked into a prefix: the host's own packages stay as they are."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.command.errors import CommandError
from dev.lockenv.command import run
from dev.lockenv.debian import apt, source_of

SUITE = "trixie"  # Debian 12's own Nix is too old
_STAMP = "complete"  # written last: what was interrupted is made anew; it names the folder, for programs know theirs


def unpack_nix(folder: Path, suite: str = SUITE) -> Path:
    """The program `nix` in `folder`, unpacked there with every library that it needs, unless it is there already."""
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
    """Nix and all that it stands on, down to libc, as if nothing were installed."""
    (folder / "lists" / "partial").mkdir(parents=True)
    (folder / "archives" / "partial").mkdir(parents=True)
    (folder / "none").mkdir()
    (folder / "status").touch()
    (folder / "sources").write_text(source_of(suite), encoding="utf-8")
    places = {
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
        "APT::Sandbox::User": "",  # the folder is ours alone
    }
    options = [word for name, value in places.items() for word in ("-o", f"{name}={value}")]
    apt("update", "-qq", *options)
    apt("install", "-y", "-qq", "--no-install-recommends", "--download-only", *options, "nix-bin", "patchelf")
    return sorted((folder / "archives").glob("*.deb"))


def _settle(folder: Path, nix: Path) -> None:
    """Make the program find the libc and the libraries that it was unpacked with."""
    # A link to it would lead out of the folder.
    loader = next((path for path in folder.glob("**/ld-linux-*.so.*") if not path.is_symlink()), None)
    if loader is None:
        raise CommandError(f"making Nix of Debian's packages: expected libc's loader in {folder}, found none")
    libraries = f"{loader.parent}:{folder / 'usr' / 'lib' / loader.parent.name}"
    patchelf: list[str | Path] = [loader, "--library-path", libraries, folder / "usr" / "bin" / "patchelf"]
    run([*patchelf, "--set-interpreter", loader, "--force-rpath", "--set-rpath", libraries, nix], purpose="patchelf")
