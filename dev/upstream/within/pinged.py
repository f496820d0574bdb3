"""Ping once over each transport in the build of the image, if the lock does not satisfy the checkout's requirements.

A ping shows whether the ping test needs a distribution that is missing or has another version. If a ping fails, the
build fails, and the error names the command that locks again. If every ping passes, the build continues.
"""

import os
import subprocess
import sys
from pathlib import Path

from dev.upstream.within.asked import RELOCK

_TRANSPORTS = ("tcp", "ws", "wss", "quic-v1")
_SECONDS = 30  # the seconds that a ping may take
_SETTINGS = 2  # the exit status of ping_test.py if the library does not have the transport


def ping(python: Path, application: Path, transport: str) -> str | None:
    """Ping over loopback, with one process for each role. Return None if the ping passes, else the error's first line.

    If the library does not have the transport, the ping counts as passed, because a harness does not test such a
    transport.
    """
    reader, writer = os.pipe()
    with open(reader, "rb") as inbox, open(writer, "wb") as outbox:  # noqa: PTH123 - these are pipes
        settings = {
            "TRANSPORT": transport,
            "SECURE_CHANNEL": "noise",
            "MUXER": "yamux",
            "LISTENER_IP": "127.0.0.1",
            "TEST_TIMEOUT_SECS": str(_SECONDS),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PATH": "/usr/bin:/bin",
        }
        if transport == "quic-v1":
            settings["SECURE_CHANNEL"] = settings["MUXER"] = ""
        command = [str(python), str(application)]
        own = {**settings, "IS_DIALER": "false", "RENDEZVOUS_FD": str(outbox.fileno())}
        with subprocess.Popen(
            command, env=own, pass_fds=[outbox.fileno()], stderr=subprocess.PIPE, text=True
        ) as listener:
            outbox.close()
            own = {**settings, "IS_DIALER": "true", "RENDEZVOUS_FD": str(inbox.fileno())}
            done = subprocess.run(
                command, env=own, pass_fds=[inbox.fileno()], capture_output=True, text=True, check=False
            )
            listener.terminate()
            said = listener.communicate()[1]
    if done.returncode in (0, _SETTINGS):
        return None
    lines = [*said.splitlines(), *done.stderr.splitlines()]
    return lines[0] if lines else f"status {done.returncode}"


def main(report: Path, python: Path, application: Path) -> int:
    """Ping if the file `report`, which asked.py wrote, is not empty; return the exit status: 3 if a ping fails."""
    asked = report.read_text(encoding="utf-8").splitlines()
    for transport in _TRANSPORTS if asked else ():
        error = ping(python, application, transport)
        if error is not None:
            print(
                f"interop/transport: expected a ping over {transport} with these distributions, found: {error}; "
                f"{'; '.join(asked)}; lock again with: {RELOCK}",
                file=sys.stderr,
            )
            return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
