"""A Nix that this project's flake can be entered with: the one that there is, or one that is made here."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError
from dev.doors.nix_places import Places
from dev.doors.offline.nix import unpack_nix
from dev.doors.offline.nixpkgs import write_standin
from dev.lockenv.environments import one_at_a_time

OLDEST = (2, 18)
_HOW = "install Nix 2.18 or later, or on Debian 12: scripts/nix"
_ANSWER = 20.0  # seconds
_PLAIN = re.compile(r"[A-Za-z0-9._/+-]+")
_WRAPPER = Path(__file__).parent / "offline" / "wrapper"


@dataclass(frozen=True)
class Nix:
    """A program `nix` and what it calls its version."""

    program: Path
    version: str


def find_nix(places: Places) -> Nix:
    """The Nix on PATH if it is new enough, else the one that was made here; CommandError says what there is instead."""
    seen: list[str] = []
    on_path = shutil.which("nix")
    for program in (*([Path(on_path)] if on_path else []), places.prefix / "bin" / "nix"):
        if not program.exists():
            continue
        version = _version(program)
        if tuple(map(int, re.findall(r"\d+", version)[:2])) >= OLDEST:
            return Nix(program, version)
        seen.append(f"{program} of version {version}" if version else f"{program}, which does not tell its version")
    raise CommandError(f"nix: expected Nix 2.18 or later on PATH, found {'; '.join(seen) or 'none'}; {_HOW}")


def _version(program: Path) -> str:
    """What stands behind the last `)` of `nix (Nix) 2.26.3` and the like; empty where it does not tell."""
    try:
        done = subprocess.run(
            [program, "--version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=_ANSWER, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\) (\d+\.\d+\S*)", done.stdout.decode("utf-8", "replace"))
    return found[1] if found and done.returncode == 0 else ""


def ensure_nix(places: Places) -> Nix:
    """A Nix: found, or made of Debian's packages in the prefix."""
    made = places.prefix / "bin" / "nix"
    try:
        found = find_nix(places)
    except CommandError:
        if not shutil.which("apt-get"):
            raise
    else:
        if found.program.resolve() != made.resolve():
            return found
    make_nix(places)
    return find_nix(places)


def make_nix(places: Places) -> None:
    """Make a Nix in the prefix, with the stand-in; what is there already, and as it should be, stays."""
    if not _PLAIN.fullmatch(str(places.prefix)):
        raise CommandError(
            f"{places.prefix}: expected a path without blanks or signs, for a store of Nix is to be in it, found "
            "such; move the checkout, or install Nix 2.18 or later"
        )
    made = places.prefix / "bin" / "nix"
    text = _WRAPPER.read_text(encoding="utf-8").replace("@PREFIX@", str(places.prefix))
    with one_at_a_time(places.host):
        unpack_nix(places.prefix / "debian")
        write_standin(places.host, places.prefix / "standin")
        if not made.exists() or made.read_text(encoding="utf-8") != text:
            made.parent.mkdir(exist_ok=True)
            made.write_text(text, encoding="utf-8")
            made.chmod(0o755)
