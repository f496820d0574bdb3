"""Tests of the temporary file without a name."""

import os
from pathlib import Path

import pytest

from envparity.errors import EnvparityError
from envparity.outside import spool as spool_module
from envparity.outside.spool import Spool


def test_each_part_keeps_its_bytes_and_zeros_take_no_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with Spool() as spool:
        first = spool.add([b"one", bytes(1 << 20)] + [bytes(1 << 20)] * 40, "test")
        second = spool.add([b"two"], "test")
        assert (first.read(0, 4), first.size, second.read(0, 9)) == (b"one\0", 3 + (41 << 20), b"two")
        assert list(tmp_path.iterdir()) == []
        assert os.fstat(first.handle).st_blocks * 512 < 4 << 20


def test_too_many_bytes_or_a_full_disk_are_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "MOST", 10)
    with Spool() as spool, pytest.raises(EnvparityError, match=r"^layer 1: expected at most 0 GiB"):
        spool.add([b"12345678901"], "layer 1")
    monkeypatch.setattr(spool_module, "_SPARE", 1 << 62)
    with (
        Spool() as spool,
        pytest.raises(EnvparityError, match=r"MiB of free space in .*; name another folder in TMPDIR"),
    ):
        spool.add([b"1"], "layer 1")
