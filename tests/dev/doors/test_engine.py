"""Tests of `Engine`, which starts Docker: how docker is found, the error if docker is missing, and the methods."""

import json
import re
import secrets
from pathlib import Path

import pytest
from programs import line_of, put

from dev.command.surroundings import PROXIES
from dev.doors import engine as module
from dev.doors.engine import Container, Engine, clean_environment, last_lines
from dev.lockenv.project import Project


def failing(tmp_path: Path, complaints: str, status: int = 1) -> Engine:
    """Return an engine whose docker prints `complaints` on standard error and fails with `status`."""
    (tmp_path / "complaints").write_text(complaints)
    return Engine(str(put(tmp_path, "docker", f"cat {tmp_path}/complaints >&2; exit {status}")))


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
    assert line_of(lambda: engine.ask("build", purpose="building x")) == "building x: no output"


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
        if path not in (Path(module.__file__), Path(module.__file__).with_name("engines.py")):
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


def test_podman_builds_with_its_own_options(tmp_path: Path) -> None:
    engine = Engine(str(put(tmp_path, "podman", f'echo "$*" >> {tmp_path}/asked')))
    engine.build(tmp_path, "one:two", target="x", secrets={"ca": Path("/ca.pem")}, fresh=True)
    engine.drop_caches("one")
    assert (tmp_path / "asked").read_text() == (
        f"build --tag one:two --target x --secret id=ca,src=/ca.pem --no-cache {tmp_path}\n"
    )


def test_podman_removes_the_containers_and_the_networks_of_a_project(tmp_path: Path) -> None:
    lists = 'case "$1 $2" in "ps --all") echo a; echo b ;; "network ls") echo n ;; esac'
    podman = put(tmp_path, "podman", f'echo "$*" >> {tmp_path}/asked\n{lists}')
    Engine(str(podman)).compose_down("mine")
    label = "--filter label=com.docker.compose.project=mine"
    assert (tmp_path / "asked").read_text().splitlines() == [
        f"ps --all --quiet {label}",
        "rm --force --depend --time 2 --volumes a b",
        f"network ls --quiet {label}",
        "network rm n",
    ]


def test_the_warnings_of_podman_explain_no_failure() -> None:
    warning = 'time="2026-11-29T01:50:58Z" level=warning msg="missing \\"LIBP2P_SOURCE\\" build argument"'
    assert last_lines(f"{warning}\nError: no space left on device") == "Error: no space left on device"


@pytest.mark.parametrize(
    ("text", "podman"), [('exec /usr/bin/podman "$@"', True), ("echo podman", False), ("exec docker x", False)]
)
def test_a_docker_that_starts_podman_is_podman(tmp_path: Path, text: str, podman: bool) -> None:
    """Debian's package podman-docker has such a program."""
    assert Engine(str(put(tmp_path, "docker", text))).is_podman == podman


def test_the_proxies_reach_a_build_without_their_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for proxy in PROXIES for one in (proxy, proxy.lower())]:
        monkeypatch.delenv(name, raising=False)
    engine = Engine(str(put(tmp_path, "docker", f'echo "$*" >> {tmp_path}/asked')))
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@proxy.example:3128")
    monkeypatch.setenv("no_proxy", "localhost")
    engine.build(tmp_path, "one:two")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@127.0.0.1:3128")
    engine.build(tmp_path, "one:two")
    far, near = (tmp_path / "asked").read_text().splitlines()
    assert far.endswith(f"--build-arg HTTPS_PROXY --build-arg no_proxy {tmp_path}")
    assert near.endswith(f"--build-arg HTTPS_PROXY --build-arg no_proxy --network=host {tmp_path}")
    assert "secret" not in far + near


@pytest.mark.docker
def test_a_proxy_changes_no_layer(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build step sees the proxy, and the image is the same with another proxy, and does not contain it."""
    (tmp_path / "hosts").write_text("x\n")
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY hosts /hosts\nLABEL one=two\n")
    found = []
    tag = f"py-libp2p-ping-test-tests/proxy:{secrets.token_hex(4)}"
    for proxy in ("http://me:word@one.example:1", "http://two.example:2"):
        monkeypatch.setenv("https_proxy", proxy)
        engine.build(tmp_path, tag)
        found.append(engine.image(tag))
        said = json.dumps(engine.inspect(tag)) + engine.ask("history", "--no-trunc", tag, purpose="testing")
        assert "example" not in said
    engine.remove("image", tag)
    assert found[0] == found[1]
