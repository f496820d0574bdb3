"""Tests of `Engine`, which starts Docker: how docker is found, the error if docker is missing, and the methods."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from docker_kit import NO_ENGINE_HOW, DockerFolders
from programs import line_of, put

from dev.doors import engine as module
from dev.doors.engine import Container, Engine, clean_environment, find_engine
from dev.lockenv.project import Project

GOOD = 'case "$1" in version) echo 26.1.5 ;; esac'
NO_BUILDX = 'test "$1" != buildx || { echo "docker: \'buildx\' is not a docker command." >&2; exit 1; }'
NO_COMPOSE = 'test "$1" != compose'
NO_ENGINE = 'test "$1" != version || { echo "Cannot connect to the Docker daemon. Is it running?" >&2; exit 1; }'


def failing(tmp_path: Path, complaints: str, status: int = 1) -> Engine:
    """Return an engine whose docker prints `complaints` on standard error and fails with `status`."""
    (tmp_path / "complaints").write_text(complaints)
    return Engine(str(put(tmp_path, "docker", f"cat {tmp_path}/complaints >&2; exit {status}")))


def test_a_missing_docker_is_one_line_that_says_how_to_get_it(docker_folders: DockerFolders) -> None:
    assert docker_folders.first.is_dir()
    assert line_of(find_engine) == f"engine: expected Docker, found no docker on PATH; {NO_ENGINE_HOW}"


@pytest.mark.parametrize(
    ("body", "lacks"),
    [
        (NO_BUILDX, "no buildx"),
        (NO_COMPOSE, "no compose"),
        (NO_ENGINE, "no engine that answers (Cannot connect to the Docker daemon. Is it running?)"),
        ("echo '' >&2; test $1 != version", "no engine that answers (it said nothing)"),
    ],
)
def test_a_docker_without_a_needed_part_is_one_line(docker_folders: DockerFolders, body: str, lacks: str) -> None:
    program = put(docker_folders.first, "docker", body)
    assert line_of(find_engine) == f"engine: expected Docker, found {program}: {lacks}; {NO_ENGINE_HOW}"


def test_a_docker_whose_engine_does_not_run_is_one_line(
    docker_folders: DockerFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.which("docker", path="/usr/local/bin:/bin")
    if real is None:
        pytest.skip("no docker in /usr/local/bin or /bin; scripts/offline engine")
    (docker_folders.first / "docker").symlink_to(real)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{docker_folders.first}/nowhere.sock")
    said = line_of(find_engine)
    assert "no engine that answers (Cannot connect to the Docker daemon at unix:" in said
    assert said.endswith(NO_ENGINE_HOW)


@pytest.mark.parametrize("body", [NO_BUILDX, NO_COMPOSE, NO_ENGINE])
def test_a_second_docker_is_used_if_the_first_is_unsuitable(docker_folders: DockerFolders, body: str) -> None:
    put(docker_folders.first, "docker", body)
    second = put(docker_folders.second, "docker", GOOD)
    assert find_engine() == Engine(str(second))


def test_the_first_suitable_docker_is_used(docker_folders: DockerFolders) -> None:
    first = put(docker_folders.first, "docker", GOOD)
    put(docker_folders.second, "docker", GOOD)
    assert find_engine() == Engine(str(first))


def test_the_error_names_each_unsuitable_docker(docker_folders: DockerFolders) -> None:
    first = put(docker_folders.first, "docker", NO_BUILDX)
    second = put(docker_folders.second, "docker", NO_ENGINE)
    assert f"found {first}: no buildx; {second}: no engine that answers (" in line_of(find_engine)


def test_an_engine_that_is_too_old_is_one_line(docker_folders: DockerFolders) -> None:
    put(docker_folders.first, "docker", 'case "$1" in version) echo 20.10.24 ;; esac')
    assert "20.10.24" in line_of(find_engine)


def test_a_failure_is_one_line_with_the_last_complaints(tmp_path: Path) -> None:
    engine = failing(tmp_path, "#1 building\n\n   #2 ERROR: failed\r\nERROR: no such stage \n", 17)
    assert line_of(lambda: engine.ask("build", purpose="building x")) == (
        "building x: #1 building | #2 ERROR: failed | ERROR: no such stage"
    )


def test_the_error_of_a_build_shows_only_the_failed_step(tmp_path: Path) -> None:
    """The error has no successful step, no excerpt of the Dockerfile, and no line twice."""
    said = (
        '#0 building with "default"\n#7 [application 1/3] COPY x\n#7 CANCELED\n'
        "#9 2.2 dpkg: No space left on device\n------\n"
        " > [compiler 1/1] RUN x:\n2.2 dpkg: No space left on device\n------\nDockerfile:19\n--------------------\n"
        "  18 |     ARG X\n  19 | >>> RUN x \\\n--------------------\nERROR: failed to solve: exit code: 100\n"
    )
    engine = failing(tmp_path, said)
    assert line_of(lambda: engine.ask("build", purpose="building x")) == (
        "building x: #9 2.2 dpkg: No space left on device | ERROR: failed to solve: exit code: 100"
    )


def test_the_end_of_long_complaints_is_kept(tmp_path: Path) -> None:
    engine = failing(tmp_path, "".join(f"line {number}\n" for number in range(5000)))
    said = line_of(lambda: engine.ask("build", purpose="building x"))
    assert said.endswith("| line 4999")
    assert len(said) < 1300


def test_complaints_that_are_not_utf_8_are_shown(tmp_path: Path) -> None:
    engine = failing(tmp_path, "")
    (tmp_path / "complaints").write_bytes(b"caf\xe9\n")
    assert line_of(lambda: engine.ask("build", purpose="building x")) == "building x: caf\ufffd"


def test_a_full_disk_is_reported(tmp_path: Path) -> None:
    engine = failing(tmp_path, "ERROR: failed to copy: write /var/lib/docker/tmp/x: no space left on device\n")
    assert line_of(lambda: engine.ask("load", purpose="loading x")) == (
        "loading x: ERROR: failed to copy: write /var/lib/docker/tmp/x: no space left on device"
    )


def test_a_failure_without_complaints_is_reported(tmp_path: Path) -> None:
    engine = failing(tmp_path, "")
    assert line_of(lambda: engine.ask("build", purpose="building x")) == "building x: it said nothing"


def test_complaints_that_were_shown_are_not_repeated(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    engine = failing(tmp_path, "no such stage\n")
    assert line_of(lambda: engine.ask("build", purpose="building x", show=True)) == "building x: see above"
    assert capfd.readouterr().err == "no such stage\n"


def test_ask_passes_input_and_returns_output(tmp_path: Path) -> None:
    engine = Engine(str(put(tmp_path, "docker", 'echo "$1"; cat')))
    assert engine.ask(Path("word"), purpose="testing", stdin=b"given\n") == "word\ngiven"
    assert engine.ask("word", purpose="testing") == "word"


def test_a_container_is_run_with_all_its_options(tmp_path: Path) -> None:
    engine = Engine(str(put(tmp_path, "docker", 'echo "$*"')))
    box = Container(
        "image:1",
        ("a", "b"),
        name="box",
        entrypoint="sh",
        user="0",
        network="net",
        label="own",
        mounts=("/one:/two:ro",),
        environment={"X": "1"},
        init=True,
        options=("--read-only",),
    )
    words = (
        "--init --user 0 --name box --entrypoint sh --network net --label own --volume /one:/two:ro --env X=1 "
        "--read-only image:1 a b"
    )
    assert engine.run(box, purpose="testing") == f"run --rm {words}"
    assert engine.command(box) == [engine.program, "run", "--rm", *words.split()]
    assert list(Container("image:1").words()) == ["image:1"]
    assert engine.execute("box", ["sh"], purpose="testing") == "exec --interactive box sh"


def test_only_the_engine_module_has_dockers_arguments(project: Project) -> None:
    """Because of this, support for another engine needs only another class with the same methods."""
    for path in (project.root / "dev").rglob("*.py"):
        if path != Path(module.__file__):
            assert not re.search(r"engine\.(ask\(|program, \")", path.read_text()), path


def test_variables_that_change_a_build_do_not_reach_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BUILDX_BUILDER", "DOCKER_DEFAULT_PLATFORM", "SOURCE_DATE_EPOCH", "DOCKER_HOST"):
        monkeypatch.setenv(name, "1")
    program = put(
        tmp_path, "docker", 'echo "${BUILDX_BUILDER-}${DOCKER_DEFAULT_PLATFORM-}${SOURCE_DATE_EPOCH-}${DOCKER_HOST-}"'
    )
    assert Engine(str(program)).ask(purpose="testing") == "1"
    assert clean_environment({"BUILDKIT_PROGRESS": "plain"})["BUILDKIT_PROGRESS"] == "plain"


@pytest.mark.docker
def test_a_missing_image_has_no_id(engine: Engine) -> None:
    assert engine.image("py-libp2p-ping-test-tests:never-made") is None


@pytest.mark.docker
def test_an_error_of_the_real_engine_is_one_line(engine: Engine) -> None:
    said = line_of(lambda: engine.load("nothing", Path("/nowhere.tar")))
    assert said == "loading nothing: open /nowhere.tar: no such file or directory"


@pytest.mark.docker
def test_an_engine_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "docker.sock"))
        listener.listen(16)
        environ = dict(os.environ) | {"DOCKER_HOST": f"unix://{tmp_path}/docker.sock"}
        script = "import dev.doors.engine as engine; engine._ANSWER = 0.5; engine.find_engine()"
        root = Path(module.__file__).parents[2]
        done = subprocess.run([sys.executable, "-c", script], cwd=root, env=environ, timeout=60, check=False)
    assert done.returncode != 0
