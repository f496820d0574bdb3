"""Does a part of the work in a second process, to use a second processor.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import marshal
import os

from envparity.probe.reading import CHUNK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable


class Forked:
    """A copy of this process that calls `work` and sends the result, which marshal must support, through a pipe."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.reading, writing = os.pipe()
        self.process = os.fork()
        if self.process:
            os.close(writing)
            return
        status = 1
        try:
            os.close(self.reading)
            rest = memoryview(marshal.dumps(work()))
            while rest:
                rest = rest[os.write(writing, rest) :]
            status = 0
        finally:
            os._exit(status)  # only the first process may flush its files and clean up

    def result(self) -> Any:
        """Wait for the process, and return the result of `work`; return None if the process failed."""
        chunks = []
        while True:
            chunk = os.read(self.reading, CHUNK)
            if not chunk:
                break
            chunks.append(chunk)
        os.close(self.reading)
        if os.waitpid(self.process, 0)[1] != 0:
            return None
        return marshal.loads(b"".join(chunks))  # noqa: S302 - our own process wrote it


def can_fork() -> bool:
    """Return whether this machine has a second processor and can copy a process."""
    return hasattr(os, "fork") and (os.cpu_count() or 1) > 1
