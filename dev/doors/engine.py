"""A Docker engine: the one that there is, or one from Debian where that is ours to install."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.command.errors import CommandError
from dev.lockenv.debian import apt, source_of

# Debian 12's own engine is too old for what the Dockerfile uses; its containerd and runc are not.
_SUITE = "trixie"
_PACKAGES = ("docker.io", "docker-cli", "docker-buildx", "docker-compose")
_FOREIGN = ("BUILDKIT_PROGRESS", "BUILDX_BUILDER", "DOCKER_BUILDKIT", "DOCKER_DEFAULT_PLATFORM", "SOURCE_DATE_EPOCH")
# Of a build that failed: the steps that did not, and the excerpt of the Dockerfile.
_NOISE = re.compile(
    r"#0 |\d+\.\d+ |#\d+ (\[|CACHED|CANCELED|DONE|sha256:|transferring|\.\.\.)|-{4,}$|\d+ \||> \[|--mount="
    r"|Dockerfile:\d+$"
)
_OLDEST = 23  # the first engine whose builder knows what the Dockerfile uses
_ANSWER = 5.0  # seconds
_START = 60.0  # seconds that an engine may take to answer
_HOW = "install Docker 23 or later with its buildx and compose plugins, or on Debian, as root: scripts/engine"


@dataclass(frozen=True)
class Engine:
    """A `docker` that reaches an engine and has the plugins buildx and compose."""

    program: str

    def run(
        self,
        arguments: Sequence[str | Path],
        *,
        purpose: str,
        stdin: bytes | None = None,
        cwd: Path | None = None,
        show: bool = False,
    ) -> str:
        """What docker prints; CommandError with the last lines of its complaints where it fails."""
        done = subprocess.run(
            [self.program, *map(str, arguments)],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            stdout=subprocess.PIPE,
            stderr=None if show else subprocess.PIPE,
            cwd=cwd,
            env=clean_environment(),
            check=False,
        )
        if done.returncode != 0:
            raise CommandError(f"{purpose}: {'see above' if show else last_lines(done.stderr)}")
        return done.stdout.decode("utf-8", "replace").strip()

    def image(self, name: str) -> str | None:
        """The id of an image that is here, None where there is none of that name."""
        command = [self.program, "image", "inspect", "--format", "{{.Id}}", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else None


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without what would build otherwise, plus `extra`."""
    return {name: value for name, value in os.environ.items() if name not in _FOREIGN} | dict(extra or {})


def last_lines(complaints: bytes | str) -> str:
    """The end of what a program complained of, in one line."""
    text = complaints if isinstance(complaints, str) else complaints.decode("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines()]
    return " | ".join(line for line in lines if line and not _NOISE.match(line))[-1200:] or "it said nothing"


def find_engine() -> Engine:
    """The engine that there is; CommandError says what is missing and how to get it."""
    missing: list[str] = []
    for program in _programs():
        lacks = _lacks(program)
        if lacks is None:
            return Engine(program)
        missing.append(f"{program}: {lacks}")
    raise CommandError(f"engine: expected Docker, found {'; '.join(missing) or 'no docker on PATH'}; {_HOW}")


def _programs() -> list[str]:
    """Debian's own may be behind another on PATH that lacks the plugins."""
    found = [path for path in (shutil.which("docker"), shutil.which("docker", path="/usr/bin")) if path]
    return list(dict.fromkeys(found))


def _lacks(program: str) -> str | None:
    for arguments, what in ((["buildx", "version"], "no buildx"), (["compose", "version"], "no compose")):
        if _asked(program, *arguments).returncode != 0:
            return what
    done = _asked(program, "version", "--format", "{{.Server.Version}}")
    if done.returncode != 0:
        return f"no engine that answers ({last_lines(done.stderr)[-200:]})"
    version = done.stdout.decode("utf-8", "replace").strip()
    if version.partition(".")[0].isdecimal() and int(version.partition(".")[0]) < _OLDEST:
        return f"an engine of version {version}"
    return None


def _asked(program: str, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    """What docker says of itself, or that it does not say it in time."""
    command = [program, *arguments]
    try:
        return subprocess.run(command, capture_output=True, timeout=_ANSWER, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, b"", f"no answer within {_ANSWER:.0f} s".encode())


def ensure_engine() -> Engine:
    """An engine: found, or installed from Debian and started, which changes this machine and says so."""
    try:
        return find_engine()
    except CommandError as error:
        if not shutil.which("apt-get") or os.geteuid() != 0:
            raise
        reason = str(error)
    if (
        any(_lacks(program) in ("no buildx", "no compose") for program in _programs())
        or not _programs()
        or shutil.which("dockerd") is None
    ):
        _install()
    start()
    try:
        return find_engine()
    except CommandError as error:
        raise CommandError(f"{error} (before it was installed: {reason})") from error


def _install() -> None:
    """Those four packages from the newer suite; everything else stays the host's."""
    try:
        _install_from(source_of(_SUITE))
    except CommandError as error:
        raise CommandError(f"engine: {error}") from error


def _install_from(source: str) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # apt reads it as a user of its own
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


def start() -> None:
    """Start Debian's engine, which then runs until the machine stops, or somebody ends it by its pid file."""
    log = Path("/var/log/dockerd.log")
    with log.open("ab") as said:
        process = subprocess.Popen(
            ["dockerd"], stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
        )
    until = time.monotonic() + _START
    while time.monotonic() < until:
        if Path("/var/run/docker.sock").exists() and not all(map(_lacks, _programs())):
            return
        if process.poll() is not None:
            break
        time.sleep(0.2)
    why = last_lines(log.read_bytes()[-2000:])
    raise CommandError(f"engine: expected dockerd to answer within {_START:.0f} s, found: {why}")
