"""Starts roles quickly: each is a fork of a process that has imported libp2p's dependencies (`role_server.py`).

A role is a process that runs one side of a ping test, the dialer or the listener.
"""

import atexit
import functools
import json
import os
import select
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_SERVER = Path(__file__).with_name("role_server.py")


class ForkedRole(subprocess.Popen[str]):
    """A Popen whose process is a fork of a role server. This class overrides three methods of Python 3.11's Popen."""

    def __init__(
        self,
        python: Path,
        words: Sequence[str | Path],
        environment: Mapping[str, str],
        *,
        stderr: int,
        pass_fds: Sequence[int] = (),
        namespace: str | None = None,
    ) -> None:
        """Run `words`, a Python program and its arguments, with `python`, a Python that has libp2p.

        `namespace` is the path of a network namespace; None means the present namespace. `stderr` and `pass_fds`
        mean the same as for Popen.
        """
        self._server = _server(python)
        self._namespace = namespace
        super().__init__(
            list(map(str, words)),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            pass_fds=pass_fds,
        )

    def _execute_child(self, args: Sequence[str], *others: Any) -> None:
        _executable, _preexec, _close, pass_fds, _cwd, environment = others[:6]
        stdin, _, _, stdout, _, stderr = others[9:15]
        asked = {
            "words": args,
            "environment": dict(environment),
            "descriptors": [0, 1, 2, *pass_fds],
            "namespace": self._namespace,
            "priority": os.getpriority(os.PRIO_PROCESS, 0),
        }
        self._status, write_end = os.pipe()
        try:
            socket.send_fds(self._server, [json.dumps(asked).encode()], [write_end, stdin, stdout, stderr, *pass_fds])
        finally:
            os.close(write_end)
            self._close_pipe_fds(*others[9:15])  # type: ignore[attr-defined]
        told = os.read(self._status, 4)
        assert told, "the role server ended"
        self.pid = int.from_bytes(told, "little")
        self._child_created = True

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        if not select.select([self._status], [], [], 0 if wait_flags & os.WNOHANG else None)[0]:
            return 0, 0
        told = os.read(self._status, 4)
        os.close(self._status)
        return self.pid, int.from_bytes(told, "little") if told else signal.SIGKILL  # The monitor was killed.

    def _internal_poll(self, _deadstate: object = None) -> int | None:
        if self.returncode is None:
            pid, status = self._try_wait(os.WNOHANG)
            if pid:
                self._handle_exitstatus(status)  # type: ignore[attr-defined]
        return self.returncode


@functools.cache
def _server(python: Path) -> socket.socket:
    """Start a role server with `python`, and return the socket to it; the server ends with this process."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen([python, _SERVER, str(theirs.fileno())], pass_fds=[theirs.fileno()])

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours
