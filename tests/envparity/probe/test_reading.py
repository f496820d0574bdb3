"""Tests of reading files into memory that one file after another uses.

The probe is the program that prints a snapshot. It reads only regular files, and never more bytes than a limit.
"""

import hashlib
import os
from pathlib import Path

import pytest

from envparity.probe import reading
from envparity.probe.reading import READING, Buffer, read_hashed


def test_a_buffer_has_only_the_bytes_of_the_last_file(tmp_path: Path) -> None:
    buffer, path = Buffer(), tmp_path / "file"
    for data in (b"long text", b"short", b"", os.urandom(300_000), b"x"):
        path.write_bytes(data)
        handle = os.open(path, READING)
        assert bytes(buffer.read(handle, len(data))) == data
        assert bytes(buffer.read(handle, 10)) == b"", "the end"
        os.close(handle)


def test_a_file_that_has_become_shorter_gives_fewer_bytes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    digest, seen = read_hashed(str(path), 100, Buffer())
    assert seen is not None
    assert (bytes(seen), digest.hexdigest()) == (b"abc", hashlib.sha256(b"abc").hexdigest())


@pytest.mark.parametrize("buffer", [None, Buffer()])
def test_a_large_file_is_hashed_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, buffer: Buffer | None
) -> None:
    path, data = tmp_path / "file", os.urandom(5000)
    path.write_bytes(data)
    monkeypatch.setattr(reading, "WHOLE_AT_MOST", 4999)
    monkeypatch.setattr(reading, "PIECE", 700)
    digest, seen = read_hashed(str(path), len(data), buffer)
    assert (digest.digest(), seen) == (hashlib.sha256(data).digest(), None)
