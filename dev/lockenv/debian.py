"""Functions for Debian's packages: run apt-get, and find the mirror of a release and Debian's dated archives.

A dated archive has the packages as they were at one moment.
"""

import os
import re
import subprocess
from pathlib import Path

from dev.command.errors import CommandError

_APT = Path("/etc/apt")
_ARCHIVE = re.compile(r"#\s*(\S+://\S+/[0-9]{8}T[0-9]{6}Z)\s*")
_MIRROR = re.compile(r"(?:URIs:|deb(?: \[[^\]]*\])?)\s+(\S+://\S+)")
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def source_of(suite: str) -> str:
    """Return the line for apt's sources that gives access to the Debian release `suite`, for example `trixie`.

    The line names the mirror from which this machine gets its own packages. Raises CommandError if the sources of apt
    lack the main archive of Debian 12.
    """
    command = ["apt-get", "indextargets", "--format", "$(SITE)|$(CODENAME)|$(CREATED_BY)"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    rows = (line.split("|") for line in said.splitlines())
    found = next((row[0] for row in rows if row[1:] == ["bookworm", "Packages"]), None)
    if found is None:
        raise CommandError(
            "expected the main archive of Debian 12 in the sources of apt, found none; add it to /etc/apt/sources.list"
        )
    return f"deb [signed-by={_KEYRING}] {found} {suite} main\n"


def dated_archives(folder: Path = _APT) -> dict[str, str]:
    """Return a dict from each mirror in apt's sources to the dated archive that the comment above the mirror names.

    The sources in Docker's official images of Debian have such comments. A mirror without a comment is not in the dict.
    """
    found: dict[str, str] = {}
    for path in (folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))):
        archive = None
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else ():
            if named := _ARCHIVE.fullmatch(line):
                archive = named[1]
            elif archive and (mirror := _MIRROR.match(line)):
                found[mirror[1]] = archive
            elif not line.strip():
                archive = None
    return found


def apt(*arguments: str) -> None:
    """Run apt-get without questions to the user. Raises CommandError with apt-get's error output if apt-get fails."""
    done = subprocess.run(
        ["apt-get", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        check=False,
    )
    if done.returncode != 0:
        lines = (line.strip() for line in done.stderr.decode("utf-8", "replace").splitlines())
        said = " | ".join(filter(None, lines))[-1200:] or "no output"
        raise CommandError(f"expected apt-get {arguments[0]} to succeed, found: {said}")
