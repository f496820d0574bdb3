"""A Redis of one host of the lab: what roles find there and leave there."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from twohosts import Host

PORT = 6379
_PATIENCE = 20  # seconds until an address is taken for one that does not come


class Mailbox:
    """The list of the harness in a Redis on a host's own loopback: no packet of it is the router's."""

    address = f"127.0.0.1:{PORT}"

    def __init__(self, host: Host) -> None:
        self._host = host

    def put(self, key: str, address: str) -> None:
        """Leave a listener's address for the dialer of the key."""
        answer = self._ask(f"RPUSH {key}_listener_multiaddr {address}")
        assert answer == ":1", answer

    def take(self, key: str) -> str:
        """Wait for what a listener announces; empty where nothing comes."""
        return self._ask(f"BLPOP {key}_listener_multiaddr {_PATIENCE}").rpartition("\n")[2].removeprefix("*-1")

    def _ask(self, command: str) -> str:
        with self._host.socket(4) as client:
            client.settimeout(_PATIENCE + 5)
            client.connect(("127.0.0.1", PORT))
            client.sendall(f"{command}\r\n".encode())
            return client.recv(4096).decode().strip()


@contextmanager
def redis_on(host: Host, ip: str) -> Iterator[None]:
    """A Redis of that host, at an address of its own, which answers."""
    where = ["--port", f"{PORT}", "--bind", ip, "--protected-mode", "no", "--save", ""]
    command = host.inside(shutil.which("redis-server") or "redis-server", *where)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(200):
                with host.socket(6 if ":" in ip else 4) as client:
                    if client.connect_ex((ip, PORT)) == 0:
                        break
                time.sleep(0.05)
            else:
                raise AssertionError(f"expected a Redis at {ip}, found none")
            yield
        finally:
            process.kill()
