"""A real Redis for the tests."""

import shutil
import socket
import subprocess
import time
from pathlib import Path


class RedisServer:
    """A redis-server on loopback for the tests, which can be stopped and started again."""

    def __init__(self, folder: Path, *options: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.program = Path(shutil.which("redis-server") or "redis-server")
        self._folder = folder
        self._options = options
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers. Raises AssertionError if it ends, or after a minute."""
        where = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        command = [str(self.program), *where, "--save", "", "--appendonly", "no", *self._options]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for _ in range(1200):
            # Without this check, another server at the same port would look like this server.
            assert self._process.poll() is None, "redis-server ended: is its port taken?"
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("redis-server did not answer within a minute")

    def stop(self) -> None:
        """Stop the server, which breaks its connections."""
        self._process.terminate()
        self._process.wait(60)

    def command(self, *words: str) -> str:
        """Send one command, and return the reply as Redis sends it, for example `:1` and a line break."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall((" ".join(words) + "\r\n").encode())
            return connection.recv(65536).decode()
