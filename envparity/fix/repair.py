"""Runs the commands of a plan on one environment, and can put the environment back as it was before.

Before the first command, the whole environment is copied into a folder next to it. The copy stays until a check finds
no new error. If the process is killed before that, the next repair first puts the copy back.
"""

import os
import shlex
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from envparity.errors import EnvparityError
from envparity.processes import NotEnded, Supervisor, Task
from envparity.text import visible

_CLEAN = "uv cache clean "
_SHOWN = 400  # the most characters of an installer's last lines that an error shows


@dataclass(frozen=True)
class Repair:
    """The repair of the virtual environment in the folder `environment`."""

    environment: Path

    @property
    def kept(self) -> Path:
        """Return the folder next to the environment that keeps the copy."""
        return self.environment.with_name(f"{self.environment.name}.before-fix")

    @property
    def _copy(self) -> Path:
        return self.kept / "environment"

    @property
    def _complete(self) -> Path:
        return self.kept / "complete"

    def refuse(self) -> None:
        """Raise EnvparityError if the folder is no virtual environment, or if this user may not change it."""
        name = visible(str(self.environment))
        if not (self.environment / "pyvenv.cfg").is_file():
            raise EnvparityError(
                f"fix: expected a virtual environment, found none in {name}; the commands would change the Python of "
                "the system, so run them yourself if you want that"
            )
        sites = self.environment.glob("[lL]ib*/python*/site-packages")
        for folder in (self.environment, *sites, self.environment.parent):
            if not os.access(folder, os.W_OK):
                raise EnvparityError(
                    f"fix: expected an environment that this user may change, found {visible(str(folder))}, which "
                    "belongs to another user or is read-only; run envparity as its owner"
                )

    def recover(self) -> bool:
        """Put the environment back if an earlier repair was killed, and return whether that was necessary.

        Raise EnvparityError if a file cannot be moved.
        """
        if not self.kept.is_dir():
            return False
        found = self._complete.exists()
        if found:
            self.restore()
        else:  # killed before the first command, so the environment is unchanged
            self.forget()
        return found

    def keep(self) -> None:
        """Copy the environment. Raise EnvparityError if that fails, for example because the disk is full."""
        try:
            self.kept.mkdir()
            shutil.copytree(self.environment, self._copy, symlinks=True)
            self._complete.touch()
        except (OSError, shutil.Error) as error:
            self.forget()
            said = error.strerror if isinstance(error, OSError) and error.strerror else "some files cannot be read"
            raise EnvparityError(
                f"fix: expected to copy {visible(str(self.environment))} before its repair, found: {said}"
            ) from error

    def restore(self) -> None:
        """Replace the environment by the copy. Raise EnvparityError if a file cannot be moved.

        If the process is killed during this call, the next call completes the work.
        """
        torn = self.kept / "torn"
        try:
            if self._copy.exists():
                if self.environment.exists():
                    shutil.rmtree(torn, ignore_errors=True)
                    self.environment.rename(torn)
                self._copy.rename(self.environment)
        except OSError as error:
            raise EnvparityError(
                f"fix: expected to put back {visible(str(self.environment))}, found: {error.strerror}; its copy is "
                f"{visible(str(self._copy))}"
            ) from error
        self.forget()

    def rescue(self, commands: Iterable[str]) -> Path | None:
        """Save the files that the commands `rm …` deleted, because only the user knows whether such a file is needed.

        Move these files from the copy into a new folder next to the environment, and return this folder. Leave out
        bytecode, because Python makes it again. Return None if the commands deleted no file except bytecode. Raise
        EnvparityError if a file cannot be moved.
        """
        words = (word for command in commands if command.startswith("rm ") for word in shlex.split(command))
        paths = {
            Path(word).relative_to(self.environment) for word in words if Path(word).is_relative_to(self.environment)
        }
        there = [path for path in sorted(paths) if os.path.lexists(self._copy / path) and path.suffix != ".pyc"]
        if not there:
            return None
        first = self.environment.with_name(f"{self.environment.name}.deleted")
        others = (first.with_name(f"{first.name}-{number}") for number in count(2))
        folder = next(one for one in chain([first], others) if not os.path.lexists(one))
        try:
            for path in there:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (self._copy / path).rename(folder / path)
        except OSError as error:
            raise EnvparityError(
                f"fix: expected to keep the deleted files in {visible(str(folder))}, found: {error.strerror}"
            ) from error
        return folder

    def forget(self) -> None:
        """Delete the copy. The file `complete` is deleted first, so that no repair puts an incomplete copy back."""
        with suppress(OSError):
            self._complete.unlink(missing_ok=True)
        shutil.rmtree(self.kept, ignore_errors=True)

    def run(self, command: str, folder: Path, timeout: float) -> None:
        """Run a shell command in `folder`, for at most `timeout` seconds. Raise EnvparityError if the command fails."""
        # The folder of a uv that was installed together with envparity may be missing in PATH.
        path = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{Path(sys.executable).parent}"
        task = Task(["sh", "-c", _unblocked(command)], folder, timeout, environment={**os.environ, "PATH": path})
        try:
            ended = Supervisor().run(task)
        except NotEnded as error:
            said = str(error) or f"it did not end within {timeout:g} s"
            raise EnvparityError(f"fix: expected {visible(command)} to succeed, found: {visible(said)}") from error
        if ended.status != 0:
            lines = (ended.complaints or ended.output).decode("utf-8", "replace").strip().splitlines()
            said = " | ".join(line.strip() for line in lines if line.strip())[-_SHOWN:] or "no message"
            raise EnvparityError(
                f"fix: expected {visible(command)} to succeed, found status {ended.status}: {visible(said)}"
            )


def _unblocked(command: str) -> str:
    """Return a command that does not wait for the uv that started this process.

    `uvx` and `uv run` lock uv's cache while their program runs, and set the variable UV. `uv cache clean` waits for the
    lock, but `uv cache clean --force` does not wait. Older releases of uv, which do not lock the cache, do not have
    this option.
    """
    if not (command.startswith(_CLEAN) and os.environ.get("UV")):
        return command
    forced = f"{_CLEAN}--force {command.removeprefix(_CLEAN)}"
    return f"if {_CLEAN}--help | grep -q -e --force; then {forced}; else {command}; fi"
