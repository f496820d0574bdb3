"""Make a stand-in for an installed Nix: Debian's Nix, unpacked into a folder.

This module does not install Debian's Nix with apt. It uses apt only to install missing programs that the stand-in for
nixpkgs links to.
"""

import re
from pathlib import Path

from dev.command.errors import CommandError
from dev.doors.offline.nixpkgs import write_standin
from dev.lockenv.environments import one_at_a_time
from dev.lockenv.project import Project
from dev.lockenv.unpacked import unpack

SUITE = "trixie"  # Debian 12's own Nix is too old
_PROGRAM = "usr/bin/nix"
_PLAIN = re.compile(r"[A-Za-z0-9._/+-]+")
_WRAPPER = Path(__file__).with_name("wrapper")


def made_nix(prefix: Path) -> Path:
    """Return the path of the program that `make_nix` makes in the folder `prefix`. The file need not exist yet."""
    return prefix / "bin" / "nix"


def make_nix(project: Project, prefix: Path) -> None:
    """Make a Nix in the folder `prefix`, with a stand-in for nixpkgs. Files that are up to date stay unchanged.

    Raises CommandError if `prefix` holds characters that Nix does not accept, or if a step fails.
    """
    if not _PLAIN.fullmatch(str(prefix)):
        raise CommandError(
            f"{prefix}: expected only letters, digits and . _ / + - in the path, because Nix keeps its store there, "
            "found others; move the checkout, or install Nix 2.18 or later"
        )
    made = made_nix(prefix)
    text = _WRAPPER.read_text(encoding="utf-8").replace("@PREFIX@", str(prefix))
    with one_at_a_time(project):
        unpack_nix(prefix / "debian")
        write_standin(project, prefix / "standin")
        if not made.exists() or made.read_text(encoding="utf-8") != text:
            made.parent.mkdir(exist_ok=True)
            made.write_text(text, encoding="utf-8")
            made.chmod(0o755)


def unpack_nix(folder: Path, suite: str = SUITE) -> Path:
    """Return the path of the program `nix` in `folder`. If `folder` lacks Nix from `suite`, first unpack it there.

    The packages of Nix and its libraries come from the Debian release `suite`. Raises CommandError if a download or a
    step of the unpacking fails.
    """
    try:
        unpack(folder, suite, ["nix-bin"], [_PROGRAM])
    except CommandError as error:
        raise CommandError(f"making Nix of Debian's packages: {error}") from error
    return folder / _PROGRAM
