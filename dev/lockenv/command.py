"""Run uv and the other programs that make an environment.

The output of a program goes to the caller, or into the message of an error.
"""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from dev.command.errors import CommandError
from dev.command.surroundings import AUTHORITIES, PYTHON

# The caller's variables of pip and uv that still apply. For example, they name registries, proxies, certificates and
# caches, or limit the number of parallel downloads. The other variables of pip and uv could change the versions, the
# files or the folder of an installation.
_KEPT = re.compile(
    r"(PIP|UV)_(DEFAULT_INDEX|(EXTRA_)?INDEX(_[A-Z0-9_]+)?|FIND_LINKS|TRUSTED_HOST|INSECURE_HOST|NO_INDEX|CONFIG_FILE"
    r"|CERT|CLIENT_CERT|NATIVE_TLS|SYSTEM_CERTS|PROXY|KEYRING_PROVIDER|CREDENTIALS_DIR|CACHE_DIR|NO_CACHE|NO_CACHE_DIR"
    r"|(DEFAULT_)?TIMEOUT|REQUEST_TIMEOUT|HTTP_[A-Z_]+|UPLOAD_HTTP_TIMEOUT|RETRIES|RESUME_RETRIES|CONCURRENT_[A-Z]+"
    r"|OFFLINE|LOCK_TIMEOUT|PYTHON_DOWNLOADS|NO_INPUT|DISABLE_PIP_VERSION_CHECK|ROOT_USER_ACTION|GITHUB_TOKEN)"
)
_MOST = 1500  # characters of a program's standard error in an error message
_UNREACHED = (
    "Temporary failure in name resolution",
    "Name or service not known",
    "Connection refused",
    "Network is unreachable",
    "dns error",
)
"""Parts of the messages with which pip and uv say that they cannot reach a package index."""
_LIMITS = ("PIP_CONFIG_FILE", "PIP_NO_INDEX", "UV_CONFIG_FILE", "UV_NO_INDEX", "UV_OFFLINE")
"""Variables that `clean_environment` keeps, and that can be the reason why pip or uv finds nothing."""


def _is_kept(name: str) -> bool:
    if name in PYTHON or name == "VIRTUAL_ENV":
        return False
    return not name.upper().startswith(("PIP_", "UV_")) or _KEPT.fullmatch(name) is not None


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment variables without those that would change an installation, plus `extra`."""
    return {name: value for name, value in os.environ.items() if _is_kept(name)} | dict(extra or {})


def run(
    arguments: Sequence[str | Path],
    *,
    purpose: str,
    extra: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str | None = None,
    show: bool = False,
) -> str:
    """Run a program, wait until it ends, and return its standard output.

    `purpose` begins the error message and says what the caller was doing. `extra` are additional environment variables,
    and `stdin` is the program's standard input. The program runs in the folder `cwd`; None means the folder of this
    process. `show` lets the program print its own progress on standard error. Raises CommandError if the program is
    missing. Raises ProgramFailedError if the program fails, with the last lines of its standard error.
    """
    words = [str(argument) for argument in arguments]
    try:
        done = subprocess.run(
            words,
            env=clean_environment(extra),
            cwd=cwd,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            stdout=subprocess.PIPE,
            stderr=None if show else subprocess.PIPE,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise CommandError(f"{purpose}: expected to run {words[0]}, found: {error}") from error
    if done.returncode != 0:
        printed = done.stderr or ""
        said = _last_lines(printed or "see above") + _hint(words, printed)
        ended = f"{Path(words[0]).name} ended with status {done.returncode}"
        raise ProgramFailedError(f"{purpose}: {ended}: {said}", printed)
    return done.stdout


class ProgramFailedError(CommandError):
    """A program ended with another status than 0. `printed` is its whole standard error."""

    def __init__(self, message: str, printed: str) -> None:
        super().__init__(message)
        self.printed = printed


def _last_lines(printed: str) -> str:
    """Return the last lines of a program's standard error as one line, without pip's lines about its retries."""
    lines = [line.strip() for line in printed.splitlines() if line.strip() and "Retrying (Retry(" not in line]
    said = ""
    for line in reversed(lines):
        longer = f"{line} | {said}" if said else line
        if said and len(longer) > _MOST:
            break
        said = longer
    return said[-_MOST:]


def _hint(words: Sequence[str], printed: str) -> str:
    """Return the end of an error message of pip or uv, which printed the text `printed`.

    The end says that the package index cannot be reached, or it names the caller's variables that can be the reason.
    Return an empty text if this function finds no reason, or if `words` start another program.
    """
    if not {Path(words[0]).name, *words[1:3]} & {"pip", "uv"}:
        return ""
    if any(one in printed for one in _UNREACHED):
        return "; the package index cannot be reached. Behind a proxy, set HTTPS_PROXY=http://HOST:PORT and try again"
    found = [name for name in _LIMITS if os.environ.get(name)]
    wrong = [name for name in AUTHORITIES if os.environ.get(name) and not Path(os.environ[name]).is_file()]
    found += [f"{name}, which names no file" for name in wrong]
    return f"; one of your variables may be the reason, unset it and try again: {', '.join(found)}" if found else ""
