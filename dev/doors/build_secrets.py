"""The secrets of an image build: this machine's certificates, and the addresses of its package registries.

The build can read the secrets as files, but no layer of the image contains them.
"""

import os
import re
import shlex
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.command.errors import CommandError
from dev.command.surroundings import AUTHORITIES

# Matches the names of the environment variables that name package registries for pip and uv, or the passwords for them.
_REGISTRIES = re.compile(
    r"(PIP|UV)_(DEFAULT_|EXTRA_)?INDEX(_URL)?|UV_INDEX_[A-Z0-9_]+_(USERNAME|PASSWORD)|UV_INDEX_STRATEGY"
    r"|PIP_TRUSTED_HOST|UV_INSECURE_HOST"
)


@contextmanager
def build_secrets() -> Iterator[dict[str, Path]]:
    """Yield the result of `secrets_in`: a dict from secret id to file, with only the secrets that this machine has.

    Use the files inside the `with` block only. Raises CommandError as `certificates` does.
    """
    with TemporaryDirectory() as name:
        yield secrets_in(Path(name))


def secrets_in(folder: Path) -> dict[str, Path]:
    """Return a dict from secret id (`ca`, `registries`) to file, with only the secrets that this machine has.

    The function writes the registry settings into `folder`. If the path of the certificate file contains a comma, the
    function also makes a link to this file in `folder`. Raises CommandError as `certificates` does.
    """
    found = {}
    if path := certificates():
        found["ca"] = path
        if "," in str(path):  # docker would split the option `--secret` at the comma
            found["ca"] = folder / "authorities"
            found["ca"].symlink_to(path)
    if text := registries():
        found["registries"] = write_privately(folder / "registries", text)
    return found


def registries() -> str:
    """Return a shell script that exports the caller's registry settings of pip and uv; empty if no setting exists."""
    settings = {name: value for name, value in os.environ.items() if _REGISTRIES.fullmatch(name)}
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items())


def write_privately(path: Path, text: str) -> Path:
    """Write `text` to a file that only its owner may read, and return the file's path.

    The text may contain a password, because the address of a package index can contain one.
    """
    path.touch(mode=0o600)
    path.chmod(0o600)  # if the file exists already, `touch` does not change its mode
    path.write_text(text, encoding="utf-8")
    return path


def certificates() -> Path | None:
    """Return the file of this machine's own certificate authorities, or None.

    The first variable of AUTHORITIES that is set names the file. If none of them is set, return None. Raises
    CommandError if the file is missing or holds no certificates.
    """
    for name in AUTHORITIES:
        if value := os.environ.get(name):
            path = Path(value).absolute()
            try:
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
            except (OSError, ssl.SSLError) as error:
                raise CommandError(
                    f"{name}: expected a file of certificates, found {path}: {error}; unset {name}, or correct the path"
                ) from error
            return path
    return None
