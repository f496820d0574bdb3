"""Tests of how envparity reads whole files and writes results: whole or not at all, and never replacing a device."""

import os
import stat
from pathlib import Path

import pytest

from envparity.errors import EnvparityError
from envparity.files import read_whole, write_whole


def test_a_file_is_written_or_replaced(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    write_whole("--output", str(path), b"one")
    write_whole("--output", str(path), b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    path, behind = tmp_path / "result.json", tmp_path / "behind.json"
    behind.write_bytes(b"old")
    path.symlink_to(behind)
    write_whole("--output", str(path), b"new")
    assert path.is_symlink()
    assert behind.read_bytes() == b"new"


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    # `write_whole` replaces a file by renaming another file. The user root may rename files in /dev, so this would
    # replace the device of `-o /dev/null`. The test uses a pipe in place of a device.
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    write_whole("--output", str(path), b"data")
    assert os.read(reader, 10) == b"data"
    os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system; run on Linux")
def test_a_full_device_is_an_error() -> None:
    with pytest.raises(EnvparityError, match="--output: expected to write /dev/full, found: No space left"):
        write_whole("--output", "/dev/full", b"data")


@pytest.mark.parametrize("name", ["missing/result.json", ".", "a\0b", "x" * 300])
def test_a_file_that_cannot_be_written_gives_a_one_line_error(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EnvparityError, match=r"^--output: expected to write .*, found: .+$"):
        write_whole("--output", name, b"data")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path, tmp_path / "a\0b"):
        with pytest.raises(EnvparityError, match=r"expected a thing, found: .*; look elsewhere"):
            read_whole(path, "a thing", "; look elsewhere")


def test_a_file_has_at_most_the_given_size(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"1234")
    assert read_whole(path, "a thing", most=4) == b"1234"
    with pytest.raises(EnvparityError, match=r"^mine: expected a thing of at most 3 bytes, found more$"):
        read_whole(path, "a thing", name="mine", most=3)
