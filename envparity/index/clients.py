"""Runs pip and uv, here called clients, with the user's own settings, which name the package indexes.

A client does not get the variables in `_FOREIGN`, because they could change which releases it chooses or what it
prints. It usually runs in a new temporary folder.
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

from envparity.errors import EnvparityError
from envparity.processes import NotEnded, NotStarted, Supervisor, Task

# The settings that would change an answer about a release. pip and uv get all other settings of the user, for example
# the settings for indexes, certificates and caches.
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
_NO_OPTION = re.compile(r"^no such option: (\S+)", re.MULTILINE)  # every version of pip prints this line
_ADDRESS = re.compile(r"[\w+.-]*://(?:[^\s@/]*@)?(?:\[[0-9a-fA-F:.%]*\])?[^\s`'\"<>)\]]*")

# pip prints errors of urllib3, which name a host in this form.
_HOST = re.compile(r"""\bhost=('[^']*'|"[^"]*")""")

EXTRA = "install envparity with its extra: pip install 'CHECKOUT[history]', with the folder of envparity's checkout"
"""Advice for error messages: how to get a client that is missing or too old."""


class ClientMissing(Exception):
    """A client is not on this machine, or cannot be run. The message is the reason, as part of a sentence."""


class ClientSilent(Exception):
    """A client gave no answer within `seconds`. The message is a part of a sentence."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no answer within {seconds:.0f} s")
        self.seconds = seconds


class IndexUnreachable(EnvparityError):
    """The index cannot be reached, and the cache does not have the answer."""


@dataclass(frozen=True)
class Said:
    """How a client ended: its exit status, its standard output and its standard error."""

    status: int
    output: str
    complaints: str

    @property
    def unreachable(self) -> bool:
        """Return whether the client failed because it could not reach the package index."""
        return self.status != 0 and _UNREACHABLE.search(self.complaints) is not None

    @property
    def unknown_option(self) -> str | None:
        """Return the option that the client is too old to know; None if the client did not fail for this reason."""
        found = _NO_OPTION.search(self.complaints) if self.status != 0 else None
        return found[1] if found else None

    @property
    def reason(self) -> str:
        """Return the text of standard error in one line, without addresses."""
        return without_addresses(" ".join(self.complaints.split()))


class IndexClients:
    """Runs pip and uv. Any thread may call its methods.

    After `stop` no client is running, and no client can start. Use an instance as a context manager to stop the clients
    when an error leaves the `with` block.
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
        """Run a client to its end, for at most `timeout` seconds, and return its status and its output.

        `extra` are further environment variables. `folder` is the folder that the client runs in. The default is a new
        temporary folder, because a project in the current folder may have settings for uv, which could change the
        answer. Raise ClientMissing if the client cannot be run, ClientSilent if it takes too long, and Stopped if
        somebody called `stop`.
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
        """End the running clients. No client can start after this call."""
        self._supervisor.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is not None:
            self.stop()


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment variables without those in `_FOREIGN`, and with the variables `extra`."""
    return {name: value for name, value in os.environ.items() if not _FOREIGN.fullmatch(name)} | dict(extra or {})


def without_addresses(text: str) -> str:
    """Return the text with each URL and host replaced by a placeholder."""
    return _HOST.sub("(a host)", _ADDRESS.sub("(an address)", text))


def uv_program() -> str:
    """Return the path of the uv next to this Python, or else on PATH; raise ClientMissing if there is no uv."""
    found = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if found is None:
        raise ClientMissing("no uv next to this Python or on PATH")
    return found


def pip_command() -> list[str]:
    """Return the command that starts the pip of this Python; raise ClientMissing if this Python has no pip."""
    if find_spec("pip") is None:
        raise ClientMissing("no pip in the environment of envparity")
    return [sys.executable, "-I", "-m", "pip"]


def pip_version() -> str:
    """Return the name and version of this Python's pip, for example `pip 25.3`, or `pip of unknown version`."""
    try:
        return f"pip {version('pip')}"
    except PackageNotFoundError:
        return "pip of unknown version"
