"""Containers in which builds run with chosen tools: the base image, with only the Debian packages that a caller names.

The containers share one volume. It has the downloaded files, uv and pip, and the files of the experiments.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.command.errors import CommandError
from dev.doors.build_secrets import secrets_in
from dev.doors.engine import Container, Engine
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project

_SHARED = "/shared"
_LOCKS = "/run/locks"
# A container finds the machine's certificates and registry settings in this folder. A build may read them, but no image
# or volume may store them.
_SECRETS = "/run/secrets"
_SOURCED = "/run/registries"
# A build also uses distributions that no lock pins. uv resolves them as of this day, so that later runs get the same
# versions.
AS_OF = "2026-11-20T00:00:00Z"
_PREPARE = """
mkdir -p /shared/lists/partial /shared/archives/partial
cat > "$APT_CONFIG" << END
Dir::State::lists "/shared/lists";
Dir::Cache::archives "/shared/archives";
APT::Keep-Downloaded-Packages "true";
APT::Sandbox::User "root";
END
apt-get update -qq
python3.11 -m venv /shared/clients
cat > /tmp/uv.txt
pip install -q --no-deps --require-hashes --only-binary=:all: -r /tmp/uv.txt -r /run/locks/build.txt
"""


@dataclass(frozen=True)
class ScriptResult:
    """The exit status of a script, and every non-empty line that it wrote to stdout and stderr."""

    status: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Box:
    """One running container; its PATH has the uv that locks/tools.txt pins, and Debian's pip."""

    engine: Engine
    name: str

    def do(self, script: str, *, purpose: str, given: str = "") -> str:
        """Run a script, with `given` on its stdin, and return its output.

        Raises CommandError if the script fails. The error contains `purpose`, for example `asking for versions`.
        """
        command = ["sh", "-euc", f". {_SOURCED}\n{script}"]
        return self.engine.execute(self.name, command, purpose=purpose, stdin=given.encode())

    def attempt(self, script: str, *, purpose: str, given: str = "") -> ScriptResult:
        """Run a script as `do` does, and return its exit status and its lines, even if the script fails."""
        # The shell ignores `set -e` on the left of `||`, so `( … ) || …` would not stop at the first error.
        script = f"set +e; ( set -e\n{script}\n) > /tmp/said 2>&1; echo $?; cat /tmp/said"
        status, _, said = self.do(script, purpose=purpose, given=given).partition("\n")
        return ScriptResult(int(status), tuple(line.strip() for line in said.splitlines() if line.strip()))


@dataclass(frozen=True)
class Sandbox:
    """Makes boxes: containers of the base image with the Debian packages that the caller names."""

    engine: Engine
    project: Project
    base: str
    volume: str
    mounts: tuple[str, ...]

    @contextmanager
    def box(self, packages: Mapping[str, str]) -> Iterator[Box]:
        """Yield a container with Debian packages installed, and remove it after the block.

        `packages` maps each name to a version; an empty text means any version. Raises CommandError if the container
        does not start or a package cannot be installed.
        """
        name = f"{self.volume}-box"
        settings = {
            "APT_CONFIG": f"{_SHARED}/apt.conf",
            "DEBIAN_FRONTEND": "noninteractive",
            "NO_COLOR": "1",
            "PATH": f"{_SHARED}/clients/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "PIP_CACHE_DIR": f"{_SHARED}/pip-cache",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_ROOT_USER_ACTION": "ignore",
            "UV_CACHE_DIR": f"{_SHARED}/uv-cache",
            "UV_LINK_MODE": "copy",
            **self.project.toolchain.build_environment,
        }
        sleeping = Container(
            self.base,
            ["3600"],
            name=name,
            entrypoint="sleep",
            user="0",
            mounts=self.mounts,
            environment=settings,
            init=True,
        )
        self.engine.start(sleeping, purpose="starting a container")
        try:
            box = Box(self.engine, name)
            if packages:
                wanted = " ".join(f"{one}={version}" if version else one for one, version in packages.items())
                install = f"apt-get install -y -qq --no-install-recommends {wanted} > /dev/null"
                box.do(install, purpose=f"installing {wanted}")
            yield box
        finally:
            with suppress(CommandError):  # A failed removal must not hide the error of the block.
                self.engine.remove("container", name)


@contextmanager
def sandbox(engine: Engine, project: Project, base: str) -> Iterator[Sandbox]:
    """Yield a sandbox of the image `base`, and remove its volume after the block.

    The volume has Debian's package lists, uv and the locked build requirements. Raises CommandError if the volume or
    the first container cannot be made.
    """
    volume = f"py-libp2p-ping-test-builds-{os.getpid()}"
    engine.create("volume", volume)
    try:
        with TemporaryDirectory() as name:
            made = Sandbox(engine, project, base, volume, (f"{volume}:{_SHARED}", *_mounts(project, Path(name))))
            with made.box({}) as box:
                pin = read_lock(project.lock("tools")).pins["uv"]
                box.do(_PREPARE, purpose="preparing the shared files", given=pin.text + "\n")
            yield made
    finally:
        with suppress(CommandError):
            engine.remove("volume", volume)


def _mounts(project: Project, folder: Path) -> Iterator[str]:
    """Yield the read-only mounts of every container; secrets are only mounted, so no image or volume stores them."""
    yield f"{project.root / 'locks'}:{_LOCKS}:ro"
    yield f"{project.root / 'dev' / 'doors' / 'within' / 'registries'}:{_SOURCED}:ro"
    for name, path in secrets_in(folder).items():
        yield f"{path}:{_SECRETS}/{name}:ro"


def installed(box: Box, names: Sequence[str]) -> dict[str, str]:
    """Return a dict from each of the Debian packages `names` to its installed version.

    Raises CommandError if one of them is not installed.
    """
    if not names:
        return {}
    script = f"dpkg-query --show --showformat '${{Package}} ${{Version}}\\n' {' '.join(names)}"
    said = box.do(script, purpose="asking dpkg for versions")
    return dict(sorted(line.split(" ", 1) for line in said.splitlines()))
