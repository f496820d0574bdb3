"""Decompresses the parts of an image that are compressed with gzip, zstd, bzip2 or xz."""

import bz2
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from types import ModuleType
from typing import Protocol

from envparity.errors import EnvparityError
from envparity.outside.regions import CHUNK, Region
from envparity.outside.spool import Spool

_XZ_MEMORY = 256 << 20  # bytes that the decompressor of xz may use
# A layer of files usually grows to about 3 times its compressed size. A layer that grows more than 200 times has almost
# only zeros.
_GROWTH_AT_MOST = 200
_FREE = 6 << 30  # bytes to which any compressed file may grow


class _Decompressor(Protocol):
    """The common methods of the decompressors of bz2, lzma and zstd."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """The decompressor of gzip, with the methods of the other decompressors."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._full = False  # whether the last call returned `max_length` bytes

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._full and not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        found = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self._full = len(found) == max_length
        return found


def _zstd_module() -> ModuleType | None:
    for name in ("compression.zstd", "backports.zstd"):  # Python 3.14 has the first module
        try:
            return import_module(name)
        except ImportError:
            continue
    return None


def _zstd() -> _Decompressor:
    module = _zstd_module()
    if module is None:
        raise EnvparityError(
            "zstd: expected Python 3.14 or the package backports.zstd, found neither; install envparity[zstd]"
        )
    made: _Decompressor = module.ZstdDecompressor()
    return made


def _xz() -> _Decompressor:
    return lzma.LZMADecompressor(memlimit=_XZ_MEMORY)


_FORMATS: tuple[tuple[bytes, str, Callable[[], _Decompressor]], ...] = (
    (b"\x1f\x8b", "gzip", _Gzip),
    (b"\x28\xb5\x2f\xfd", "zstd", _zstd),
    (b"BZh", "bzip2", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\0", "xz", _xz),
)


# A zstd file may begin with a part that has no compressed data (a skippable frame). Some programs write a table there.
_SKIPPED = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")


def _format(start: bytes) -> tuple[str, Callable[[], _Decompressor]] | None:
    """Return the name of a file's compression, and a function that makes its decompressor; None without compression.

    `start` has the first bytes of the file.
    """
    if _SKIPPED.match(start):
        return "zstd", _zstd
    return next(((name, make) for magic, name, make in _FORMATS if start.startswith(magic)), None)


def decompressed(region: Region, spool: Spool, what: str) -> Region:
    """Return a region with the decompressed bytes: a new region in `spool`, or `region` itself without compression.

    `what` names the region in errors. Raise EnvparityError if the compressed bytes are damaged, if the decompressed
    bytes exceed a limit, or if this Python has no module for zstd.
    """
    found = _format(region.read(0, 6))
    if found is None:
        return region
    name, make = found
    return spool.add(_limited(_pieces(region, make, f"{what}: {name}"), region.size, what), what)


def _limited(pieces: Iterator[bytes], packed: int, what: str) -> Iterator[bytes]:
    """Yield the pieces of a decompressed file that had `packed` compressed bytes.

    Raise EnvparityError if the pieces have more than _FREE bytes and also more than _GROWTH_AT_MOST times `packed`.
    """
    most, found = max(_FREE, packed * _GROWTH_AT_MOST), 0
    for piece in pieces:
        found += len(piece)
        if found > most:
            raise EnvparityError(
                f"{what}: expected at most {_GROWTH_AT_MOST} times its {packed:,} compressed bytes, found more than "
                f"{most >> 30} GiB"
            )
        yield piece


def _pieces(region: Region, make: Callable[[], _Decompressor], what: str) -> Iterator[bytes]:
    """Yield the decompressed bytes in pieces of at most CHUNK bytes.

    Raise EnvparityError if the compressed bytes are damaged.
    """
    try:
        yield from _each(region, make)
    except EnvparityError:
        raise
    except (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError, MemoryError) as error:
        raise EnvparityError(f"{what}: expected compressed bytes that are whole, found: {error}") from error
    except Exception as error:
        if type(error).__name__ != "ZstdError":
            raise
        raise EnvparityError(f"{what}: expected compressed bytes that are whole, found: {error}") from error


def _each(region: Region, make: Callable[[], _Decompressor]) -> Iterator[bytes]:
    """Yield the decompressed bytes. The region may have several compressed files, one directly after the other."""
    inner = make()
    for chunk in region.chunks():
        data = chunk
        while True:
            if inner.eof:
                data = data.lstrip(b"\0")  # gzip allows padding at the end
                if not data:
                    break
                inner = make()
            if piece := inner.decompress(data, CHUNK):
                yield piece
            data = inner.unused_data if inner.eof else b""
            if not inner.eof and inner.needs_input:
                break
    if not inner.eof:
        raise EOFError("the end too early")
