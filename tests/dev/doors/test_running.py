"""Tests of the images, run as the test harnesses of libp2p run them.

The containers ping each other over every combination of transport, secure channel and muxer, and ping processes of this
machine. The two harnesses, unified-testing and test-plans, use different variables.
"""

import json
import re
import secrets
import subprocess
from pathlib import Path

import pytest
import yaml
from docker_kit import HARDENED, Docker, bridged, unified

from dev.doors.bases import find_redis
from dev.doors.build_secrets import certificates
from dev.doors.engine import Container, Engine
from dev.doors.image import make_plan
from dev.lockenv.project import Project
from dev.matrix.plan import Test, every_test
from pingtest.settings import Muxer, SecureChannel, Transport

pytestmark = [pytest.mark.slow, pytest.mark.docker, pytest.mark.timeout(300)]
TESTS = [test for track in ("v0.4", "v0.8") for test in every_test(track, track)]
PLAIN = Test("v0.4", "v0.4", Transport.TCP, SecureChannel.NOISE, Muxer.YAMUX)


@pytest.fixture(scope="module")
def network(engine: Engine) -> "Docker":
    """Return one Docker network for all tests; each test finds its listener in Redis under another key."""
    return Docker(engine, f"ping-test-{secrets.token_hex(4)}")


@pytest.fixture(scope="module", autouse=True)
def _closed(network: Docker) -> "object":
    yield
    network.close()


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.name)
def test_every_combination_passes_between_two_containers(network: Docker, images: dict[str, str], test: Test) -> None:
    for left in range(2, -1, -1):
        key = secrets.token_hex(4)
        environ = unified(test, key, f"{network.redis}:6379", is_dialer=False)
        listener = network.start(f"listener-{key}", images[test.listener], environ, options=(*HARDENED, "--init"))
        dialed = network.play(images[test.dialer], environ | {"IS_DIALER": "true"})
        network.stop(listener)
        # libp2p 0.8.1 loses one WebRTC stream in fourteen (docs/reference/harness.md), so only a test over WebRTC is
        # repeated after a failure.
        if test.transport is not Transport.WEBRTC_DIRECT or dialed.status == 0 or not left:
            break
    if test.limit is not None:
        said = f"{dialed.err}{network.wait(listener).err}"
        assert dialed.status != 0
        assert re.search(test.limit.shows, said)
        return
    # On a busy machine the dialer may have opened another WebRTC stream, and says so.
    told = [line for line in dialed.err.splitlines() if not line.endswith(": opening another stream")]
    assert (dialed.status, told) == (0, [])
    latency = yaml.safe_load(dialed.out)["latency"]
    assert latency["unit"] == "ms"
    assert 0 < latency["ping_rtt"] < latency["handshake_plus_one_rtt"]
    # Docker's init process passes SIGTERM on to the listener, and the listener then ends with status 0.
    assert network.wait(listener).status == 0


@pytest.mark.parametrize(
    "test",
    [one for one in TESTS if one.limit is None and one.muxer in (None, Muxer.YAMUX)][:8],
    ids=lambda test: test.name,
)
@pytest.mark.parametrize("dialer_is_contained", [True, False])
def test_a_container_and_a_process_of_this_machine_ping_each_other(
    network: Docker, images: dict[str, str], project: Project, test: Test, dialer_is_contained: bool
) -> None:
    """The container dials the gateway of its network, and this machine dials the container's address."""
    key = secrets.token_hex(4)
    redis = network.address(network.redis)
    python, application = project.environment(test.dialer) / "bin" / "python", project.root / "ping_test.py"
    here = bridged(unified(test, key, f"{redis}:6379", is_dialer=not dialer_is_contained))
    there = unified(test, key, f"{network.redis}:6379", is_dialer=dialer_is_contained)
    if dialer_is_contained:
        here["LISTENER_IP"] = network.gateway()
        with subprocess.Popen([python, application], env=here, stderr=subprocess.DEVNULL) as listener:
            try:
                dialed = network.play(images[test.dialer], there)
            finally:
                listener.terminate()
        assert (dialed.status, dialed.err) == (0, "")
        assert "latency:" in dialed.out
        return
    network.start(f"contained-{key}", images[test.listener], there, options=(*HARDENED, "--init"))
    done = subprocess.run([python, application], env=here, capture_output=True, text=True, timeout=90, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "latency:" in done.stdout


@pytest.mark.parametrize("track", ["v0.4", "v0.8"])
def test_the_variables_of_test_plans_work_in_a_container(network: Docker, images: dict[str, str], track: str) -> None:
    network.redis_command("del", "listenerAddr")
    environ = {
        "is_dialer": "false",
        "redis_addr": f"{network.redis}:6379",
        "transport": "tcp",
        "security": "noise",
        "muxer": "yamux",
        "ip": "0.0.0.0",
        "test_timeout_seconds": "60",
    }
    network.start(f"legacy-{track}", images[track], environ, options=("--init",))
    dialed = network.play(images[track], environ | {"is_dialer": "true"}, options=())
    assert (dialed.status, dialed.err) == (0, "")
    assert list(json.loads(dialed.out)) == ["handshakePlusOneRTTMillis", "pingRTTMilllis"]
    assert dialed.out.count("\n") == 1


def test_a_harness_can_build_the_image_without_arguments(
    engine: Engine, project: Project, images: dict[str, str], base: str
) -> None:
    """The test gives the build only the base image and this machine's certificates; the image must have the same size.

    A machine that cannot pull the pinned base image needs these two.
    """
    tag = "py-libp2p-ping-test:as-a-harness"
    standing = make_plan(project, "v0.4", base).arguments
    given = [f"--build-arg={name}={standing[name]}" for name in ("BASE_IMAGE", "RUNTIME_BASE")]
    given += [f"--secret=id=ca,src={path}" for path in filter(None, [certificates()])]
    file = project.root / "Dockerfile"
    engine.ask("build", "-q", "-f", file, "-t", tag, *given, project.root, purpose="building plainly")
    told = [engine.inspect(one) for one in (tag, images["v0.4"])]
    engine.remove("image", tag)
    assert len({(*one["Config"]["Entrypoint"], one["Size"]) for one in told}) == 1


def test_a_listener_stays_after_its_dialer_has_ended(network: Docker, images: dict[str, str]) -> None:
    key = secrets.token_hex(4)
    environ = unified(PLAIN, key, f"{network.redis}:6379", is_dialer=False)
    listener = network.start(f"listener-{key}", images["v0.4"], environ, options=("--init",))
    assert network.play(images["v0.4"], environ | {"IS_DIALER": "true"}).status == 0
    assert network.is_running(listener)


def test_a_container_without_init_can_be_stopped(network: Docker, images: dict[str, str]) -> None:
    key = secrets.token_hex(4)
    environ = unified(PLAIN, key, f"{network.redis}:6379", is_dialer=False)
    listener = network.start(f"bare-{key}", images["v0.4"], environ)
    assert network.play(images["v0.4"], environ | {"IS_DIALER": "true"}).status == 0
    network.stop(listener)
    assert network.wait(listener).status == 0


def test_bad_settings_are_one_line(network: Docker, images: dict[str, str]) -> None:
    done = network.play(images["v0.4"], {"IS_DIALER": "maybe"})
    assert done.status == 2
    assert done.err == "ping_test: IS_DIALER: expected true or false, found 'maybe' in the environment\n"


def test_compose_runs_the_ping_between_two_containers(project: Project, engine: Engine, images: dict[str, str]) -> None:
    assert images
    for track in ("v0.4", "v0.8"):
        command = [
            engine.program,
            "compose",
            "--project-name",
            f"compose-{secrets.token_hex(4)}",
            "--file",
            "compose.yaml",
        ]
        environ = {"PATH": "/usr/bin:/bin", "HOME": str(Path.home()), "TRACK": track}
        environ["REDIS_IMAGE"] = find_redis(engine, project)
        try:
            done = subprocess.run(
                [*command, "up", "--exit-code-from", "dialer", "--no-log-prefix"],
                cwd=project.root,
                env=environ,
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
        finally:
            subprocess.run([*command, "down"], cwd=project.root, env=environ, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "handshake_plus_one_rtt: " in done.stdout


def test_the_image_has_no_build_tools_caches_or_secrets(images: dict[str, str], engine: Engine, tmp_path: Path) -> None:
    """The images have no compiler, pip or uv, no cache, no certificate of this machine, and no file of the build."""
    walk = "find / -xdev \\( -type f -o -type l \\) -not -path '/proc/*' -not -path '/sys/*'"
    own = "find /app /staged /run /tmp /root/.cache /var/cache/uv /home -xdev -not -type d"
    for track, tag in images.items():
        every, found = (
            engine.run(Container(tag, ("-c", f"{one} || :"), entrypoint="sh", user="0"), purpose="listing").splitlines()
            for one in (walk, own)
        )
        names = {path.rpartition("/")[2] for path in every}
        assert (
            names & {"gcc", "cc", "cc1", "as", "ld", "uv", "pip", "pip3", "gmp.h", "Python.h", "cmake", "git"} == set()
        )
        assert [path for path in every if "/site-packages/pip/" in path or "/site-packages/uv/" in path] == []
        outside = [path for path in found if not path.startswith(f"/app/.venv-{track}/")]
        assert [
            path for path in outside if not path.startswith(("/app/pingtest/", "/app/ping_test.py", "/app/LICENSE"))
        ] == []
    for one in map(engine.inspect, images.values()):
        assert one["Config"]["User"] == "65532:65532"
        assert one["Config"]["Entrypoint"] == ["python", "--check-hash-based-pycs", "never", "ping_test.py"]
        assert "PYTHONUNBUFFERED=1" in one["Config"]["Env"]
        assert one["Config"]["Labels"]["org.opencontainers.image.licenses"] == "MIT"
    authorities = Path("/etc/ssl/certs/ca-certificates.crt").read_bytes().strip().splitlines()[-3]
    archive = tmp_path / "image.tar"
    engine.save(images["v0.4"], archive)
    layers = json.loads(
        subprocess.run(["tar", "-xOf", archive, "manifest.json"], capture_output=True, check=True).stdout
    )
    for layer in layers[0]["Layers"][1:]:  # the first layer is the base
        data = subprocess.run(["tar", "-xOf", archive, layer], capture_output=True, check=True).stdout
        assert authorities not in data
        assert b"run/secrets/" not in data
