"""pip and uv as the person has set them up: they know where packages come from, and this project does not.

What they are asked is always asked in a folder of its own and without the settings that would change an answer.
"""

import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from envparity.processes import NotEnded, NotStarted, Supervisor, Task

# Settings of the person that would change what a release is said to be. Where packages come from,
# certificates and caches stay theirs.
_FOREIGN = re.compile(
    r"PYTHON(HOME|PATH)|VIRTUAL_ENV|PIP_(ABI|CONSTRAINT|IGNORE_REQUIRES_PYTHON|IMPLEMENTATION|LOG|NO_BINARY|ONLY_BINARY|PLATFORM|PRE|PREFIX|"
    r"PYTHON|PYTHON_VERSION|QUIET|REPORT|REQUIREMENT|ROOT|TARGET|UPLOADED_PRIOR_TO|USER|VERBOSE)|"
    r"UV_(BUILD_CONSTRAINT|CONSTRAINT|EXCLUDE_NEWER|EXCLUDE_NEWER_PACKAGE|LINK_MODE|NO_BINARY|NO_BINARY_PACKAGE|"
    r"NO_BUILD|NO_BUILD_ISOLATION|NO_BUILD_PACKAGE|OVERRIDE|PRERELEASE|PROJECT|PYTHON|RESOLUTION|TORCH_BACKEND|WORKING_DIR)"
)
_UNREACHABLE = re.compile(
    r"Retrying \(|connection broken|Could not fetch URL|connection error|"
    r"Failed to fetch|error sending request|timed out|Network is unreachable"
    r"|Network connectivity is disabled|network was disabled|dns error",
    re.IGNORECASE,
)
_NO_OPTION = re.compile(r"^no such option: (\S+)", re.MULTILINE)  # as every pip words it
_ADDRESS = re.compile(r"[\w+.-]*://(?:[^\s@/]*@)?(?:\[[0-9a-fA-F:.%]*\])?[^\s`'\"<>)\]]*")

# As urllib3 words it, in what pip complains of.
_HOST = re.compile(r"""\bhost=('[^']*'|"[^"]*")""")

EXTRA = "install envparity with its extra: pip install 'CHECKOUT[history]', CHECKOUT the folder that it comes from"
"""How to mend that a client is missing or too old."""


class ClientMissing(Exception):
    """A client that is not on this machine, or cannot be run, as a clause."""


class ClientSilent(Exception):
    """A client that gave no answer in its time, as a clause; `seconds` is that time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no answer within {seconds:.0f} s")
        self.seconds = seconds


@dataclass(frozen=True)
class Said:
    """How a client ended, and what it wrote to standard output and to standard error."""

    status: int
    output: str
    complaints: str

    @property
    def unreachable(self) -> bool:
        """Whether it failed because it could not reach where packages come from."""
        return self.status != 0 and _UNREACHABLE.search(self.complaints) is not None

    @property
    def unknown_option(self) -> str | None:
        """The option that it does not know, where it failed because it is too old for it."""
        found = _NO_OPTION.search(self.complaints) if self.status != 0 else None
        return found[1] if found else None

    @property
    def reason(self) -> str:
        """What it complained of, in one line without an address."""
        return without_addresses(" ".join(self.complaints.split()))


class IndexClients:
    """Runs pip and uv, from any thread; `stop` ends those that are running and lets no other start.

    As a context, an error that leaves it stops them.
    """

    def __init__(self) -> None:
        self._supervisor = Supervisor()

    def run(
        self,
        command: Sequence[str],
        *,
        stdin: str = "",
        timeout: float,
        extra: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> Said:
        """Run one to its end, `timeout` in seconds; ClientMissing, ClientSilent or Stopped where it comes to none.

        `folder` is where it runs; by default one of its own, because the settings of a project in this folder are not
        what its dependencies were released with.
        """
        if folder is None:
            with TemporaryDirectory() as elsewhere:
                return self.run(command, stdin=stdin, timeout=timeout, extra=extra, folder=Path(elsewhere))
        task = Task(command, folder, timeout, stdin.encode(), environment=clean_environment(extra))
        try:
            ended = self._supervisor.run(task)
        except NotStarted as error:
            raise ClientMissing(f"cannot run {Path(command[0]).name}: {error}") from error
        except NotEnded as error:
            raise ClientSilent(timeout) from error
        return Said(ended.status, ended.output.decode("utf-8", "replace"), ended.complaints.decode("utf-8", "replace"))

    def stop(self) -> None:
        """End what is running."""
        self._supervisor.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is not None:
            self.stop()


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without what would change an answer, plus `extra`."""
    return {name: value for name, value in os.environ.items() if not _FOREIGN.fullmatch(name)} | dict(extra or {})


def without_addresses(text: str) -> str:
    """Text in which no host is named."""
    return _HOST.sub("(a host)", _ADDRESS.sub("(an address)", text))


def uv_program() -> str:
    """uv beside this Python, or on PATH; ClientMissing where there is none."""
    found = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if found is None:
        raise ClientMissing("no uv beside this Python or on PATH")
    return found


def pip_command() -> list[str]:
    """What starts the pip of this Python; ClientMissing where it has none."""
    if find_spec("pip") is None:
        raise ClientMissing("no pip in the environment of envparity")
    return [sys.executable, "-I", "-m", "pip"]


def pip_version() -> str:
    """The name and version of the pip of this Python."""
    try:
        return f"pip {version('pip')}"
    except PackageNotFoundError:
        return "a pip that does not say its version"
