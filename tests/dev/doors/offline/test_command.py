"""Tests of `scripts/offline`, which makes replacements for things that a machine without some networks cannot reach."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from called import Machine
from docker_kit import BUILDS, NO_COMPOSE_ENGINE, NO_ENGINE, NO_ENGINE_HOW

from dev.doors.offline.command import main

NAMES = ["engine", "images"]


@pytest.mark.parametrize("name", NAMES)
def test_help_names_the_exit_statuses(machine: Machine, name: str) -> None:
    done = machine.call(f"offline {name}", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: scripts/offline {name} [-h]")
    statuses = "Exit status: 0 done; 2 the command line is wrong; 3 this machine has no engine, "
    assert statuses in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["engine", "now"], "scripts/offline engine: error: unrecognized arguments: now"),
        (["images", "--track", "v0.4"], "scripts/offline images: error: unrecognized arguments: --track v0.4"),
        (["surprise"], "scripts/offline: error: expected one of engine, images, found surprise"),
    ],
)
def test_a_wrong_command_line_exits_with_2(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(("name", "lack"), [("engine", NO_COMPOSE_ENGINE), ("images", NO_ENGINE)])
def test_a_missing_docker_is_one_line(
    name: str, lack: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda _name, path=None: None)  # noqa: ARG005 - as in shutil.which
    assert main([name]) == 3
    assert capsys.readouterr() == (
        "",
        f"scripts/offline {name}: engine: {lack}; {NO_ENGINE_HOW}\n",
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_docker_without_buildx_is_one_line(machine: Machine, name: str) -> None:
    docker = machine.put("docker", 'test "$1" != buildx')
    assert f", found {docker}: no buildx" in machine.complaint(f"offline {name}")


@pytest.mark.parametrize("options", [[], ["--check"]])
def test_the_engine_of_this_machine_is_reported(machine: Machine, options: list[str]) -> None:
    machine.put("docker", BUILDS)
    done = machine.call("offline engine", *options)
    assert (done.returncode, done.stdout, done.stderr) == (0, "26.1.5\n", "")


def test_a_missing_mmdebstrap_is_one_line(machine: Machine) -> None:
    machine.put("docker", BUILDS)
    said = machine.complaint("offline images")
    assert said.startswith("scripts/offline images: base: expected the program mmdebstrap, which makes stand-ins, ")
    assert "apt-get install -y mmdebstrap" in said


def test_an_existing_stand_in_is_not_made_again(machine: Machine) -> None:
    machine.put("docker", BUILDS)
    done = machine.call("offline images", "--missing")
    assert (done.returncode, [line.split()[1] for line in done.stdout.splitlines()]) == (0, ["sha256:1"] * 3)


@pytest.mark.docker
def test_the_version_of_the_real_engine_is_reported(machine: Machine, tmp_path: Path) -> None:
    """PATH has no apt-get, so that the test cannot install anything."""
    (machine.folder / "docker").symlink_to(shutil.which("docker") or "docker")
    variables = machine.environ() | {"HOME": str(tmp_path)}
    variables.pop("DOCKER_HOST")
    kept = {name: value for name, value in os.environ.items() if name.startswith("DOCKER_")}
    done = subprocess.run(
        [machine.checkout / "scripts" / "offline", "engine"],
        env=variables | kept,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout[0].isdigit()
