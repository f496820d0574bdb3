"""Asks the engine on this machine, docker or podman, for the archive of an image or of a container's files."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from envparity.errors import EnvparityError
from envparity.outside.regions import CHUNK
from envparity.text import visible

_ENGINES = ("docker", "podman")
_ANSWER = 60.0  # seconds that the engine may take for a question about a container


@dataclass(frozen=True)
class Engine:
    """The program docker or podman on this machine. `what` names the door in error messages."""

    program: str
    what: str

    def archive(self, verb: Literal["save", "export"], name: str) -> Iterator[bytes]:
        """Yield the archive of an image (`save`) or of a container's files (`export`), in pieces.

        Raise EnvparityError if the engine does not have the image or container.
        """
        command = [self.program, verb, "--", name]
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            try:
                while process.stdout and (chunk := process.stdout.read(CHUNK)):
                    yield chunk
                said = process.stderr.read(1 << 16) if process.stderr else b""
                if process.wait() != 0:
                    raise self._failed(verb, name, said)
            finally:
                process.kill()

    def container_config(self, name: str) -> dict[str, Any]:
        """Return the configuration of a container: the field `Config` in the output of `container inspect`.

        Raise EnvparityError if the engine does not have the container, or does not answer in time.
        """
        command = [self.program, "container", "inspect", "--format", "{{json .Config}}", "--", name]
        try:
            done = subprocess.run(command, capture_output=True, check=False, timeout=_ANSWER)
        except subprocess.TimeoutExpired as error:
            raise EnvparityError(
                f"{self.what}: expected an answer of {self.program} container inspect within {_ANSWER:g} s, found "
                f"none; check whether the engine answers: {self.program} ps"
            ) from error
        if done.returncode != 0:
            raise self._failed("container inspect", name, done.stderr)
        found = json.loads(done.stdout)
        return found if isinstance(found, dict) else {}

    def _failed(self, verb: str, name: str, said: bytes) -> EnvparityError:
        """Return the error for the failed command `verb`. Its text names a command that lists images or containers."""
        lines = said.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no message"]
        kind, listing = ("image", "image ls") if verb == "save" else ("container", "ps --all")
        return EnvparityError(
            f"{self.what}: expected the {kind} {visible(name)} from {self.program} {verb}, found: "
            f"{visible(lines[0])[:300]}; {self.program} {listing} shows those of this machine"
        )


def find_engine(what: str) -> Engine:
    """Return docker, or else podman, from PATH; raise EnvparityError if both are missing.

    `what` names the door in the error message.
    """
    for name in _ENGINES:
        if shutil.which(name):
            return Engine(name, what)
    raise EnvparityError(f"{what}: expected docker or podman on this machine, found neither; install one of them")
