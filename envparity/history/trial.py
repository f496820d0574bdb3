"""Makes an environment as of an instant with pip or uv, in a temporary folder, and runs a command in it."""

import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from envparity.errors import EnvparityError
from envparity.history.instant import stamp
from envparity.history.resolver import Question, Resolution
from envparity.index.clients import (
    EXTRA,
    ClientMissing,
    ClientSilent,
    IndexClients,
    IndexUnreachable,
    Said,
    pip_command,
    pip_version,
    uv_program,
)
from envparity.text import visible

INSTALLERS = ("pip", "uv")
CANNOT_TELL = 125  # as with `git bisect run`, a command exits with 125 if it cannot judge the environment
_INSTALL = 1800.0  # seconds; the installer may have to compile an sdist


@dataclass(frozen=True)
class Trial:
    """One run of the command.

    `passed` is None if the run could not be judged. `status` is None if the command did not run to its end. `said` is
    the last line that the command wrote, or the reason why the command did not run to its end. `releases` are the
    releases, as `name version`, whose upload caused the last change of the environment up to `as_of`. `seconds` is the
    time of the installation and of the command.
    """

    as_of: datetime
    releases: tuple[str, ...]
    passed: bool | None
    status: int | None
    said: str
    seconds: float

    @property
    def word(self) -> str:
        """Return the outcome in words."""
        return "cannot be judged" if self.passed is None else "passes" if self.passed else "fails"


@dataclass(frozen=True)
class State:
    """The resolution of the requirements as of an instant, and the `releases` whose upload caused its last change."""

    as_of: datetime
    releases: tuple[str, ...]
    resolution: Resolution


class Laboratory:
    """Makes an environment for each of several resolutions, runs one command in it, and deletes the environment.

    `installer` is one of INSTALLERS. `timeout` is the time limit of the command in seconds.
    """

    def __init__(
        self, question: Question, installer: str, command: Sequence[str], timeout: float, clients: IndexClients
    ) -> None:
        self._question = question
        self._installer = installer
        self._command = tuple(command)
        self._timeout = timeout
        self._clients = clients
        self._python = _python(question.series)

    def run(self, state: State) -> Trial:
        """Install the releases of one state in a new environment, run the command in it and return the outcome.

        Raise IndexUnreachable if the installer cannot reach the index. Raise EnvparityError if the installer is
        missing or too old, if no environment can be made, or if the command cannot be run.
        """
        resolution = state.resolution
        started = time.monotonic()

        def trial(passed: bool | None, status: int | None, said: str) -> Trial:
            return Trial(
                state.as_of, state.releases, passed, status, visible(said), round(time.monotonic() - started, 1)
            )

        if resolution.failure is not None:
            return trial(None, None, f"nothing to install: {resolution.failure}")
        with TemporaryDirectory(prefix="envparity-bisect-") as name:
            folder = Path(name)
            made = self._install(resolution, folder)
            if made.unreachable:
                raise IndexUnreachable(
                    f"index: expected {self._installer} to reach the package index, found no connection"
                )
            if made.unknown_option is not None:
                raise EnvparityError(
                    f"bisect: expected pip 26 or later, found {pip_version()}, which has no option "
                    f"{made.unknown_option}; use --installer uv, or {EXTRA}"
                )
            if made.status != 0:
                return trial(None, None, f"{self._installer} could not install the releases: {made.reason[-300:]}")
            try:
                done = self._clients.run(
                    self._command,
                    timeout=self._timeout,
                    folder=Path.cwd(),
                    extra={
                        "PATH": os.pathsep.join(
                            [str(folder / "environment" / "bin"), os.environ.get("PATH", os.defpath)]
                        ),
                        "VIRTUAL_ENV": str(folder / "environment"),
                        "PYTHONDONTWRITEBYTECODE": "1",
                    },
                )
            except ClientSilent as silent:
                return trial(False, None, f"the command: {silent}")
            except ClientMissing as missing:
                raise EnvparityError(f"bisect: expected a command to run, found: {missing}") from missing
        said = _last(done)
        return trial(None if done.status == CANNOT_TELL else done.status == 0, done.status, said)

    def _install(self, resolution: Resolution, folder: Path) -> Said:
        """Make an environment in `folder` and install the requirements there; return how the installer ended.

        The installer resolves again, with the chosen versions as constraints, so that it installs the distributions in
        the same order as when a person runs the installer. Raise EnvparityError if the installer is missing or no
        environment can be made.
        """
        python, pins = folder / "environment" / "bin" / "python", folder / "pins.txt"
        (folder / "tmp").mkdir()
        pins.write_text("".join(f"{one.key}\n" for one in resolution.selected if one.uploaded), encoding="utf-8")
        within = ("-c", str(pins), *self._question.requirements)
        try:
            command = [
                *(*pip_command(), "--python", str(python), "install", "-q", "--no-input"),
                *("--disable-pip-version-check", "--uploaded-prior-to", stamp(resolution.asked), *within),
            ]
            if self._installer == "uv":
                command = [
                    *(uv_program(), "pip", "install", "-q", "--python", str(python)),
                    *("--exclude-newer", stamp(resolution.asked), "--link-mode=copy", *within),
                ]
            made = [self._python, "-I", "-m", "venv", "--without-pip", str(folder / "environment")]
            # Temporary files of an installer that had to be stopped are deleted together with the folder.
            scratch = {"TMPDIR": str(folder / "tmp")}
            empty = self._clients.run(made, timeout=_INSTALL, folder=folder, extra=scratch)
            if empty.status != 0:
                raise EnvparityError(f"bisect: expected {self._python} to make an environment, found: {empty.reason}")
            return self._clients.run(command, timeout=_INSTALL, folder=folder, extra=scratch)
        except ClientMissing as missing:
            raise EnvparityError(
                f"bisect: expected {self._installer}, which installs the releases, found {missing}; {EXTRA}"
            ) from missing
        except ClientSilent as silent:
            return Said(1, "", str(silent))


def _last(done: Said) -> str:
    """Return the last line that a command wrote: of standard error if it failed, of standard output if it passed.

    If that stream is empty, return the last line of the other stream; if both are empty, return `nothing`.
    """
    texts = (done.output, done.complaints) if done.status == 0 else (done.complaints, done.output)
    written = [line.strip() for text in texts if text.strip() for line in text.strip().splitlines()[-1:]]
    return (written or ["nothing"])[0][:300]


def _python(series: str) -> str:
    """Return the Python that makes environments: the running Python if its minor version is `series`.

    Otherwise return a program such as python3.11 on PATH; raise EnvparityError if PATH does not have this program.
    """
    if series == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return sys.executable
    found = shutil.which(f"python{series}")
    if found is None:
        raise EnvparityError(f"--python: expected python{series} on PATH to make environments with, found none")
    return found
