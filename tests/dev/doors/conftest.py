"""Fixtures for tests of the doors: this machine's Docker engine and Nix, the images of two tracks, and containers.

A door is one way into the project's environment: venv, docker, devcontainer or nix. A track is one pinned version
of libp2p, such as v0.4.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from called import Machine
from docker_kit import Docker, DockerFolders, build_old, old_context

from dev.command.surroundings import AUTHORITIES
from dev.doors.bases import find_base
from dev.doors.engine import Engine
from dev.doors.engines import find_engine
from dev.doors.image import build, make_plan
from dev.doors.nix import Nix, ensure_nix, find_nix
from dev.doors.nix_folders import nix_folders
from dev.doors.sources import list_sources
from dev.lockenv.project import Project

Run = Callable[..., subprocess.CompletedProcess[str]]
# The start of a command that runs in a separate network namespace, without a connection to another host.
_OFFLINE = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Return the Docker engine of this machine; raise CommandError if it has no engine."""
    return find_engine()


@pytest.fixture(scope="session")
def base(engine: Engine, project: Project) -> str:
    """Return the name of the base image on which this machine builds the images."""
    return find_base(engine, project)[0]


@pytest.fixture(scope="session")
def images(engine: Engine, project: Project, base: str) -> dict[str, str]:
    """Build the images of the tracks v0.4 and v0.8; return a dict from track to the tag of its image."""
    found = {}
    for track in ("v0.4", "v0.8"):
        plan = make_plan(project, track, base)
        build(engine, project, plan)
        found[track] = plan.tag
    return found


@pytest.fixture
def docker(engine: Engine, tmp_path: Path) -> Iterator[Docker]:
    """Yield a Docker network that only this test uses, with a Redis in it; the test can start containers in it."""
    made = Docker(engine, f"ping-test-{os.getpid()}-{abs(hash(tmp_path)) % 10**6}")
    yield made
    made.close()


@pytest.fixture(scope="session")
def old_images(engine: Engine, project: Project, base: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Build the Dockerfile that the ping test had before this project, up to each of two stages.

    The stage `installed` is before the step that uninstalls py-multihash, and `worked-around` is after it. Return a
    dict from stage to the tag of its image.
    """
    context = old_context(project, tmp_path_factory.mktemp("old"))
    stages = ("installed", "worked-around")
    return {one: build_old(engine, context, base, f"py-libp2p-ping-test-old:{one}", one) for one in stages}


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove from the environment the variables with which a person configures pip, uv, certificates and images."""
    own = ("LIBP2P_SOURCE", "BASE_IMAGE", "REDIS_IMAGE", "DEVCONTAINER_USER", *AUTHORITIES)
    for name in list(os.environ):
        if name in own or name.startswith(("PIP_", "UV_")):
            monkeypatch.delenv(name)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """Return the path of a copy of this machine's certificate file; skip the test if the machine has no such file."""
    found = Path("/etc/ssl/certs/ca-certificates.crt")
    if not found.is_file():
        pytest.skip("no file of certificates in /etc/ssl/certs; apt-get install -y ca-certificates")
    return Path(shutil.copy(found, tmp_path / "bundle.pem"))


@pytest.fixture
def machine(project: Project, tmp_path: Path) -> Machine:
    """Return a simulated machine without a Docker engine, and without an apt-get that could install an engine."""
    assert project.environment("tools").is_dir(), "scripts/check makes it"
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    own = {"DOCKER_HOST": "unix:///nowhere.sock", "TMPDIR": str(temporary)}
    return Machine(project.root, tmp_path / "programs", own)


@pytest.fixture
def docker_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DockerFolders:
    """Return two empty folders: `first` is the only folder on PATH, and `second` replaces /usr/bin."""
    made = DockerFolders(tmp_path / "first", tmp_path / "second")
    made.first.mkdir()
    made.second.mkdir()
    which = shutil.which
    monkeypatch.setenv("PATH", str(made.first))
    monkeypatch.setattr(
        "shutil.which", lambda name, path=None: which(name, path=str(made.second) if path == "/usr/bin" else path)
    )
    return made


@pytest.fixture(scope="session")
def nix(project: Project) -> Nix:
    """Return the Nix of this machine; if a command of this project made that Nix, first update it to this commit."""
    folders = nix_folders(project.root)
    find_nix(folders)
    return ensure_nix(folders)


@pytest.fixture(scope="session")
def run(nix: Nix, project: Project) -> Run:
    """Return a function that runs Nix in the checkout or in the folder `cwd`, with `offline=True` without a network."""

    def run_nix(
        *arguments: str, offline: bool = False, cwd: Path | None = None, stdin: str = "", **environ: str
    ) -> subprocess.CompletedProcess[str]:
        if offline and (os.geteuid() != 0 or shutil.which("unshare") is None):
            pytest.skip("only root can cut off the network, with unshare; run as root")
        return subprocess.run(
            [*(_OFFLINE if offline else []), str(nix.program), *arguments],
            cwd=cwd or project.root,
            env=os.environ | environ,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )

    return run_nix


@pytest.fixture(scope="session")
def entered(run: Run) -> Run:
    """Enter each shell of flake.nix once, so that it has what the scripts need; return the function `run`."""
    for command in (["develop", ".#v0_4"], ["develop", ".#v0_8"], ["run", ".#ping"], ["flake", "check"]):
        last = ["--command", "scripts/ping", "--help"] if command[0] == "develop" else []
        last = ["--", "--help"] if command[0] == "run" else last
        done = run(*command, *last)
        assert done.returncode == 0, done.stderr
    return run


@pytest.fixture
def copy(project: Project, tmp_path: Path) -> Path:
    """Copy the project's files without the folder .git; return the path of the copy."""
    root = tmp_path / "a copy"
    for name in list_sources(project.root):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(project.root / name, root / name)
    return root
