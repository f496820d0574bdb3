"""Engines: the one that there is, or one line that says what is missing, how to get it, what docker complained of."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.doors import engine as module
from dev.doors.engine import Engine, clean_environment, ensure_engine, find_engine

HOW = "install Docker 23 or later with its buildx and compose plugins, or on Debian, as root: scripts/engine"
GOOD = 'case "$1" in version) echo 26.1.5 ;; esac'
NO_BUILDX = 'test "$1" != buildx || { echo "docker: \'buildx\' is not a docker command." >&2; exit 1; }'
NO_COMPOSE = 'test "$1" != compose'
NO_ENGINE = 'test "$1" != version || { echo "Cannot connect to the Docker daemon. Is it running?" >&2; exit 1; }'


@dataclass(frozen=True)
class Places:
    """The two folders that a docker is looked for in."""

    first: Path
    second: Path

    def put(self, folder: Path, body: str, name: str = "docker") -> str:
        path = folder / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return str(path)


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """PATH, and what stands for /usr/bin behind it."""
    made = Places(tmp_path / "first", tmp_path / "second")
    made.first.mkdir()
    made.second.mkdir()
    which = shutil.which
    monkeypatch.setenv("PATH", str(made.first))
    monkeypatch.setattr(
        "shutil.which", lambda name, path=None: which(name, path=str(made.second) if path == "/usr/bin" else path)
    )
    return made


def failing(tmp_path: Path, complaints: str, status: int = 1) -> Engine:
    """An engine whose docker writes these lines and fails."""
    (tmp_path / "complaints").write_text(complaints)
    program = Places(tmp_path, tmp_path).put(tmp_path, f"cat {tmp_path}/complaints >&2; exit {status}")
    return Engine(program)


def line_of(action: Callable[[], object]) -> str:
    with pytest.raises(CommandError) as caught:
        action()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_no_docker(places: Places) -> None:
    assert places.first.is_dir()
    assert line_of(find_engine) == f"engine: expected Docker, found no docker on PATH; {HOW}"


@pytest.mark.parametrize(
    ("body", "lacks"),
    [
        (NO_BUILDX, "no buildx"),
        (NO_COMPOSE, "no compose"),
        (NO_ENGINE, "no engine that answers (Cannot connect to the Docker daemon. Is it running?)"),
        ("echo '' >&2; test $1 != version", "no engine that answers (it said nothing)"),
    ],
)
def test_what_a_docker_lacks(places: Places, body: str, lacks: str) -> None:
    program = places.put(places.first, body)
    assert line_of(find_engine) == f"engine: expected Docker, found {program}: {lacks}; {HOW}"


def test_an_engine_that_is_not_there(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    real = shutil.which("docker", path="/usr/local/bin:/bin")
    if real is None:
        pytest.skip("needs a docker, with or without an engine")
    (places.first / "docker").symlink_to(real)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{places.first}/nowhere.sock")
    said = line_of(find_engine)
    assert "no engine that answers (Cannot connect to the Docker daemon at unix:" in said
    assert said.endswith(HOW)


@pytest.mark.parametrize("body", [NO_BUILDX, NO_COMPOSE, NO_ENGINE])
def test_a_second_docker_behind_the_first(places: Places, body: str) -> None:
    places.put(places.first, body)
    second = places.put(places.second, GOOD)
    assert find_engine() == Engine(second)


def test_the_first_is_taken_where_both_will_do(places: Places) -> None:
    first = places.put(places.first, GOOD)
    places.put(places.second, GOOD)
    assert find_engine() == Engine(first)


def test_each_docker_that_will_not_do_is_told_of(places: Places) -> None:
    first, second = places.put(places.first, NO_BUILDX), places.put(places.second, NO_ENGINE)
    assert f"found {first}: no buildx; {second}: no engine that answers (" in line_of(find_engine)


def test_an_engine_that_is_too_old(places: Places) -> None:
    places.put(places.first, 'case "$1" in version) echo 20.10.24 ;; esac')
    assert "20.10.24" in line_of(find_engine)


def test_somebody_who_is_not_root_is_told_how(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    places.put(places.first, f"echo asked >> {places.second}/asked", "apt-get")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert line_of(ensure_engine) == f"engine: expected Docker, found no docker on PATH; {HOW}"
    assert not (places.second / "asked").exists()


def test_root_on_another_system_is_told_how(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert places.first.is_dir()
    assert line_of(ensure_engine).endswith(HOW)


def test_nothing_is_installed_where_there_is_an_engine(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    first = places.put(places.first, GOOD)
    places.put(places.first, f"echo asked >> {places.second}/asked", "apt-get")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert ensure_engine() == Engine(first)
    assert not (places.second / "asked").exists()


def test_what_is_installed(places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four packages of the newer suite, and nothing else from it."""
    monkeypatch.setenv("PATH", f"{places.first}:/usr/bin:/bin")
    seen = tmp_path / "seen"
    places.put(
        places.first,
        'if [ "$1" = indextargets ]; then\n'
        "  echo 'http://elsewhere/security|bookworm-security|Packages'\n"
        "  echo 'http://mirror/debian|bookworm|DEP-11'\n"
        "  echo 'http://mirror/debian|bookworm|Packages'\n"
        "  exit\n"
        "fi\n"
        f'echo "$DEBIAN_FRONTEND" "$@" >> {seen}\n'
        'for one in "$@"; do\n'
        '  case $one in\n    Dir::Etc::sourceparts=*) cat "${one#*=}/engine.list" ;;\n'
        f'    Dir::Etc::preferences=*) cat "${{one#*=}}" ;;\n  esac\ndone >> {seen}',
        "apt-get",
    )
    module._install()
    update, install = seen.read_text().split("noninteractive ")[1:]
    assert update.startswith("update -qq -o Dir::Etc::sourcelist=/")
    assert install.splitlines()[0].endswith(
        " docker.io docker-cli docker-buildx docker-compose iptables ca-certificates"
    )
    assert "--no-install-recommends" in install
    for said in (update, install):
        assert "signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror/debian trixie main\n" in said
        assert "Package: *\nPin: release n=trixie\nPin-Priority: -10\n" in said
        assert "Package: docker.io docker-cli docker-buildx docker-compose\nPin: release n=trixie\n" in said
    folder = Path(update.partition("sourceparts=")[2].partition(" ")[0])
    assert not folder.exists()


def test_an_installation_that_fails(places: Places) -> None:
    places.put(
        places.first,
        'if [ "$1" = indextargets ]; then echo "http://mirror/debian|bookworm|Packages"; exit; fi\n'
        "echo 'E: You do not have enough free space in /var/cache/apt/archives/.' >&2; exit 100",
        "apt-get",
    )
    said = line_of(module._install)
    assert said == (
        "engine: expected apt-get update to succeed, found: "
        "E: You do not have enough free space in /var/cache/apt/archives/."
    )


def test_no_archive_of_debian(places: Places) -> None:
    places.put(places.first, "echo 'http://mirror/debian|trixie|Packages'", "apt-get")
    assert "expected apt to have Debian 12's main archive, found none" in line_of(module._install)


def test_a_failure_is_one_line_with_the_last_complaints(tmp_path: Path) -> None:
    engine = failing(tmp_path, "#1 building\n\n   #2 ERROR: failed\r\nERROR: no such stage \n", 17)
    assert line_of(lambda: engine.run(["build"], purpose="building x")) == (
        "building x: #1 building | #2 ERROR: failed | ERROR: no such stage"
    )


def test_of_a_build_what_failed(tmp_path: Path) -> None:
    """Not the steps that went well, nor the excerpt of the Dockerfile, nor what it says twice."""
    said = (
        '#0 building with "default"\n#7 [application 1/3] COPY x\n#7 CANCELED\n'
        "#9 2.2 dpkg: No space left on device\n------\n"
        " > [compiler 1/1] RUN x:\n2.2 dpkg: No space left on device\n------\nDockerfile:19\n--------------------\n"
        "  18 |     ARG X\n  19 | >>> RUN x \\\n--------------------\nERROR: failed to solve: exit code: 100\n"
    )
    engine = failing(tmp_path, said)
    assert line_of(lambda: engine.run(["build"], purpose="building x")) == (
        "building x: #9 2.2 dpkg: No space left on device | ERROR: failed to solve: exit code: 100"
    )


def test_of_long_complaints_the_end(tmp_path: Path) -> None:
    engine = failing(tmp_path, "".join(f"line {number}\n" for number in range(5000)))
    said = line_of(lambda: engine.run(["build"], purpose="building x"))
    assert said.endswith("| line 4999")
    assert len(said) < 1300


def test_complaints_that_are_no_text(tmp_path: Path) -> None:
    engine = failing(tmp_path, "")
    (tmp_path / "complaints").write_bytes(b"caf\xe9\n")
    assert line_of(lambda: engine.run(["build"], purpose="building x")) == "building x: caf\ufffd"


def test_a_full_disk(tmp_path: Path) -> None:
    engine = failing(tmp_path, "ERROR: failed to copy: write /var/lib/docker/tmp/x: no space left on device\n")
    assert line_of(lambda: engine.run(["load"], purpose="loading x")) == (
        "loading x: ERROR: failed to copy: write /var/lib/docker/tmp/x: no space left on device"
    )


def test_a_failure_without_complaints(tmp_path: Path) -> None:
    engine = failing(tmp_path, "")
    assert line_of(lambda: engine.run(["build"], purpose="building x")) == "building x: it said nothing"


def test_complaints_that_were_shown_are_not_told_twice(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    engine = failing(tmp_path, "no such stage\n")
    assert line_of(lambda: engine.run(["build"], purpose="building x", show=True)) == "building x: see above"
    assert capfd.readouterr().err == "no such stage\n"


def test_input_output_and_folder(tmp_path: Path) -> None:
    program = Places(tmp_path, tmp_path).put(tmp_path, 'echo "$1 in $PWD"; cat')
    engine = Engine(program)
    assert engine.run([Path("word")], purpose="testing", stdin=b"given\n", cwd=tmp_path) == f"word in {tmp_path}\ngiven"
    assert engine.run(["word"], purpose="testing", cwd=tmp_path) == f"word in {tmp_path}"


def test_what_would_build_otherwise_does_not_reach_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BUILDX_BUILDER", "DOCKER_DEFAULT_PLATFORM", "SOURCE_DATE_EPOCH", "DOCKER_HOST"):
        monkeypatch.setenv(name, "1")
    program = Places(tmp_path, tmp_path).put(
        tmp_path, 'echo "${BUILDX_BUILDER-}${DOCKER_DEFAULT_PLATFORM-}${SOURCE_DATE_EPOCH-}${DOCKER_HOST-}"'
    )
    assert Engine(program).run([], purpose="testing") == "1"
    assert clean_environment({"BUILDKIT_PROGRESS": "plain"})["BUILDKIT_PROGRESS"] == "plain"


@pytest.mark.docker
def test_an_image_that_is_not_here(engine: Engine) -> None:
    assert engine.image("py-libp2p-ping-test-tests:never-made") is None


@pytest.mark.docker
def test_the_real_engine_complains_in_one_line(engine: Engine) -> None:
    said = line_of(lambda: engine.run(["load", "--input", "/nowhere.tar"], purpose="loading nothing"))
    assert said == "loading nothing: open /nowhere.tar: no such file or directory"


@pytest.mark.docker
def test_an_engine_that_is_silent(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "docker.sock"))
        listener.listen(16)
        environ = dict(os.environ) | {"DOCKER_HOST": f"unix://{tmp_path}/docker.sock"}
        script = "from dev.doors.engine import find_engine; find_engine()"
        root = Path(module.__file__).parents[1]
        done = subprocess.run([sys.executable, "-c", script], cwd=root, env=environ, timeout=15, check=False)
    assert done.returncode != 0
