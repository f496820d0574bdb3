"""Processes that do not outlive this one, however it ends."""

import subprocess
from types import TracebackType


class Keeper:
    """A process group that ends when it is closed, or when this process is gone, SIGKILL included.

    A shell leads it and reads a pipe whose other end is ours alone: the pipe's end is ours. Ctrl-C on the terminal does
    not reach the group, so that what is running is ended by us and not taken for a failure.
    """

    def __init__(self, finally_run: str = "") -> None:
        """`finally_run`: a shell command on the way out, before the processes are ended."""
        script = f"trap '' HUP INT TERM; read -r _; {finally_run or ':'}; kill -9 0"
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )
        self.group = self._shell.pid

    def close(self) -> None:
        """End every process of the group."""
        assert self._shell.stdin is not None  # noqa: S101 - it is a pipe
        self._shell.stdin.close()
        self._shell.wait()

    def __enter__(self) -> "Keeper":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
