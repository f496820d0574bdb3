"""Fetches artefacts (wheels and sdists) with pip, as the user configured pip, into a folder."""

from collections.abc import Sequence
from pathlib import Path

from envparity.errors import EnvparityError
from envparity.index.clients import (
    EXTRA,
    ClientMissing,
    ClientSilent,
    IndexClients,
    IndexUnreachable,
    Said,
    pip_command,
)

_TIME = 900.0  # seconds that one run of pip may take


def fetch(
    clients: IndexClients, lines: Sequence[str], folder: Path, *options: str, series: str, purpose: str
) -> Said | str:
    """Fetch the artefacts that the requirement lines `lines` name into `folder`, with one run of pip.

    `options` are further options of `pip download`, and `series` is the minor version of Python for which pip fetches,
    for example 3.11. If a line has hashes, pip refuses a file with another hash. Return how pip ended, or the reason
    why it did not end in time. Raise IndexUnreachable if pip cannot reach the index, and EnvparityError if pip is
    missing; `purpose` begins the message about the missing pip.
    """
    wanted = folder.with_name(f"{folder.name}-wanted.txt")
    wanted.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    try:
        said = clients.run(
            [
                *(*pip_command(), "download", "-q", "--no-deps", "--no-input"),
                # If pip cannot reach the index, it prints that it retries: `Said.unreachable` looks for that text.
                *("--disable-pip-version-check", "--retries", "2", "--ignore-requires-python"),
                *("--python-version", series, *options, "-d", str(folder), "-r", str(wanted)),
            ],
            timeout=_TIME,
            folder=folder.parent,
        )
    except ClientMissing as missing:
        raise EnvparityError(
            f"{purpose}: expected pip, which fetches the wheels, found {missing}; {EXTRA}"
        ) from missing
    except ClientSilent as silent:
        return str(silent)
    if said.unreachable:
        raise IndexUnreachable(
            "index: expected pip to reach the package index, to fetch wheels, found no connection; "
            "the answers so far are kept, so run the command again to continue"
        )
    return said
