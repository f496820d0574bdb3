"""`scripts/engine`, `scripts/base-image` and `scripts/image` as a person calls them."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from dev.doors.container_main import main
from dev.doors.image import pinned_base
from dev.doors.offline.base import PYTHON
from dev.lockenv.project import Project

SCRIPTS = ["engine", "base-image", "image"]
HOW = "install Docker 23 or later with its buildx and compose plugins, or on Debian, as root: scripts/engine"
# A docker that has all, a base, and images once they are built.
BUILDS = 'case "$1 $2" in "image inspect") echo sha256:1 ;; "version --format") echo 26.1.5 ;; esac'


@pytest.fixture
def programs(project: Project, tmp_path: Path) -> Path:
    """A PATH with no docker, and no apt-get that could install one."""
    folder = tmp_path / "programs"
    folder.mkdir()
    python = shutil.which("python3.11", path="/usr/bin:/usr/local/bin") or "/usr/bin/python3"
    for name in ("sh", "dirname", "readlink", "rm", "sleep", "cat"):
        (folder / name).symlink_to(shutil.which(name) or name)
    (folder / "python3.11").symlink_to(python)
    assert project.environment("tools").is_dir(), "scripts/check makes it"
    return folder


def put(folder: Path, body: str) -> None:
    (folder / "docker").write_text(f'#!/bin/sh\necho "$*" >> {folder.parent}/asked\n{body}\n')
    (folder / "docker").chmod(0o755)


def environ(programs: Path, **more: str) -> dict[str, str]:
    """What a person has, but no engine: not behind this machine's /usr/bin/docker either."""
    kept = {
        name: value for name, value in os.environ.items() if name in ("HOME", "LANG") or name.startswith("LOCKENV_")
    }
    temporary = programs.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    return kept | {"PATH": str(programs), "DOCKER_HOST": "unix:///nowhere.sock", "TMPDIR": str(temporary)} | more


def script(
    project: Project, programs: Path, name: str, *arguments: str, cwd: Path | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [project.root / "scripts" / name, *arguments],
        cwd=cwd or programs,
        env=environ(programs, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


def line_of(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of what could not be done."""
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.count("\n") == 1
    return done.stderr.rstrip("\n")


def asked(programs: Path) -> list[str]:
    return (programs.parent / "asked").read_text().splitlines()


@pytest.mark.parametrize("name", SCRIPTS)
def test_help_tells_the_exit_statuses(project: Project, programs: Path, name: str) -> None:
    done = script(project, programs, name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: scripts/{name} [-h]")
    said = " ".join(done.stdout.split())
    verified = " 1 with --verify: two builds are two images;" if name == "image" else ""
    assert f"Exit status: 0 done;{verified} 2 the command line is wrong; 3 it could not be done; 130, 143" in said
    assert said.endswith("130, 143 stopped.")


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("engine", ["now"], "unrecognized arguments: now"),
        ("base-image", ["--track", "v0.4"], "unrecognized arguments: --track v0.4"),
        ("image", ["v0.4"], "unrecognized arguments: v0.4"),
        ("devcontainer", [], "the following arguments are required: action"),
        ("devcontainer", ["down", "now"], "expected up, exec COMMAND… or down, found down now"),
        ("devcontainer", ["exec"], "expected up, exec COMMAND… or down, found exec"),
        ("image", ["--track"], "argument --track: expected one argument"),
        ("image", ["--track", "v0.4", "--track", "v1"], "argument --track: invalid choice: 'v1'"),
        ("devcontainer", ["--track", "v1", "up"], "argument --track: invalid choice: 'v1'"),
        ("image", ["--target", "locked"], "argument --target: invalid choice: 'locked'"),
        ("image", ["--base"], "argument --base: expected one argument"),
        ("image", ["--surprise"], "unrecognized arguments: --surprise"),
    ],
)
def test_a_wrong_command_line(project: Project, programs: Path, name: str, arguments: list[str], says: str) -> None:
    put(programs, BUILDS)
    done = script(project, programs, name, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert f"scripts/{name}: error: " in done.stderr
    assert not (programs.parent / "asked").exists()


@pytest.mark.parametrize("arguments", [["--help"], ["surprise"]])
def test_a_command_that_is_none(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == (0 if arguments == ["--help"] else 2)


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_engine(project: Project, programs: Path, name: str) -> None:
    said = line_of(script(project, programs, name))
    assert said.startswith(f"scripts/{name}: engine: expected Docker, found ")
    assert said.endswith(HOW)


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_docker(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("shutil.which", lambda _name, path=None: None)  # noqa: ARG005 - as its own
    assert main([name]) == 3
    assert capsys.readouterr() == (
        "",
        f"scripts/{name}: engine: expected Docker, found no docker on PATH; {HOW}\n",
    )


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_docker_without_buildx(project: Project, programs: Path, name: str) -> None:
    put(programs, 'test "$1" != buildx')
    said = line_of(script(project, programs, name))
    assert f"expected Docker, found {programs}/docker: no buildx" in said


def test_the_engine_that_there_is(project: Project, programs: Path) -> None:
    put(programs, BUILDS)
    done = script(project, programs, "engine")
    assert (done.returncode, done.stdout, done.stderr) == (0, "26.1.5\n", "")


def test_no_stand_in_without_mmdebstrap(project: Project, programs: Path) -> None:
    put(programs, BUILDS)
    said = line_of(script(project, programs, "base-image"))
    assert said.startswith("scripts/base-image: base: expected mmdebstrap on a Debian to make a stand-in with, found")
    assert "apt-get install -y mmdebstrap" in said


def test_both_tracks_are_built(project: Project, programs: Path) -> None:
    put(programs, BUILDS)
    done = script(project, programs, "image")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "py-libp2p-ping-test:v0.4 sha256:1\npy-libp2p-ping-test:v0.8 sha256:1\n"
    builds = [line for line in asked(programs) if line.startswith("buildx build")]
    assert all(f"--build-arg TRACK={track} " in line for track, line in zip(("v0.4", "v0.8"), builds, strict=True))
    assert all(line.endswith(f" {project.root}") for line in builds)
    assert all(f"--build-arg BASE_IMAGE={pinned_base(project)} " in line for line in builds)


def test_one_track_of_one_stage(project: Project, programs: Path) -> None:
    put(programs, BUILDS)
    done = script(project, programs, "image", "--track", "v0.8", "--target", "dev")
    assert (done.returncode, done.stdout) == (0, "py-libp2p-ping-test:v0.8-dev sha256:1\n")


def test_a_stand_in_is_told_of(project: Project, programs: Path) -> None:
    put(programs, f'case "$*" in *" {pinned_base(project)}") exit 1 ;; esac\n{BUILDS}')
    done = script(project, programs, "image", "--track", "v0.4")
    assert (done.returncode, done.stdout) == (0, "py-libp2p-ping-test:v0.4 sha256:1\n")
    assert done.stderr == (
        f"scripts/image: the base is a stand-in made of Debian's packages, {PYTHON.tag}, not {pinned_base(project)}\n"
    )


@pytest.mark.parametrize("given", ["option", "variable", "both"])
def test_a_base_that_cannot_be_had(project: Project, programs: Path, given: str) -> None:
    put(programs, f'case "$1" in image|pull) echo "manifest for $3 not found" >&2; exit 1 ;; esac\n{BUILDS}')
    option = [] if given == "variable" else ["--base", "mine:1"]
    variable = {"option": "", "variable": "mine:1", "both": "another:1"}[given]
    said = line_of(script(project, programs, "image", *option, BASE_IMAGE=variable))
    assert said == "scripts/image: base: expected mine:1 here or to be had: manifest for mine:1 not found"
    assert not [line for line in asked(programs) if "build " in line]


def test_no_base_and_no_registry(project: Project, programs: Path) -> None:
    put(programs, f'case "$1" in image|pull) echo "no such host" >&2; exit 1 ;; esac\n{BUILDS}')
    said = line_of(script(project, programs, "image"))
    assert said.endswith(": no such host; without an image registry, make a stand-in with: scripts/base-image")


@pytest.mark.docker
def test_the_real_engine_cannot_have_a_base(project: Project) -> None:
    done = subprocess.run(
        [project.root / "scripts" / "image", "--track", "v0.4"],
        env=dict(os.environ) | {"BASE_IMAGE": "localhost:1/py-libp2p-ping-test-tests/none:1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    said = line_of(done)
    assert said.startswith("scripts/image: base: expected localhost:1/py-libp2p-ping-test-tests/none:1 here or to be ")


def test_a_full_disk(project: Project, programs: Path) -> None:
    complaint = "ERROR: failed to solve: write /var/lib/docker/overlay2/x: no space left on device"
    put(programs, f'case "$1 $2" in "buildx build") echo "#1 a step"; echo "{complaint}" >&2; exit 1 ;; esac\n{BUILDS}')
    said = line_of(script(project, programs, "image"))
    assert said == f"scripts/image: building py-libp2p-ping-test:v0.4: {complaint}"


@pytest.mark.parametrize("value", ["git+https://example.org/x@main", "/nowhere"])
def test_a_library_that_is_none(project: Project, programs: Path, value: str) -> None:
    put(programs, BUILDS)
    said = line_of(script(project, programs, "image", LIBP2P_SOURCE=value))
    assert said.startswith("scripts/image: LIBP2P_SOURCE: expected ")


def test_authorities_that_are_none(project: Project, programs: Path) -> None:
    put(programs, BUILDS)
    said = line_of(script(project, programs, "image", SSL_CERT_FILE="/nowhere.pem"))
    assert said.startswith("scripts/image: SSL_CERT_FILE: expected a file of certificates, found /nowhere.pem: ")


@pytest.mark.parametrize("name", ["LIBP2P_SOURCE", "SSL_CERT_FILE"])
def test_a_path_is_the_callers(project: Project, programs: Path, tmp_path: Path, name: str) -> None:
    put(programs, BUILDS)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "pyproject.toml").touch()
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", tmp_path / "mine" / "bundle.pem")
    value = "mine" if name == "LIBP2P_SOURCE" else "mine/bundle.pem"
    done = script(project, programs, "image", "--track", "v0.4", cwd=tmp_path, **{name: value})
    assert (done.returncode, done.stderr) == (0, "")
    (build,) = [line for line in asked(programs) if line.startswith("buildx build")]
    assert f"={tmp_path}/{value} " in build


def test_a_temporary_folder_that_is_full(project: Project, programs: Path) -> None:
    put(programs, BUILDS)
    (programs.parent / "asked").symlink_to("/dev/null")
    python = project.environment("tools") / "bin" / "python"
    done = subprocess.run(
        ["/bin/sh", "-c", 'ulimit -f 0; exec "$@"', "sh", python, "-B", "-m", "container", "image", "--track", "v0.4"],
        cwd=project.root,
        env=environ(programs, PIP_INDEX_URL="https://example.org"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert line_of(done).startswith("scripts/image: expected to write and run what it needs, found: ")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_stopped_it_leaves_nothing(project: Project, programs: Path, number: signal.Signals, status: int) -> None:
    put(programs, f'case "$1 $2" in "buildx build") exec sleep 60 ;; esac\n{BUILDS}')
    command: list[str | Path] = [project.root / "scripts" / "image", "--track", "v0.4"]
    variables = environ(programs, PIP_INDEX_URL="https://example.org")
    with subprocess.Popen(command, env=variables, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as run:
        until = time.monotonic() + 20
        while "buildx build" not in "".join(asked(programs) if (programs.parent / "asked").exists() else []):
            assert time.monotonic() < until
            time.sleep(0.05)
        time.sleep(0.2)
        run.send_signal(number)
        assert run.wait(20) == status
        assert run.stderr
        assert run.stderr.read() == b""
    assert list((programs.parent / "temporary").iterdir()) == []


@pytest.mark.docker
def test_the_real_engine_tells_its_version(project: Project, programs: Path, tmp_path: Path) -> None:
    """Without an apt-get in reach: whatever happens, nothing is installed."""
    (programs / "docker").symlink_to(shutil.which("docker") or "docker")
    variables = environ(programs) | {"HOME": str(tmp_path)}
    variables.pop("DOCKER_HOST")
    kept = {name: value for name, value in os.environ.items() if name.startswith("DOCKER_")}
    done = subprocess.run(
        [project.root / "scripts" / "engine"],
        env=variables | kept,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout[0].isdigit()
