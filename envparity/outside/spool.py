"""The `Spool` class: a private temporary file for bytes that are in no other file.

Such bytes are the decompressed bytes of a compressed layer, or an archive that comes through a pipe.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable
from typing import Self

from envparity.errors import EnvparityError
from envparity.outside.regions import Region

MOST = 32 << 30  # bytes that one call of `add` may write, because a small compressed file may grow to any size
_SPARE = 512 << 20  # bytes that stay free on the disk


class Spool:
    """A temporary file without a name, so that the system removes it when the process ends, even after a crash.

    The file is in the folder that TMPDIR names. Without TMPDIR, the file is in /var/tmp, because /tmp is in memory on
    many machines. If /var/tmp is not writable, `tempfile` chooses the folder. Raise EnvparityError if no file can be
    made in the folder.
    """

    def __init__(self) -> None:
        named = os.environ.get("TMPDIR")
        self._folder = named or ("/var/tmp" if os.access("/var/tmp", os.W_OK) else tempfile.gettempdir())  # noqa: S108
        try:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - closed by __exit__
        except OSError as error:
            raise self._unusable(error) from error
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, chunks: Iterable[bytes], what: str) -> Region:
        """Write bytes to the end of the file, and return their region.

        `what` names the bytes in errors. Raise EnvparityError if there are more than MOST bytes, or more bytes than the
        disk can hold.
        """
        start, handle = self._end, self._file.fileno()
        for chunk in chunks:
            if self._end - start + len(chunk) > MOST:
                raise EnvparityError(f"{what}: expected at most {MOST >> 30} GiB when decompressed, found more")
            if shutil.disk_usage(self._folder).free < _SPARE:
                raise EnvparityError(
                    f"{what}: expected more than {_SPARE >> 20} MiB of free space in {self._folder}, found less; name "
                    "another folder in TMPDIR"
                )
            try:
                self._write(handle, chunk)
            except OSError as error:
                raise self._unusable(error) from error
        os.ftruncate(handle, self._end)
        return Region(handle, start, self._end - start)

    def _write(self, handle: int, chunk: bytes) -> None:
        if chunk.count(0) == len(chunk):
            self._end += len(chunk)  # a hole in the file
            return
        view = memoryview(chunk)
        while view:
            written = os.pwrite(handle, view, self._end)
            self._end += written
            view = view[written:]

    def _unusable(self, error: OSError) -> EnvparityError:
        found = f"{self._folder}: {error.strerror}"
        return EnvparityError(f"expected a folder for temporary files, found {found}; name another folder in TMPDIR")
