"""Tests of `scripts/image`, which builds the images, as a person calls it."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from called import Machine, complaint
from docker_kit import BUILDS

from dev.doors.bases import pinned_base
from dev.doors.image_command import main
from dev.doors.offline.images import python_image
from dev.lockenv.project import Project, read_project

PYTHON = python_image("3.11")


def pinned(machine: Machine) -> str:
    return pinned_base(read_project(machine.checkout))


def test_help_names_the_exit_statuses(machine: Machine) -> None:
    done = machine.call("image", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: scripts/image [-h]")
    assert " ".join(done.stdout.split()).endswith(
        "Exit status: 0 done; 1 with --verify: two builds gave different images; 2 the command line is wrong; "
        "3 an image could not be built; 129, 130, 143 stopped by SIGHUP, SIGINT, SIGTERM."
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["v0.4"], "unrecognized arguments: v0.4"),
        (["--track"], "argument --track: expected one argument"),
        (["--track", "v0.4", "--track", "v1"], "argument --track: invalid choice: 'v1'"),
        (["--target", "locked"], "argument --target: invalid choice: 'locked'"),
        (["--base"], "argument --base: expected one argument"),
        (["--surprise"], "unrecognized arguments: --surprise"),
    ],
)
def test_a_wrong_command_line_exits_with_2(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert f"scripts/image: error: {says}" in capsys.readouterr().err


def test_a_missing_engine_is_one_line(machine: Machine) -> None:
    machine.put("docker", 'case "$1" in version) echo "Cannot connect" >&2; exit 1 ;; esac')
    said = machine.complaint("image")
    assert said.startswith("scripts/image: engine: expected Docker or Podman, found ")
    assert said.endswith("names, or unset DOCKER_HOST")


def test_both_tracks_are_built(machine: Machine) -> None:
    machine.put("docker", BUILDS)
    done = machine.call("image")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "py-libp2p-ping-test:v0.4 sha256:1\npy-libp2p-ping-test:v0.8 sha256:1\n"
    builds = [line for line in machine.asked() if line.startswith("buildx build")]
    assert all(f"--build-arg TRACK={track} " in line for track, line in zip(("v0.4", "v0.8"), builds, strict=True))
    assert all(line.endswith(f" {machine.checkout}") for line in builds)
    assert all(f"--build-arg BASE_IMAGE={pinned(machine)} " in line for line in builds)


def test_one_stage_of_one_track_can_be_built(machine: Machine) -> None:
    machine.put("docker", BUILDS)
    done = machine.call("image", "--track", "v0.8", "--target", "dev")
    assert (done.returncode, done.stdout) == (0, "py-libp2p-ping-test:v0.8-dev sha256:1\n")


def test_wheels_are_built_again_without_an_image(machine: Machine, tmp_path: Path) -> None:
    """Wheels that an older build left are removed."""
    machine.put("docker", BUILDS)
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "old-1.0-py3-none-any.whl").touch()
    done = machine.call("image", "--track", "v0.4", "--wheels", str(tmp_path / "wheels"))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{tmp_path}/wheels\n", "")
    (build,) = [line for line in machine.asked() if line.startswith("buildx build")]
    assert build.startswith(f"buildx build --output {tmp_path}/wheels --target wheels --build-arg ")
    assert not list((tmp_path / "wheels").iterdir())


def test_a_stand_in_is_reported(machine: Machine) -> None:
    machine.put("docker", f'case "$*" in *" {pinned(machine)}") exit 1 ;; esac\n{BUILDS}')
    done = machine.call("image", "--track", "v0.4")
    assert (done.returncode, done.stdout) == (0, "py-libp2p-ping-test:v0.4 sha256:1\n")
    assert done.stderr == (
        f"scripts/image: the base is a stand-in made of Debian's packages, {PYTHON.tag}, not {pinned(machine)}\n"
    )


@pytest.mark.parametrize("given", ["option", "variable", "both"])
def test_a_missing_base_is_one_line(machine: Machine, given: str) -> None:
    machine.put("docker", f'case "$1" in image|pull) echo "manifest for $3 not found" >&2; exit 1 ;; esac\n{BUILDS}')
    option = [] if given == "variable" else ["--base", "mine:1"]
    variable = {"option": "", "variable": "mine:1", "both": "another:1"}[given]
    said = machine.complaint("image", *option, BASE_IMAGE=variable)
    assert (
        said == "scripts/image: base: expected mine:1 on this machine or in its registry: manifest for mine:1 not found"
    )
    assert not [line for line in machine.asked() if "build " in line]


def test_no_base_and_no_registry_is_one_line(machine: Machine) -> None:
    machine.put("docker", f'case "$1" in image|pull) echo "no such host" >&2; exit 1 ;; esac\n{BUILDS}')
    said = machine.complaint("image")
    assert said.endswith(": no such host; without an image registry, make a stand-in with: scripts/offline images")


@pytest.mark.docker
def test_a_base_that_the_real_engine_cannot_pull_is_one_line(project: Project) -> None:
    done = subprocess.run(
        [project.root / "scripts" / "image", "--track", "v0.4"],
        env=dict(os.environ) | {"BASE_IMAGE": "localhost:1/py-libp2p-ping-test-tests/none:1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    said = complaint(done)
    assert said.startswith(
        "scripts/image: base: expected localhost:1/py-libp2p-ping-test-tests/none:1 on this machine "
    )


def test_a_full_disk_is_one_line(machine: Machine) -> None:
    says = "ERROR: failed to solve: write /var/lib/docker/overlay2/x: no space left on device"
    failing = f'echo "#1 a step"; echo "{says}" >&2; exit 1'
    machine.put("docker", f'case "$1 $2" in "buildx build") {failing} ;; esac\n{BUILDS}')
    said = machine.complaint("image")
    assert said == f"scripts/image: building py-libp2p-ping-test:v0.4: {says}"


@pytest.mark.parametrize("value", ["git+https://example.org/x@main", "/nowhere"])
def test_an_invalid_library_is_one_line(machine: Machine, value: str) -> None:
    machine.put("docker", BUILDS)
    said = machine.complaint("image", LIBP2P_SOURCE=value)
    assert said.startswith("scripts/image: LIBP2P_SOURCE: expected ")


def test_an_invalid_file_of_certificates_is_one_line(machine: Machine) -> None:
    machine.put("docker", BUILDS)
    said = machine.complaint("image", SSL_CERT_FILE="/nowhere.pem")
    assert said.startswith("scripts/image: SSL_CERT_FILE: expected a file of certificates, found /nowhere.pem: ")


@pytest.mark.parametrize("name", ["LIBP2P_SOURCE", "SSL_CERT_FILE"])
def test_a_relative_path_starts_at_the_callers_folder(machine: Machine, tmp_path: Path, name: str) -> None:
    machine.put("docker", BUILDS)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "pyproject.toml").touch()
    shutil.copy("/etc/ssl/certs/ca-certificates.crt", tmp_path / "mine" / "bundle.pem")
    value = "mine" if name == "LIBP2P_SOURCE" else "mine/bundle.pem"
    done = machine.call("image", "--track", "v0.4", cwd=tmp_path, **{name: value})
    assert (done.returncode, done.stderr) == (0, "")
    (build,) = [line for line in machine.asked() if line.startswith("buildx build")]
    assert f"={tmp_path}/{value} " in build


def test_a_full_temporary_folder_is_one_line(machine: Machine, project: Project) -> None:
    machine.put("docker", BUILDS)
    (machine.folder / "asked").symlink_to("/dev/null")
    python = project.environment("tools") / "bin" / "python"
    done = subprocess.run(
        ["/bin/sh", "-c", 'ulimit -f 0; exec "$@"', "sh", python, "-B", "dev/__main__.py", "image", "--track", "v0.4"],
        cwd=project.root,
        env=machine.environ(PIP_INDEX_URL="https://example.org"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert complaint(done).startswith("scripts/image: expected no error from the system, found: ")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_build_leaves_no_file(machine: Machine, number: signal.Signals, status: int) -> None:
    machine.put("docker", f'case "$1 $2" in "buildx build") exec sleep 60 ;; esac\n{BUILDS}')
    command: list[str | Path] = [machine.checkout / "scripts" / "image", "--track", "v0.4"]
    variables = machine.environ(PIP_INDEX_URL="https://example.org")
    with subprocess.Popen(command, env=variables, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as run:
        until = time.monotonic() + 60
        while "buildx build" not in "".join(machine.asked()):
            assert time.monotonic() < until
            time.sleep(0.05)
        time.sleep(0.2)
        run.send_signal(number)
        assert run.wait(60) == status
        assert run.stderr
        assert run.stderr.read() == b""
    assert list((machine.folder.parent / "temporary").iterdir()) == []
