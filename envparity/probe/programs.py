"""Runs programs with limits, because a program may print too much, never end, or leave other programs running.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import os
import signal
import threading
import time

from envparity.probe.reading import CHUNK

SAID_AT_MOST = 64 << 10  # bytes that a tool may print


class Program:
    """A running program with a limit on its time and a limit on its output.

    `given` is written to standard input. A program that prints `most` bytes or more is killed. `environ` has the
    environment variables of the program. With `environ`, standard error is ignored. Without `environ`, the program gets
    the variables of this process, and `complained` keeps the end of standard error. Raise OSError or ValueError if the
    program cannot start.
    """

    def __init__(self, command: list[str], given: bytes, most: int, environ: dict[str, str] | None = None) -> None:
        import subprocess  # not at the top, because only one process of the probe starts programs

        self.most = most  # bytes
        self.output: list[bytes] = []  # chunks as they arrive, because the program may be killed at any time
        self.complained = b""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE if given else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if environ else subprocess.PIPE,
            env=environ,
            start_new_session=True,
        )
        self.threads = [threading.Thread(target=self._listen, args=(given,), daemon=True)]
        if self.process.stderr:
            self.threads.append(threading.Thread(target=self._overhear, daemon=True))
        for thread in self.threads:
            thread.start()

    def _listen(self, given: bytes) -> None:
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin:
            try:
                stdin.write(given)
                stdin.close()
            except OSError:
                pass  # the program ended, or closed its standard input
        room = self.most
        while stdout and room > 0:
            data = os.read(stdout.fileno(), CHUNK)
            if not data:
                break
            self.output.append(data)
            room -= len(data)
        if room <= 0:
            self.end()

    def said(self) -> bytes:
        """Return everything that the program has written to its standard output so far."""
        return b"".join(self.output)

    def _overhear(self) -> None:
        stderr = self.process.stderr
        while stderr:
            data = os.read(stderr.fileno(), CHUNK)
            if not data:
                return
            self.complained = (self.complained + data)[-SAID_AT_MOST:]

    def status(self, seconds: float) -> int | None:
        """Wait for the program, and return its exit status; None if it still runs `seconds` after its start.

        Before it returns, this method kills the program and the programs that the program started, if they still run.
        """
        import subprocess

        until = self.started + seconds
        try:
            # The output ends when the program ends, unless the program started another program that still runs.
            while self.threads[0].is_alive() and self.process.poll() is None and time.monotonic() < until:
                self.threads[0].join(min(0.1, max(0.0, until - time.monotonic())))
            status = self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None
        else:
            self.end()
            for thread in self.threads:
                thread.join(1)
            return status
        finally:
            self.end()

    def end(self) -> None:
        """Kill the program and the other programs that it started."""
        try:
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        except OSError:
            pass  # all these programs have ended
