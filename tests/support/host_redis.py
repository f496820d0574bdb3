"""A Redis on one host of the simulated network, through which a listener gives its address to a dialer."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from twohosts import Host

PORT = 6379
_PATIENCE = 60  # The seconds after which an expected address counts as missing.


class Mailbox:
    """The lists of addresses in the Redis of one host, named as a test harness names them.

    The Redis is on the host's loopback, so no packet of this exchange passes the router between the hosts.
    """

    address = f"127.0.0.1:{PORT}"

    def __init__(self, host: Host) -> None:
        self._host = host

    def put(self, key: str, address: str) -> None:
        """Write a listener's address to the list of the test `key`, from which the dialer reads it."""
        answer = self._ask(f"RPUSH {key}_listener_multiaddr {address}")
        assert answer == ":1", answer

    def take(self, key: str) -> str:
        """Return the address that the listener of the test `key` writes; after a minute, return an empty string."""
        return self._ask(f"BLPOP {key}_listener_multiaddr {_PATIENCE}").rpartition("\n")[2].removeprefix("*-1")

    def _ask(self, command: str) -> str:
        with self._host.socket(4) as client:
            client.settimeout(_PATIENCE + 5)
            client.connect(("127.0.0.1", PORT))
            client.sendall(f"{command}\r\n".encode())
            return client.recv(4096).decode().strip()


@contextmanager
def redis_on(host: Host, ip: str) -> Iterator[None]:
    """Run a Redis on a host at the address `ip` during the block. Raises AssertionError if it does not start."""
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
