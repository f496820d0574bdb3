"""Tests of the Nix that this project unpacks from Debian's packages into a folder, without installing the packages."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from programs import line_of, put

from dev.doors.offline import nix as module
from dev.doors.offline.nix import made_nix, make_nix, unpack_nix
from dev.lockenv.project import Project, read_project

INDEX = 'if [ "$1" = indextargets ]; then echo "http://mirror/debian|bookworm|Packages"; exit; fi'
# The fake apt-get: it creates a package in the folder that its options name for downloads, and records its arguments.
DOWNLOADS = """
for one in "$@"; do
  case $one in
    Dir::Cache::archives=*) touch "${one#*=}/nix.deb" ;;
    Dir::Etc::sourcelist=*) cat "${one#*=}" >> "$SEEN" ;;
    /*) exit 9 ;;
  esac
done
echo "$@" >> "$SEEN"
"""
UNPACKS = """
mkdir -p "$3/usr/bin" "$3/usr/lib/some-linux" "$3/lib64"
ln -s /nowhere/ld-linux-x86-64.so.2 "$3/lib64/ld-linux-x86-64.so.2"
echo unpatched > "$3/usr/bin/nix"
printf '#!/bin/sh\\necho "$*" >> "$SEEN"\\n' > "$3/usr/lib/some-linux/ld-linux-x86-64.so.2"
chmod +x "$3/usr/lib/some-linux/ld-linux-x86-64.so.2"
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Simulate a Debian with a fake apt-get and a fake dpkg-deb."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("SEEN", str(tmp_path / "seen"))
    put(folder, "apt-get", f"{INDEX}\n{DOWNLOADS}")
    put(folder, "dpkg-deb", UNPACKS)
    return folder


@pytest.mark.usefixtures("programs")
def test_the_packages_are_downloaded_and_unpacked(tmp_path: Path) -> None:
    folder = tmp_path / "a prefix"
    nix = unpack_nix(folder)
    assert nix == folder / "usr" / "bin" / "nix"
    seen = (tmp_path / "seen").read_text()
    assert "] http://mirror/debian trixie main\n" in seen
    update, install, *patched = [line for line in seen.splitlines() if not line.startswith("deb ")]
    assert update.startswith("update -qq -o Dir::Etc::sourcelist=/")
    assert install.startswith("install -y -qq --no-install-recommends --download-only ")
    assert install.endswith(" nix-bin patchelf")
    libraries = folder / "usr" / "lib" / "some-linux"
    assert f"--force-rpath --set-rpath {libraries}:" in patched[0]
    assert f"--set-interpreter {libraries}/ld-linux-x86-64.so.2 {nix}" in patched[1]
    # Every folder in apt's arguments is a temporary folder, and is deleted by now.
    given = [word.partition("=")[2] for word in install.split() if word.startswith("Dir::")]
    assert all(place == "" or place.startswith(os.environ.get("TMPDIR", "/tmp")) for place in given)  # noqa: S108
    assert {Path(place).exists() for place in given if place} == {False}


@pytest.mark.usefixtures("programs")
def test_a_second_call_downloads_nothing(tmp_path: Path) -> None:
    unpack_nix(tmp_path / "prefix")
    before = (tmp_path / "seen").read_text()
    unpack_nix(tmp_path / "prefix")
    assert (tmp_path / "seen").read_text() == before


@pytest.mark.usefixtures("programs")
def test_a_folder_that_was_moved_is_made_again(tmp_path: Path) -> None:
    """The unpacked programs contain the folder's path, because they look there for their libraries."""
    unpack_nix(tmp_path / "prefix")
    (tmp_path / "prefix").rename(tmp_path / "moved")
    before = (tmp_path / "seen").read_text()
    unpack_nix(tmp_path / "moved")
    assert (tmp_path / "seen").read_text() != before


def test_an_interrupted_installation_is_made_again(programs: Path, tmp_path: Path) -> None:
    put(programs, "dpkg-deb", f"{UNPACKS}\ntouch $3/half\necho 'no space left' >&2; exit 2")
    assert line_of(lambda: unpack_nix(tmp_path / "prefix")) == (
        "making Nix of Debian's packages: unpacking nix.deb: dpkg-deb ended with status 2: no space left"
    )
    put(programs, "dpkg-deb", UNPACKS)
    unpack_nix(tmp_path / "prefix")
    assert not (tmp_path / "prefix" / "half").exists()


def test_without_a_network_the_error_is_one_line(programs: Path, tmp_path: Path) -> None:
    put(programs, "apt-get", f"{INDEX}\necho 'E: Temporary failure resolving' >&2; exit 100")
    assert line_of(lambda: unpack_nix(tmp_path / "prefix")) == (
        "making Nix of Debian's packages: expected apt-get update to succeed, found: E: Temporary failure resolving"
    )


def test_packages_without_a_loader_are_an_error(programs: Path, tmp_path: Path) -> None:
    put(programs, "dpkg-deb", 'mkdir -p "$3/usr/bin"')
    said = line_of(lambda: unpack_nix(tmp_path / "prefix"))
    assert said.endswith(f"expected libc's loader in {tmp_path}/prefix, found none")


@pytest.fixture
def host(project: Project, tmp_path: Path) -> Project:
    """Return the project with a separate cache folder for the test."""
    return read_project(project.root, tmp_path / "home")


@pytest.fixture
def wrapped(host: Project, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a fake Nix that prints its arguments; return the path of the script that starts Nix with its settings."""

    def unpack(folder: Path) -> Path:
        return put(folder / "usr" / "bin", "nix", 'printf "%s\\n" "$NIX_STORE_DIR" "$@"')

    monkeypatch.setattr(module, "unpack_nix", unpack)
    monkeypatch.setattr(module, "write_standin", lambda _project, folder: folder.mkdir(exist_ok=True))
    make_nix(host, host.cache / "nix")
    return made_nix(host.cache / "nix")


@pytest.mark.parametrize(
    ("arguments", "at"),
    [
        ("develop .#v0_8 --command python -I -S -", 1),
        ("develop --command nix flake check", 1),
        ("-L build", 2),
        ("flake check --all-systems", 2),
        ("flake show", 2),
        ("run .#ping -- run", 1),
        ("fmt flake.nix", 1),
        ("flake lock --no-update-lock-file", None),
        ("flake metadata", None),
        ("store gc", None),
        ("--version", None),
    ],
)
def test_the_stand_in_is_passed_to_commands_that_evaluate(wrapped: Path, arguments: str, at: int | None) -> None:
    words = arguments.split()
    prefix = wrapped.parent.parent
    done = subprocess.run([wrapped, *words], env={}, capture_output=True, text=True, check=True)
    store, *given = done.stdout.splitlines()
    assert store == str(prefix / "store")
    if at is not None:
        words[at:at] = ["--override-input", "nixpkgs", f"path:{prefix}/standin"]
    assert given == words


@pytest.mark.parametrize("name", ["a folder", "it's", "a%20b", "größe"])
def test_a_checkout_whose_path_has_blanks_or_signs_is_an_error(host: Project, tmp_path: Path, name: str) -> None:
    """The builds of Nix use paths below this folder in shell commands, without quotes."""
    prefix = tmp_path / name / "nix"
    said = line_of(lambda: make_nix(host, prefix))
    assert said.startswith(f"{prefix}: expected only letters, digits and . _ / + - in the path, ")
    assert "; move the checkout, or install" in said
    assert not prefix.exists()


def test_an_intact_installation_is_kept_and_a_broken_one_is_repaired(wrapped: Path, host: Project) -> None:
    before = wrapped.stat().st_mtime_ns
    make_nix(host, host.cache / "nix")
    assert wrapped.stat().st_mtime_ns == before
    shutil.rmtree(wrapped.parent)
    make_nix(host, host.cache / "nix")
    assert os.access(wrapped, os.X_OK)
