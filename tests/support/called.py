"""A simulated machine on which a person calls the scripts; PATH has only a few programs, and those that a test adds."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from programs import asked, recorded

NEEDED = ("sh", "dirname", "readlink", "rm", "sleep", "cat")


@dataclass(frozen=True)
class Machine:
    """A simulated machine: `checkout` has the scripts that the test calls, and `folder` is the only folder on PATH.

    `variables` are further environment variables of every call.
    """

    checkout: Path
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Create the folder and link the programs that every script needs: a shell, a Python and a few others."""
        self.folder.mkdir()
        python = shutil.which("python3.11", path="/usr/bin:/usr/local/bin") or "/usr/bin/python3"
        (self.folder / "python3.11").symlink_to(python)
        for name in NEEDED:
            (self.folder / name).symlink_to(shutil.which(name) or name)

    def put(self, name: str, body: str) -> Path:
        """Put a program with the shell code `body` on PATH; the program also records its arguments."""
        return recorded(self.folder, name, body)

    def asked(self) -> list[str]:
        """Return the recorded arguments of the programs from `put`, one string per call."""
        return asked(self.folder)

    def environ(self, **more: str) -> dict[str, str]:
        """Return the environment variables of a call: a few of this process, then `variables`, then `more`."""
        kept = {name: value for name, value in os.environ.items() if name in ("HOME", "LANG") or "LOCKENV_" in name}
        return kept | {"PATH": str(self.folder)} | self.variables | more

    def call(
        self, script: str, *arguments: str, cwd: Path | None = None, **more: str
    ) -> "subprocess.CompletedProcess[str]":
        """Call a script of the checkout, such as `image` or `offline engine`, and return its result.

        The script runs in the folder `cwd`, by default in `folder`. `more` are additional environment variables.
        """
        name, *words = script.split()
        return subprocess.run(
            [self.checkout / "scripts" / name, *words, *arguments],
            cwd=cwd or self.folder,
            env=self.environ(**more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )

    def complaint(self, script: str, *arguments: str, **more: str) -> str:
        """Call a script as `call` does, and return the one line that it must write to standard error."""
        return complaint(self.call(script, *arguments, cwd=None, **more))


def complaint(done: "subprocess.CompletedProcess[str]") -> str:
    """Return the one line that a script wrote to standard error.

    Raises AssertionError if the status is not 3, or if the script wrote to standard output or more than one line.
    """
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.count("\n") == 1
    return done.stderr.rstrip("\n")
