"""Two functions for Debian's packages: one runs apt-get, the other names the mirror of a Debian release."""

import os
import subprocess

from dev.command.errors import CommandError

_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def source_of(suite: str) -> str:
    """Return the line for apt's sources that gives access to a Debian release, for example `trixie`, the `suite`.

    The line names the mirror from which this Debian gets its own packages. Raises CommandError if apt does not have the
    main archive of Debian 12.
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
        said = " | ".join(filter(None, lines))[-1200:] or "it said nothing"
        raise CommandError(f"expected apt-get {arguments[0]} to succeed, found: {said}")
