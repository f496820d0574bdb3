"""A server that starts roles by fork: `python role_server.py DESCRIPTOR`, with the Python of a track.

A role is a process that runs one side of a ping test, the dialer or the listener. A track is one pinned version of
libp2p. A role spends most of its CPU time on the import of the packages that libp2p depends on. The server imports
these packages once, and each role begins as a copy of the server. The role itself still imports libp2p and pingtest,
reads its own environment, and is a separate process.

DESCRIPTOR is the number of an open socket. Each message on the socket asks for one role. The message has a JSON object
(see `role_starter.py`) and file descriptors. The server forks a monitor, and the monitor forks the role and waits until
the role ends. The monitor writes two numbers to the first descriptor: the role's process ID, and at the end the role's
status as `os.waitpid` returns it. The other descriptors are for the role. The server ends when the socket is closed;
the kernel then ends the monitors and the roles.
"""

import ctypes
import fcntl
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OWN = {"libp2p", "pingtest", "ping_test"}  # The packages that each role imports itself.
_ALL_IMPORTS = "import sys; import ping_test, pingtest.roles; print(*sys.modules)"
_FREE = 200  # A role uses only file descriptors below this number.
_SET_PDEATHSIG = 1  # The option of prctl(2) for the signal that a process gets when its parent ends.


def import_dependencies() -> None:
    """Import every module that a role imports, except the modules of OWN."""
    done = subprocess.run([sys.executable, "-c", _ALL_IMPORTS], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in done.stdout.split():
        if name.partition(".")[0] not in OWN:
            with suppress(ImportError):  # Some names in sys.modules cannot be imported by that name.
                importlib.import_module(name)


def end_with_parent() -> None:
    """Let the kernel kill this process when its parent ends."""
    ctypes.CDLL(None).prctl(_SET_PDEATHSIG, signal.SIGKILL)


def become_role(asked: dict[str, Any], descriptors: list[int]) -> None:
    """Set up this process as the message `asked` says (network, priority, variables and more); then run the role."""
    end_with_parent()
    high = [fcntl.fcntl(one, fcntl.F_DUPFD, _FREE) for one in descriptors]
    os.closerange(3, _FREE)
    for number, one in zip(asked["descriptors"], high, strict=True):
        os.dup2(one, number)
    os.closerange(_FREE, _FREE + 100)
    if asked["namespace"]:
        with Path(asked["namespace"]).open() as namespace:
            assert ctypes.CDLL(None).setns(namespace.fileno(), 0) == 0
    os.setpriority(os.PRIO_PROCESS, 0, asked["priority"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(ROOT)
    program, *_ = sys.argv = asked["words"]
    sys.path[0] = str(Path(program).parent)
    runpy.run_path(program, run_name="__main__")
    sys.exit()


def start(asked: dict[str, Any], descriptors: list[int]) -> None:
    """Turn this process into the monitor of a new role, until the role ends."""
    end_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    status, *others = descriptors
    role = os.fork()
    if role == 0:
        become_role(asked, others)
    os.write(status, role.to_bytes(4, "little"))
    for one in others:
        os.close(one)
    os.write(status, os.waitpid(role, 0)[1].to_bytes(4, "little"))
    os._exit(0)


def main() -> None:
    """Start roles until the socket is closed."""
    asking = socket.socket(fileno=int(sys.argv[1]))
    import_dependencies()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # The kernel then removes ended monitors.
    while True:
        message, descriptors, _, _ = socket.recv_fds(asking, 1 << 20, 32)
        if not message:
            return
        if os.fork() == 0:
            start(json.loads(message), descriptors)
        for one in descriptors:
            os.close(one)


if __name__ == "__main__":
    main()
