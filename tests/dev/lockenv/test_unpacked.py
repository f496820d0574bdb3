"""Tests of the packages of another Debian release that are unpacked into a folder; test_nix.py has more of them."""

from pathlib import Path

import pytest
from programs import line_of, put

from dev.lockenv import unpacked
from dev.lockenv.unpacked import is_unpacked, unpack

INDEX = 'if [ "$1" = indextargets ]; then echo "http://mirror/debian|bookworm|Packages"; exit; fi'
# The fake apt-get: only the archive has the wanted version. It records the sources that it reads.
APT = """
for one in "$@"; do
  case $one in
    Dir::Etc::sourcelist=*) source=$(cat "${one#*=}"); echo "$source" >> "$SEEN" ;;
    Dir::Cache::archives=*) folder=${one#*=} ;;
  esac
done
[ "$1" = install ] || exit 0
missing="E: Version '1' for 'tool' was not found"
case $source in *//archive*) touch "$folder/tool.deb" ;; *) echo "$missing" >&2; exit 100 ;; esac
"""
UNPACKS = """
mkdir -p "$3/usr/bin" "$3/usr/lib/some-linux"
printf "elf \\004\\0\\0\\0\\024\\0\\0\\0\\003\\0\\0\\0GNU\\0the ID of 20 digits! the rest" > "$3/usr/bin/tool"
printf '#!/bin/sh\\necho "$*" >> "$SEEN"\\n' > "$3/usr/lib/some-linux/ld-linux-x86-64.so.2"
chmod +x "$3/usr/lib/some-linux/ld-linux-x86-64.so.2"
"""


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Simulate a Debian whose mirror has dropped a version; return the file of what its programs were asked."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("SEEN", str(tmp_path / "seen"))
    put(folder, "apt-get", f"{INDEX}\n{APT}")
    put(folder, "dpkg-deb", UNPACKS)
    archive = {"http://mirror/debian": "http://archive/debian/20200101T000000Z"}
    monkeypatch.setattr(unpacked, "dated_archives", lambda: archive)
    return tmp_path / "seen"


def test_a_version_that_the_mirror_dropped_comes_from_the_dated_archive(seen: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    unpack(folder, "trixie", ["tool=1"], ["usr/bin/tool"], instant="20261128T150000Z")
    assert "] http://archive/debian/20261128T150000Z trixie main\n" in seen.read_text()
    assert is_unpacked(folder, "trixie", ["tool=1"])
    assert not is_unpacked(folder, "trixie", ["tool=2"])
    assert not is_unpacked(folder, "forky", ["tool=1"])


def test_without_an_instant_only_the_mirror_is_asked(seen: Path, tmp_path: Path) -> None:
    said = line_of(lambda: unpack(tmp_path / "folder", "trixie", ["tool=1"], ["usr/bin/tool"]))
    assert said == "expected apt-get install to succeed, found: E: Version '1' for 'tool' was not found"
    assert "//archive" not in seen.read_text()


def test_a_program_can_run_at_another_path(seen: Path, tmp_path: Path) -> None:
    unpack(tmp_path / "here", "trixie", ["tool"], ["usr/bin/tool"], at=Path("/there"), instant="20261128T150000Z")
    said = seen.read_text()
    assert "--force-rpath --set-rpath /there/usr/lib/some-linux:/there/usr/lib/some-linux " in said
    assert f"--set-interpreter /there/usr/lib/some-linux/ld-linux-x86-64.so.2 {tmp_path}/here/usr/bin/tool" in said


def test_a_changed_program_has_another_build_id(seen: Path, tmp_path: Path) -> None:
    """Two doors with the same build ID promise the same bytes."""
    unpack(tmp_path / "here", "trixie", ["tool"], ["usr/bin/tool"], instant="20261128T150000Z")
    assert seen.exists()
    content = (tmp_path / "here" / "usr" / "bin" / "tool").read_bytes()
    head, _, rest = content.partition(b"GNU\0")
    assert head == b"elf \x04\0\0\0\x14\0\0\0\x03\0\0\0"
    assert b"the ID" not in rest
    assert len(rest) == len(b"the ID of 20 digits! the rest")
    assert rest.endswith(b" the rest")
