"""A process group that ends when this process ends, for any reason."""

import subprocess
from types import TracebackType


class Keeper:
    """A process group that ends when `close` is called, or when this process ends, even by SIGKILL.

    The leader of the group is a shell that reads from a pipe. Only this process can write to the pipe, so the shell
    sees the end of the pipe when this process ends, and then kills the group. Ctrl-C on the terminal reaches this
    process and not the group. So a test does not count as failed because of Ctrl-C.
    """

    def __init__(self, finally_run: str = "") -> None:
        """Start the group. At its end, its shell runs the command `finally_run`, and then kills the whole group."""
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
        """Run the final command and kill every process of the group."""
        assert self._shell.stdin is not None  # noqa: S101 - it is a pipe
        self._shell.stdin.close()
        self._shell.wait()

    def __enter__(self) -> "Keeper":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
