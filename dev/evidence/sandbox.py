"""Containers on the bare base that share what they fetch, and nothing else."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.command.errors import CommandError
from dev.doors.engine import Engine
from dev.doors.image import certificates, registries, write_privately
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project

_SHARED = "/shared"
_LOCKS = "/run/locks"
# Where a build of the image finds what it may know and no layer: the machine's certificates and settings.
_SECRETS = "/run/secrets"
_SOURCED = "/run/registries"
# As of a day, for what a build takes beside the locks is not pinned by them.
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
    """How a command ended, and every line that it wrote."""

    status: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Box:
    """One container that runs; its PATH has uv of the tools' lock and Debian's pip."""

    engine: Engine
    name: str

    def do(self, script: str, *, purpose: str, given: str = "") -> str:
        """What a script prints; CommandError where it fails."""
        command = ["exec", "--interactive", self.name, "sh", "-euc", f". {_SOURCED}\n{script}"]
        return self.engine.run(command, purpose=purpose, stdin=given.encode())

    def attempt(self, script: str, *, purpose: str, given: str = "") -> ScriptResult:
        """How a script ends, whatever its status."""
        # No `||`, for within it `set -e` is of no effect.
        script = f"set +e; ( set -e\n{script}\n) > /tmp/said 2>&1; echo $?; cat /tmp/said"
        status, _, said = self.do(script, purpose=purpose, given=given).partition("\n")
        return ScriptResult(int(status), tuple(line.strip() for line in said.splitlines() if line.strip()))


@dataclass(frozen=True)
class Sandbox:
    """Where boxes are opened: each has the base and the Debian packages that it is given."""

    engine: Engine
    project: Project
    base: str
    volume: str
    mounts: tuple[str, ...]

    @contextmanager
    def box(self, packages: Mapping[str, str]) -> Iterator[Box]:
        """A container with packages, of exact versions where they have one; it ends with the block."""
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
        command = ["run", "--detach", "--init", "--user", "0", "--name", name, "--entrypoint", "sleep"]
        command += [word for one in self.mounts for word in ("--volume", one)]
        command += [word for key, value in settings.items() for word in ("--env", f"{key}={value}")]
        self.engine.run([*command, self.base, "3600"], purpose="starting a container")
        try:
            box = Box(self.engine, name)
            if packages:
                wanted = " ".join(f"{one}={version}" if version else one for one, version in packages.items())
                install = f"apt-get install -y -qq --no-install-recommends {wanted} > /dev/null"
                box.do(install, purpose=f"installing {wanted}")
            yield box
        finally:
            with suppress(CommandError):  # why the block failed is what counts
                self.engine.run(["rm", "--force", name], purpose="removing a container")


@contextmanager
def sandbox(engine: Engine, project: Project, base: str) -> Iterator[Sandbox]:
    """A sandbox, with Debian's lists, uv and the build requirements of the locks in it; it ends with the block."""
    volume = f"py-libp2p-ping-test-builds-{os.getpid()}"
    engine.run(["volume", "create", volume], purpose="making a volume")
    try:
        with TemporaryDirectory() as name:
            made = Sandbox(engine, project, base, volume, (f"{volume}:{_SHARED}", *_mounts(project, Path(name))))
            with made.box({}) as box:
                pin = read_lock(project.lock("tools")).pins["uv"]
                box.do(_PREPARE, purpose="preparing what the containers share", given=pin.text + "\n")
            yield made
    finally:
        with suppress(CommandError):
            engine.run(["volume", "rm", "--force", volume], purpose="removing a volume")


def _mounts(project: Project, folder: Path) -> Iterator[str]:
    """What every container reads; the secrets are mounted as long as it runs, and stored nowhere."""
    yield f"{project.root / 'locks'}:{_LOCKS}:ro"
    yield f"{project.root / 'container' / 'registries'}:{_SOURCED}:ro"
    for path in certificates():
        yield f"{path}:{_SECRETS}/ca:ro"
    if text := registries():
        yield f"{write_privately(folder / 'registries', text)}:{_SECRETS}/registries:ro"


def installed(box: Box, names: Sequence[str]) -> dict[str, str]:
    """The versions of Debian packages that are in a container."""
    if not names:
        return {}
    script = f"dpkg-query --show --showformat '${{Package}} ${{Version}}\\n' {' '.join(names)}"
    said = box.do(script, purpose="asking dpkg for versions")
    return dict(sorted(line.split(" ", 1) for line in said.splitlines()))
