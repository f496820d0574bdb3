"""Nix out of Debian's packages: what is downloaded, where it is put, what becomes of an interruption."""

import os
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.doors.offline.nix import unpack_nix

INDEX = 'if [ "$1" = indextargets ]; then echo "http://mirror/debian|bookworm|Packages"; exit; fi'
# Puts a package where apt was told to.
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
    """A Debian whose apt-get and dpkg-deb are ours."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("SEEN", str(tmp_path / "seen"))
    put(folder, "apt-get", f"{INDEX}\n{DOWNLOADS}")
    put(folder, "dpkg-deb", UNPACKS)
    return folder


def put(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


@pytest.mark.usefixtures("programs")
def test_what_is_downloaded_and_settled(tmp_path: Path) -> None:
    folder = tmp_path / "a prefix"
    nix = unpack_nix(folder)
    assert nix == folder / "usr" / "bin" / "nix"
    seen = (tmp_path / "seen").read_text()
    assert "] http://mirror/debian trixie main\n" in seen
    update, install, patched = [line for line in seen.splitlines() if not line.startswith("deb ")]
    assert update.startswith("update -qq -o Dir::Etc::sourcelist=/")
    assert install.startswith("install -y -qq --no-install-recommends --download-only ")
    assert install.endswith(" nix-bin patchelf")
    libraries = folder / "usr" / "lib" / "some-linux"
    assert f"--set-interpreter {libraries}/ld-linux-x86-64.so.2 --force-rpath --set-rpath {libraries}:" in patched
    # No place that apt was told of is the host's.
    places = [word.partition("=")[2] for word in install.split() if word.startswith("Dir::")]
    assert all(place == "" or place.startswith(os.environ.get("TMPDIR", "/tmp")) for place in places)  # noqa: S108
    assert {Path(place).exists() for place in places if place} == {False}


@pytest.mark.usefixtures("programs")
def test_once_is_enough(tmp_path: Path) -> None:
    unpack_nix(tmp_path / "prefix")
    before = (tmp_path / "seen").read_text()
    unpack_nix(tmp_path / "prefix")
    assert (tmp_path / "seen").read_text() == before


@pytest.mark.usefixtures("programs")
def test_a_folder_that_was_moved_is_made_anew(tmp_path: Path) -> None:
    """Its programs know their libraries by its name."""
    unpack_nix(tmp_path / "prefix")
    (tmp_path / "prefix").rename(tmp_path / "moved")
    before = (tmp_path / "seen").read_text()
    unpack_nix(tmp_path / "moved")
    assert (tmp_path / "seen").read_text() != before


def test_what_was_interrupted_is_made_anew(programs: Path, tmp_path: Path) -> None:
    put(programs, "dpkg-deb", f"{UNPACKS}\ntouch $3/half\necho 'no space left' >&2; exit 2")
    with pytest.raises(CommandError) as caught:
        unpack_nix(tmp_path / "prefix")
    assert str(caught.value) == (
        "making Nix of Debian's packages: unpacking nix.deb: dpkg-deb ended with status 2: no space left"
    )
    put(programs, "dpkg-deb", UNPACKS)
    unpack_nix(tmp_path / "prefix")
    assert not (tmp_path / "prefix" / "half").exists()


def test_without_network(programs: Path, tmp_path: Path) -> None:
    put(programs, "apt-get", f"{INDEX}\necho 'E: Temporary failure resolving' >&2; exit 100")
    with pytest.raises(CommandError) as caught:
        unpack_nix(tmp_path / "prefix")
    assert str(caught.value) == (
        "making Nix of Debian's packages: expected apt-get update to succeed, found: E: Temporary failure resolving"
    )


def test_packages_without_a_loader(programs: Path, tmp_path: Path) -> None:
    put(programs, "dpkg-deb", 'mkdir -p "$3/usr/bin"')
    with pytest.raises(CommandError, match=r"expected libc's loader in .*prefix, found none"):
        unpack_nix(tmp_path / "prefix")
