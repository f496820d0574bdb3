"""Install and start Debian's Docker engine if no engine of this machine has compose, which the devcontainer needs."""

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.command.errors import CommandError
from dev.doors.engine import Engine, last_lines
from dev.doors.engines import Lack, find_engine, is_chosen, lacks, programs
from dev.lockenv.debian import apt, source_of

# The Debian release that the engine comes from. The engine of Debian 12 is too old for the Dockerfile. Debian 12's
# containerd and runc are new enough.
_SUITE = "trixie"
_PACKAGES = ("docker.io", "docker-cli", "docker-buildx", "docker-compose")
_START = 60.0  # seconds that an engine may take from its start to its first answer


def ensure_engine() -> Engine:
    """Return this machine's engine with compose; on Debian, as root, first install and start a missing engine.

    If this machine has a Podman without compose, the function installs Docker as well. If the user has chosen an
    engine, for example with DOCKER_HOST, the function starts no other engine. Raises CommandError if this machine has
    no usable engine, and this function cannot install and start one.
    """
    try:
        return find_engine(compose=True)
    except CommandError as error:
        if not shutil.which("apt-get") or os.geteuid() != 0 or is_chosen():
            raise
        reason = str(error)
    dockers = [program for program in programs() if not Engine(program).is_podman]
    no_plugin = any(lack.what in ("no buildx", "no compose") for lack in _lacks(dockers) if lack)
    if no_plugin or not dockers or shutil.which("dockerd") is None:
        install()
    _start()
    try:
        return find_engine(compose=True)
    except CommandError as error:
        raise CommandError(f"{error} (before the installation: {reason})") from error


def _lacks(found: Sequence[str]) -> list[Lack | None]:
    return [lacks(program, compose=True) for program in found]


def install() -> None:
    """Install the engine's packages from the Debian release `_SUITE`. Raises CommandError if apt fails.

    No other package comes from this release, so that all other packages stay at the release of this machine.
    """
    try:
        _install_from(source_of(_SUITE))
    except CommandError as error:
        raise CommandError(f"engine: {error}") from error


def _install_from(source: str) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # apt reads this folder as the user `_apt`
        (folder / "lists" / "partial").mkdir(parents=True)
        (folder / "sources").mkdir()
        (folder / "sources" / "engine.list").write_text(source, encoding="utf-8")
        for path in (*Path("/etc/apt/sources.list.d").glob("*"), Path("/etc/apt/sources.list")):
            if path.is_file():
                (folder / "sources" / path.name).write_bytes(path.read_bytes())
        pins = (
            f"Package: *\nPin: release n={_SUITE}\nPin-Priority: -10\n\n"
            f"Package: {' '.join(_PACKAGES)}\nPin: release n={_SUITE}\nPin-Priority: 990\n"
        )
        (folder / "pins").write_text(pins, encoding="utf-8")
        options = [
            *("-o", f"Dir::Etc::sourcelist={folder}/none", "-o", f"Dir::Etc::sourceparts={folder}/sources"),
            *("-o", f"Dir::Etc::preferences={folder}/pins", "-o", f"Dir::State::lists={folder}/lists"),
        ]
        apt("update", "-qq", *options)
        apt("install", "-y", "-qq", "--no-install-recommends", *options, *_PACKAGES, "iptables", "ca-certificates")


def _start() -> None:
    """Start Debian's engine and wait until it answers; raise CommandError if it does not answer within `_START`.

    The engine runs until the machine stops, or until somebody ends the process whose id is in dockerd's pid file.
    """
    log = Path("/var/log/dockerd.log")
    with log.open("ab") as said:
        process = subprocess.Popen(
            ["dockerd"], stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
        )
    until = time.monotonic() + _START
    while time.monotonic() < until:
        if Path("/var/run/docker.sock").exists() and not all(_lacks(programs())):
            return
        if process.poll() is not None:
            break
        time.sleep(0.2)
    why = last_lines(log.read_bytes()[-2000:])
    raise CommandError(f"engine: expected dockerd to answer within {_START:.0f} s, found in {log}: {why}")
