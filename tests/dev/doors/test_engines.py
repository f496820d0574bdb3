"""Tests of the search for an engine: each reason why an engine does not work is one line with the right cure."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from docker_kit import NO_ENGINE_HOW, DockerFolders
from programs import line_of, put

from dev.doors import engines as module
from dev.doors.engine import Engine
from dev.doors.engines import find_engine, is_chosen
from dev.doors.offline.engine import ensure_engine

GOOD = 'case "$1" in version) echo 26.1.5 ;; esac'
PODMAN = 'case "$1" in version) echo 4.3.1 ;; compose) exit 125 ;; esac'
NO_BUILDX = 'test "$1" != buildx || { echo "docker: \'buildx\' is not a docker command." >&2; exit 1; }'
NO_COMPOSE = 'test "$1" != compose'
DOWN = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
FORBIDDEN = "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock"


def no_engine(said: str) -> str:
    return f'test "$1" != version || {{ echo "{said}" >&2; exit 1; }}'


@pytest.fixture(autouse=True)
def _nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "CONTAINER_ENGINE", "CONTAINER_HOST"):
        monkeypatch.delenv(name, raising=False)


def test_a_machine_without_an_engine_gets_the_command_that_installs_one(docker_folders: DockerFolders) -> None:
    assert docker_folders.first.is_dir()
    assert line_of(find_engine) == (
        f"engine: expected Docker or Podman, found neither docker nor podman on PATH; {NO_ENGINE_HOW}"
    )


@pytest.mark.parametrize(
    ("body", "lacks", "cure"),
    [
        (
            NO_BUILDX,
            "no buildx",
            "install the package of this plugin of Docker: docker-buildx on ",
        ),
        (NO_COMPOSE, "no compose", "install the package of this plugin of Docker: docker-compose on "),
        (no_engine(DOWN), f"no engine that answers ({DOWN})", "start the engine: "),
        (
            no_engine(FORBIDDEN),
            f"no engine that answers ({FORBIDDEN})",
            "the engine runs, but this user may not use it",
        ),
        ("echo '' >&2; test $1 != version", "no engine that answers (no output)", "start the engine: "),
        ('case "$1" in version) echo 20.10.24 ;; esac', "an engine of version 20.10.24", "upgrade it to 23 or later"),
        ('case "$1" in version) echo 22.0 ;; esac', "an engine of version 22.0", "upgrade it to 23 or later"),
    ],
)
def test_an_installed_docker_that_does_not_work_is_never_installed_again(
    docker_folders: DockerFolders, body: str, lacks: str, cure: str
) -> None:
    program = put(docker_folders.first, "docker", body)
    said = line_of(find_engine)
    assert said.startswith(f"engine: expected Docker or Podman, found {program}: {lacks}; {cure}")
    assert "install Docker" not in said


@pytest.mark.parametrize("name", ["DOCKER_HOST", "DOCKER_CONTEXT"])
def test_a_dead_host_is_named_and_no_other_engine_is_used_or_started(
    docker_folders: DockerFolders, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    put(docker_folders.first, "docker", no_engine(DOWN))
    put(docker_folders.first, "podman", PODMAN)
    put(docker_folders.first, "apt-get", f"echo asked >> {docker_folders.second}/asked")
    put(docker_folders.first, "dockerd", f"echo started >> {docker_folders.second}/asked")
    monkeypatch.setenv(name, "tcp://far.example:1")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    said = line_of(ensure_engine)
    assert said.endswith(f"; start the engine that {name}=tcp://far.example:1 names, or unset {name}")
    assert not (docker_folders.second / "asked").exists()
    assert is_chosen()


def test_the_real_docker_with_a_dead_host_is_one_line(
    docker_folders: DockerFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.which("docker", path="/usr/local/bin:/bin")
    if real is None:
        pytest.skip("no docker in /usr/local/bin or /bin; scripts/offline engine")
    (docker_folders.first / "docker").symlink_to(real)
    host = f"unix://{docker_folders.first}/nowhere.sock"
    monkeypatch.setenv("DOCKER_HOST", host)
    said = line_of(find_engine)
    assert "no engine that answers (" in said
    assert said.endswith(f"; start the engine that DOCKER_HOST={host} names, or unset DOCKER_HOST")


def test_a_user_without_access_to_the_engine_gets_the_command_that_helps(
    docker_folders: DockerFolders, tmp_path: Path
) -> None:
    """The socket is real, and its owner alone may use it."""
    real = shutil.which("docker", path="/usr/local/bin:/bin")
    if real is None or os.geteuid() != 0:
        pytest.skip("this test needs docker and root; scripts/offline engine")
    folder = Path(tmp_path.anchor, "tmp", f"{tmp_path.parent.name}-{tmp_path.name}-socket")
    folder.mkdir()
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(folder / "docker.sock"))
            (folder / "docker.sock").chmod(0o660)
            folder.chmod(0o755)
            asked = [real, "--host", f"unix://{folder}/docker.sock", "version"]
            done = subprocess.run(asked, user=65534, group=65534, capture_output=True, text=True, check=False)
    finally:
        shutil.rmtree(folder)
    put(docker_folders.first, "docker", no_engine(done.stderr.splitlines()[-1].replace('"', "")))
    assert "usermod -aG docker $USER" in line_of(find_engine)


@pytest.mark.parametrize("body", [NO_BUILDX, NO_COMPOSE, no_engine(DOWN)])
def test_a_second_docker_is_used_if_the_first_is_unsuitable(docker_folders: DockerFolders, body: str) -> None:
    put(docker_folders.first, "docker", body)
    second = put(docker_folders.second, "docker", GOOD)
    assert find_engine() == Engine(str(second))


def test_the_first_suitable_docker_is_used(docker_folders: DockerFolders) -> None:
    first = put(docker_folders.first, "docker", GOOD)
    put(docker_folders.second, "docker", GOOD)
    put(docker_folders.first, "podman", PODMAN)
    assert find_engine() == Engine(str(first))


def test_the_error_names_each_unsuitable_program(docker_folders: DockerFolders) -> None:
    first = put(docker_folders.first, "docker", NO_BUILDX)
    second = put(docker_folders.second, "docker", no_engine(DOWN))
    assert f"found {first}: no buildx; {second}: no engine that answers (" in line_of(find_engine)


def test_podman_is_used_if_no_docker_works(docker_folders: DockerFolders) -> None:
    put(docker_folders.first, "docker", no_engine(DOWN))
    podman = put(docker_folders.first, "podman", PODMAN)
    assert find_engine() == Engine(str(podman))
    assert find_engine().is_podman


def test_the_variable_of_podman_chooses_podman(docker_folders: DockerFolders, monkeypatch: pytest.MonkeyPatch) -> None:
    docker = put(docker_folders.first, "docker", GOOD)
    podman = put(docker_folders.first, "podman", PODMAN)
    monkeypatch.setenv("CONTAINER_HOST", "unix:///run/podman.sock")
    assert find_engine() == Engine(str(podman))
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/docker.sock")
    assert find_engine() == Engine(str(docker))


def test_a_person_can_choose_podman(docker_folders: DockerFolders, monkeypatch: pytest.MonkeyPatch) -> None:
    put(docker_folders.first, "docker", GOOD)
    monkeypatch.setenv("CONTAINER_ENGINE", "podman")
    assert line_of(find_engine) == (
        "engine: expected Docker or Podman, found no podman on PATH; install it, or unset CONTAINER_ENGINE=podman"
    )
    podman = put(docker_folders.first, "podman", PODMAN)
    assert find_engine() == Engine(str(podman))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('case "$1" in version) echo 3.4.4 ;; esac', "an engine of version 3.4.4; upgrade it to 4.3 or later"),
        (
            "echo 'no subuid ranges found' >&2; exit 125",
            "does not start (no subuid ranges found); see why with: ",
        ),
    ],
)
def test_a_podman_that_does_not_work_is_one_line(docker_folders: DockerFolders, body: str, says: str) -> None:
    put(docker_folders.first, "podman", body)
    assert says in line_of(find_engine)


def test_a_podman_without_compose_cannot_start_the_devcontainer(docker_folders: DockerFolders) -> None:
    podman = put(docker_folders.first, "podman", PODMAN)
    assert line_of(lambda: find_engine(compose=True)) == (
        f"engine: expected an engine with compose, found {podman}: no compose; install Podman 4.7 or later and "
        "podman-compose for the devcontainer, or Docker"
    )


@pytest.mark.parametrize(
    ("compose", "found"),
    [
        ("echo podman-compose version 1.6.0", None),
        (
            "echo Docker Compose version 2.40.3",
            "docker-compose, which cannot give secrets to a build of Podman; install podman-compose and set "
            "PODMAN_COMPOSE_PROVIDER=podman-compose, or use Docker",
        ),
        ("exec /bin/sleep 30", "no answer within 2 s; restart the engine, or try again when the machine is less busy"),
    ],
)
def test_the_compose_of_podman_must_give_secrets_to_a_build(
    docker_folders: DockerFolders, monkeypatch: pytest.MonkeyPatch, compose: str, found: str | None
) -> None:
    monkeypatch.setattr(module, "_ANSWER", 2.0)
    body = f'case "$1" in version) echo 5.8.6 ;; compose) {compose} ;; *) echo podman version 5.8.6 ;; esac'
    podman = put(docker_folders.first, "podman", body)
    if found is None:
        assert find_engine(compose=True) == Engine(str(podman))
    else:
        said = line_of(lambda: find_engine(compose=True))
        assert said == f"engine: expected an engine with compose, found {podman}: {found}"


@pytest.mark.docker
def test_an_engine_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "docker.sock"))
        listener.listen(16)
        environ = dict(os.environ) | {"DOCKER_HOST": f"unix://{tmp_path}/docker.sock"}
        script = "import dev.doors.engines as engines; engines._ANSWER = 0.5; engines.find_engine()"
        root = Path(module.__file__).parents[2]
        asked = [sys.executable, "-c", script]
        done = subprocess.run(asked, cwd=root, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert "no answer within" in done.stderr
    assert "install" not in done.stderr


@pytest.mark.parametrize("which", ["buildx", "version"])
def test_a_slow_docker_is_not_called_incomplete(
    docker_folders: DockerFolders, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    monkeypatch.setattr(module, "_ANSWER", 0.3)
    program = put(docker_folders.first, "docker", f'test "$1" != {which} || exec /bin/sleep 30\n{GOOD}')
    assert line_of(find_engine) == (
        f"engine: expected Docker or Podman, found {program}: no answer within 0 s; restart the engine, or try again "
        "when the machine is less busy"
    )
