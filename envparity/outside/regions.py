"""The `Region` class: a part of an open file, for example one layer inside an image archive."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

CHUNK = 1 << 20  # bytes that are read at once
_AHEAD = 1 << 16  # bytes that a RegionFile reads at once, because most headers follow one another closely


@dataclass(frozen=True)
class Region:
    """The bytes of the open file `handle` from `start` on; `size` is their number."""

    handle: int
    start: int
    size: int

    def read(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset` on, or fewer at the end of the region or of a shortened file."""
        left = min(size, self.size - offset)
        found = os.pread(self.handle, left, self.start + offset) if left > 0 else b""
        if len(found) < left:
            while more := os.pread(self.handle, left - len(found), self.start + offset + len(found)):
                found += more
        return found

    def read_into(self, buffer: memoryview, offset: int) -> int:
        """Fill `buffer` with the region's bytes from `offset` on, and return how many bytes these are; 0 at the end."""
        left = min(len(buffer), self.size - offset)
        return os.preadv(self.handle, [buffer[:left]], self.start + offset) if left > 0 else 0

    def part(self, offset: int, size: int) -> "Region":
        """Return the region of `size` bytes from `offset` on. The caller checks that they are in this region."""
        return Region(self.handle, self.start + offset, size)

    def chunks(self) -> Iterator[bytes]:
        """Yield all bytes, in pieces of at most CHUNK bytes."""
        offset = 0
        while chunk := self.read(offset, CHUNK):
            yield chunk
            offset += len(chunk)

    def sha256(self) -> str:
        """Return the SHA-256 of all bytes, in hex."""
        digest = hashlib.sha256()
        buffer, offset = memoryview(bytearray(min(CHUNK, self.size))), 0  # one buffer, because new memory takes time
        while size := self.read_into(buffer, offset):
            digest.update(buffer[:size])
            offset += size
        return digest.hexdigest()


def whole(handle: int) -> Region:
    """Return the region of all bytes of an open file."""
    return Region(handle, 0, os.fstat(handle).st_size)


class RegionFile:
    """A file object over a region, for `tarfile`, with limits against hostile archives.

    A header may claim any size. So `read` raises ValueError if tarfile asks for more than `most` bytes at once, or if
    it asks more than eight times for bytes after the end of the region.
    """

    def __init__(self, region: Region, most: int) -> None:
        self._region = region
        self._most = most
        self._offset = 0
        self._ahead = b""
        self._begins = 0  # the offset of `_ahead`
        self._ends = 0  # how often `read` was called at the end of the region

    def read(self, size: int) -> bytes:
        """Return `size` bytes from the current position on; raise ValueError if a limit is reached."""
        if not 0 <= size <= self._most:
            raise ValueError(f"a header of {size} bytes")
        at = self._offset - self._begins
        if not 0 <= at <= len(self._ahead) - size:
            self._ahead, self._begins, at = self._region.read(self._offset, max(size, _AHEAD)), self._offset, 0
        found = self._ahead[at : at + size]
        self._offset += len(found)
        if len(found) < size:
            self._ends += 1
            if self._ends > 8:
                raise ValueError("the end inside a header")
        return found

    def seek(self, offset: int) -> None:
        """Set the current position; raise ValueError for a position before the start."""
        if offset < 0:
            raise ValueError(f"a header that leads to byte {offset}")
        self._offset = offset

    def tell(self) -> int:
        """Return the current position, in bytes from the start of the region."""
        return self._offset
