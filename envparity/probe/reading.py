"""Reads files without trusting them: only regular files, and never more bytes than a limit.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import hashlib
import os
import stat

HASHED_AT_MOST = 4 << 30  # bytes; the probe lists a larger file without a hash
METADATA_AT_MOST = 16 << 20  # the most bytes of a metadata file, such as METADATA or RECORD
CHUNK = 16 << 20  # bytes that are read at once
PIECE = 1 << 20  # bytes of one piece of a large file
WHOLE_AT_MOST = 64 << 20  # bytes; a larger file is read in pieces
# O_NONBLOCK, because opening a named pipe must not wait until another process opens the other end.
READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def read(path: str, most: int = METADATA_AT_MOST) -> bytes:
    """Return the bytes of a regular file; raise OSError for any other path, or for more than `most` bytes."""
    handle = os.open(path, READING)
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(0, "not a regular file")
        if found.st_size > most:
            raise OSError(0, f"{found.st_size} bytes are more than {most}")
        return read_open(handle, found.st_size)
    finally:
        os.close(handle)


def read_open(handle: int, size: int) -> bytes:
    """Return `size` bytes from the file descriptor `handle`, or fewer if the file has become shorter."""
    data = os.read(handle, size)
    while len(data) < size:
        more = os.read(handle, size - len(data))
        if not more:
            break
        data += more
    return data


def names_in(folder: str) -> list[str]:
    """Return the names in a folder; an empty list if the folder cannot be read."""
    try:
        return os.listdir(folder)
    except OSError:
        return []


def hash_slowly(path: str) -> hashlib._Hash:
    """Return the SHA-256 of a file, which is read piece by piece because it may not fit into memory.

    Raise OSError if the file cannot be read or has more than HASHED_AT_MOST bytes.
    """
    digest = hashlib.sha256()
    handle = os.open(path, READING)
    try:
        if os.fstat(handle).st_size > HASHED_AT_MOST:
            raise OSError(0, "too large to hash")
        while True:
            data = os.read(handle, PIECE)
            if not data:
                return digest
            digest.update(data)
    finally:
        os.close(handle)


def read_start(path: str) -> bytes:
    """Return the first four bytes of a file; raise OSError if the file cannot be read."""
    handle = os.open(path, READING)
    try:
        return os.read(handle, 4)
    finally:
        os.close(handle)


class Buffer:
    """Memory for one large file after another. Using the same memory again is faster than asking for new memory."""

    def __init__(self) -> None:
        self.memory = bytearray()

    def read(self, handle: int, size: int) -> memoryview | bytes:
        """Return `size` bytes from a file descriptor, or fewer if the file has become shorter.

        The next call writes over these bytes.
        """
        if not hasattr(os, "readv"):
            return read_open(handle, size)
        if len(self.memory) < size:
            self.memory = bytearray(size)
        view = memoryview(self.memory)[:size]
        done = 0
        while done < size:
            more = os.readv(handle, [view[done:]])
            if not more:
                break
            done += more
        return view[:done]


def read_hashed(path: str, size: int, buffer: Buffer | None) -> tuple[hashlib._Hash, bytes | memoryview | None]:
    """Return the SHA-256 of a file of `size` bytes, and its bytes.

    For a file with more than WHOLE_AT_MOST bytes, return None instead of the bytes. With `buffer`, the bytes are in
    this buffer. Raise OSError if the file cannot be read.
    """
    if size > WHOLE_AT_MOST:
        return hash_slowly(path), None
    handle = os.open(path, READING)
    try:
        seen = read_open(handle, size) if buffer is None else buffer.read(handle, size)
    finally:
        os.close(handle)
    return hashlib.sha256(seen), seen
