"""Tests of decompression: every format, several parts in a row, damage, and files that grow without end."""

import bz2
import gzip
import lzma
import os
from collections.abc import Callable

import pytest
from archives import region

from envparity.errors import EnvparityError
from envparity.outside import compression, spool
from envparity.outside.compression import decompressed
from envparity.outside.spool import Spool


def zstd(data: bytes) -> bytes:
    module = compression._zstd_module()
    if module is None:
        pytest.skip("zstd needs Python 3.14 or backports.zstd; install backports.zstd")
    made: bytes = module.compress(data)
    return made


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd,
}
DATA = os.urandom(3 << 20) + bytes(5 << 20) + b"end"


@pytest.mark.parametrize("name", COMPRESS)
def test_every_format_gives_the_bytes_back(name: str) -> None:
    packed = COMPRESS[name](DATA)
    with Spool() as spool:
        found = decompressed(region(packed, spool), spool, "test")
        assert found.size == len(DATA)
        assert b"".join(found.chunks()) == DATA


@pytest.mark.parametrize("name", COMPRESS)
def test_several_compressed_files_in_a_row_are_one_file(name: str) -> None:
    packed = COMPRESS[name](b"one ") + COMPRESS[name](b"") + COMPRESS[name](b"two")
    with Spool() as spool:
        assert b"".join(decompressed(region(packed, spool), spool, "test").chunks()) == b"one two"


@pytest.mark.parametrize("first", [True, False])
def test_a_frame_that_zstd_skips_may_be_anywhere(first: bool) -> None:
    skipped = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"more"
    packed = skipped + zstd(b"text") if first else zstd(b"text") + skipped
    with Spool() as spool:
        assert b"".join(decompressed(region(packed, spool), spool, "test").chunks()) == b"text"


def test_zeros_after_a_gzip_file_are_padding() -> None:
    with Spool() as spool:
        packed = region(gzip.compress(b"text") + bytes(3 << 20), spool)
        assert b"".join(decompressed(packed, spool, "test").chunks()) == b"text"


def test_uncompressed_bytes_stay_where_they_are() -> None:
    with Spool() as spool:
        plain = region(b"plain", spool)
        assert decompressed(plain, spool, "test") is plain


@pytest.mark.parametrize("name", COMPRESS)
@pytest.mark.parametrize("damage", ["end", "middle", "garbage"])
def test_damaged_bytes_are_one_clear_error(name: str, damage: str) -> None:
    packed = bytearray(COMPRESS[name](os.urandom(5000)))
    if damage == "end":
        del packed[-9:]
    elif damage == "middle":
        packed[len(packed) // 2 :] = os.urandom(40)
    else:
        packed += b"garbage"
    with Spool() as spool, pytest.raises(EnvparityError, match=f"^test: {name}: expected compressed bytes that are wh"):
        decompressed(region(bytes(packed), spool), spool, "test")


def test_a_file_that_grows_too_large_is_one_clear_error_and_takes_no_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MOST", 64 << 20)
    with Spool() as made:
        packed = region(gzip.compress(bytes(65 << 20)), made)
        with pytest.raises(EnvparityError, match=r"^test: expected at most 0 GiB when decompressed, found more"):
            decompressed(packed, made, "test")
        assert os.fstat(packed.handle).st_blocks * 512 < 4 << 20


def test_without_a_module_for_zstd_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(compression, "import_module", missing)
    with Spool() as made, pytest.raises(EnvparityError, match=r"install envparity\[zstd\]"):
        decompressed(region(b"\x28\xb5\x2f\xfd rest", made), made, "test")
