"""Tests of regions, the parts of an open file, and of the file object that limits what a hostile archive can do."""

import hashlib

import pytest
from archives import region

from envparity.outside.regions import RegionFile
from envparity.outside.spool import Spool


def test_a_region_reads_only_its_own_bytes() -> None:
    with Spool() as spool:
        whole = region(b"0123456789", spool)
        part = whole.part(2, 5)
        assert (part.read(0, 3), part.read(3, 99), part.read(5, 1), part.read(99, 1)) == (b"234", b"56", b"", b"")
        assert b"".join(part.chunks()) == b"23456"
        assert part.sha256() == hashlib.sha256(b"23456").hexdigest()


def test_a_file_over_a_region_reads_and_seeks() -> None:
    with Spool() as spool:
        file = RegionFile(region(bytes(range(200)) * 1000, spool), 1000)
        assert file.read(3) == b"\0\1\2"
        file.seek(150_001)
        assert (file.read(2), file.tell()) == (bytes([1, 2]), 150_003)
        file.seek(1)
        assert file.read(1) == b"\1"


@pytest.mark.parametrize("size", [-1, 1001])
def test_a_read_beyond_the_limit_is_refused(size: int) -> None:
    with Spool() as spool, pytest.raises(ValueError, match=f"a header of {size} bytes"):
        RegionFile(region(b"x" * 5000, spool), 1000).read(size)


def test_reading_at_the_end_again_and_again_is_refused() -> None:
    with Spool() as spool:
        file = RegionFile(region(b"x", spool), 1000)
        assert file.read(5) == b"x"
        assert [file.read(5) for _ in range(7)] == [b""] * 7
        with pytest.raises(ValueError, match="the end inside a header"):
            file.read(5)
        with pytest.raises(ValueError, match="leads to byte -1"):
            file.seek(-1)
