"""The secrets of a build: this machine's certificates, and the addresses of its package registries.

A build may read them, but no layer of the image may contain them.
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

AUTHORITIES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
"""Variables that name the file of this machine's own certificate authorities. The first one that is set counts."""
# The caller's settings of pip and uv that name the package registries.
_REGISTRIES = re.compile(
    r"(PIP|UV)_(DEFAULT_|EXTRA_)?INDEX(_URL)?|UV_INDEX_[A-Z0-9_]+_(USERNAME|PASSWORD)|UV_INDEX_STRATEGY"
    r"|PIP_TRUSTED_HOST|UV_INSECURE_HOST"
)


@contextmanager
def build_secrets() -> Iterator[dict[str, Path]]:
    """Yield the secrets of a build: secret id in the Dockerfile -> file. Use the files inside the `with` block only."""
    with TemporaryDirectory() as name:
        yield secrets_in(Path(name))


def secrets_in(folder: Path) -> dict[str, Path]:
    """Return those of the secrets `ca` and `registries` that this machine has, each as a file.

    If a secret is not in a suitable file yet, this function makes one in `folder`.
    """
    found = {}
    if path := certificates():
        found["ca"] = path
        if "," in str(path):  # docker splits the option of a secret at each comma
            found["ca"] = folder / "authorities"
            found["ca"].symlink_to(path)
    if text := registries():
        found["registries"] = write_privately(folder / "registries", text)
    return found


def registries() -> str:
    """Return a shell script that exports the caller's registry settings of pip and uv; empty if none is set."""
    settings = {name: value for name, value in os.environ.items() if _REGISTRIES.fullmatch(name)}
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items())


def write_privately(path: Path, text: str) -> Path:
    """Write a file that only its owner may read, because the address of an index may contain a password."""
    path.touch(mode=0o600)
    path.chmod(0o600)  # if the file exists already, `touch` does not change its mode
    path.write_text(text, encoding="utf-8")
    return path


def certificates() -> Path | None:
    """Return the file of this machine's own certificate authorities; None if no variable names one.

    Raises CommandError if the file holds no certificates.
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
