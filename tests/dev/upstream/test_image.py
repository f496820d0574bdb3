"""Tests of the image that a harness builds in a py-libp2p checkout, with the real engine and real releases.

The build gets only the base image and this machine's certificates, because a machine that cannot pull the pinned base
image needs these two.
"""

import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from checkout import run_script
from docker_kit import HARDENED, Docker, unified
from pylibp2p import commit, git, released

from dev.doors.bases import find_base, is_stand_in
from dev.doors.build_secrets import build_secrets
from dev.doors.engine import Engine
from dev.doors.engines import find_engine
from dev.lockenv.project import Project
from dev.matrix.plan import Test
from pingtest.settings import Muxer, SecureChannel, Transport

pytestmark = [pytest.mark.slow, pytest.mark.docker, pytest.mark.network, pytest.mark.timeout(900)]
TRANSPORTS = {
    "0.4.0": ["tcp", "quic-v1"],
    "0.8.1": ["tcp", "ws", "wss", "quic-v1"],
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return find_engine()


@pytest.fixture(scope="module")
def network(engine: Engine) -> Iterator[Docker]:
    """Yield a Docker network with a Redis in it."""
    made = Docker(engine, f"upstream-{secrets.token_hex(4)}")
    yield made
    made.close()


@pytest.fixture(scope="module")
def checkouts(project: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return a dict from a release of py-libp2p to its checkout, in which `scripts/upstream` has written its folder.

    The .dockerignore of the checkout names what py-libp2p's own names.
    """
    found = {}
    for version in TRANSPORTS:
        root = released(tmp_path_factory.mktemp(version), version)
        (root / ".dockerignore").write_text(".git\n*.so\nbuild/\ndist/\nDockerfile\n.dockerignore\n")
        commit(root)
        done = run_script(project.root, "upstream", str(root))
        assert done.returncode == 0, done.stderr
        commit(root)
        found[version] = root
    return found


def build(engine: Engine, project: Project, checkout: Path, tag: str) -> "subprocess.CompletedProcess[str]":
    """Build the image as unified-testing does, from an export of the checkout without git."""
    context = checkout.parent / f"export-{secrets.token_hex(4)}"
    context.mkdir()
    git(checkout, "archive", "-o", str(context / "a.tar"), "HEAD")
    subprocess.run(["tar", "-xf", "a.tar"], cwd=context, check=True)
    base, _ = find_base(engine, project)
    given = [
        f"--build-arg=BASE_IMAGE={base}",
        f"--build-arg=RUNTIME_BASE={'base' if is_stand_in(base) else 'bare'}",
    ]
    with build_secrets() as files:
        given += [f"--secret=id={name},src={path}" for name, path in files.items()]
        command = [engine.program, "build", "--progress=plain", "-f", "interop/transport/Dockerfile"]
        command += ["--build-arg", "HOST_OS=linux", "-t", tag, *given, "."]
        done = subprocess.run(command, cwd=context, capture_output=True, text=True, check=False)
    shutil.rmtree(context)
    return done


@pytest.fixture(scope="module")
def images(engine: Engine, project: Project, checkouts: dict[str, Path]) -> Iterator[dict[str, str]]:
    """Build the image of each checkout; yield a dict from release to the tag of its image."""
    found = {version: f"py-libp2p-upstream-test:{version}-{secrets.token_hex(4)}" for version in checkouts}
    for version, tag in found.items():
        done = build(engine, project, checkouts[version], tag)
        assert done.returncode == 0, done.stderr
        assert "asks for" not in done.stderr
    yield found
    engine.remove("image", *found.values())


@pytest.mark.parametrize(
    ("version", "transport"), [(version, one) for version, those in TRANSPORTS.items() for one in those]
)
def test_two_containers_ping_each_other(network: Docker, images: dict[str, str], version: str, transport: str) -> None:
    layers = (None, None) if transport == "quic-v1" else (SecureChannel.NOISE, Muxer.YAMUX)
    test, key = Test("checkout", "checkout", Transport(transport), *layers), secrets.token_hex(4)
    environ = unified(test, key, f"{network.redis}:6379", is_dialer=False)
    listener = network.start(f"listener-{key}", images[version], environ, options=(*HARDENED, "--init"))
    dialed = network.play(images[version], environ | {"IS_DIALER": "true"})
    assert (dialed.status, dialed.err) == (0, "")
    assert yaml.safe_load(dialed.out)["latency"]["unit"] == "ms"
    network.stop(listener)
    assert network.wait(listener).status == 0


@pytest.fixture
def edited(checkouts: dict[str, Path], tmp_path: Path) -> Path:
    """Return a copy of the checkout of 0.8.1, which the test may change."""
    return Path(shutil.copytree(checkouts["0.8.1"], tmp_path / "py-libp2p"))


def test_the_library_is_that_of_the_checkout(engine: Engine, project: Project, edited: Path) -> None:
    """The test edits the library, and asks for two distributions that the lock does not hold so.

    No ping needs them, so the build prints a line for each and succeeds.
    """
    root, tag = edited, f"py-libp2p-upstream-test:edited-{secrets.token_hex(4)}"
    with (root / "libp2p" / "__init__.py").open("a") as file:
        file.write("\nEDITED = True\n")
    path = root / "pyproject.toml"
    path.write_text(path.read_text().replace('"trio>=0.26.0",', '"trio>=0.26.0", "iniconfig", "requests<2",'))
    commit(root)
    done = build(engine, project, root, tag)
    assert done.returncode == 0, done.stderr
    assert "interop/transport: the checkout asks for iniconfig, and the lock holds no such distribution" in done.stderr
    assert "interop/transport: the checkout asks for requests<2, and the lock holds requests 2." in done.stderr
    command = [
        engine.program,
        "run",
        "--rm",
        "--entrypoint",
        "python",
        tag,
        "-c",
        "import libp2p; print(libp2p.EDITED)",
    ]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "True\n"
    engine.remove("image", tag)


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        (
            "libp2p/__init__.py",
            "",
            "import iniconfig\n",
            "expected a ping over tcp with these distributions, found: ping_test: .*No module named 'iniconfig'.*"
            "the checkout asks for iniconfig, and the lock holds no such distribution; lock again with: "
            "interop/transport/relock",
        ),
        (
            "pyproject.toml",
            '"wheel"]',
            '"wheel", "hatchling"]',
            "expected to build the library with the locks; lock again with: interop/transport/relock",
        ),
        ("pyproject.toml", 'requires-python = ">=3.10', 'requires-python = ">=3.12', "runs with Python 3.11, found"),
    ],
)
def test_a_requirement_of_the_ping_that_the_lock_does_not_hold_is_an_error(
    engine: Engine, project: Project, edited: Path, name: str, old: str, new: str, says: str
) -> None:
    asked = edited / "pyproject.toml"
    if name != "pyproject.toml":
        asked.write_text(asked.read_text().replace('"trio>=0.26.0",', '"trio>=0.26.0", "iniconfig",'))
    path = edited / name
    text = path.read_text()
    path.write_text(text.replace(old, new) if old else text + new)
    commit(edited)
    done = build(engine, project, edited, "py-libp2p-upstream-test:never")
    assert done.returncode != 0
    assert re.search(says, done.stderr), done.stderr[-3000:]
