"""Tests of the command line of `scripts/devcontainer` and of its messages; test_devcontainer tests the devcontainer."""

import pytest
from called import Machine
from docker_kit import BUILDS

from dev.doors.devcontainer_command import main

USAGE = "usage: scripts/devcontainer [-h] [--track TRACK] {up | exec COMMAND... | down [--images]}"


def test_help_names_the_exit_statuses(machine: Machine) -> None:
    done = machine.call("devcontainer", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "usage: scripts/devcontainer [-h] [--track TRACK] {up | exec COMMAND... | down [--images]}"
    )
    assert "With exec, the exit status is that of COMMAND." in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--hel"], "unrecognized arguments: --hel"),
        (["build"], "argument action: invalid choice: 'build'"),
        (["--track", "v1", "up"], "argument --track: invalid choice: 'v1'"),
    ],
)
def test_a_wrong_command_line_exits_with_2(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("words", ["", "exec", "up now", "down now", "up --images"])
def test_a_wrong_action_is_one_line(machine: Machine, words: str) -> None:
    machine.put("docker", BUILDS)
    done = machine.call("devcontainer", *words.split())
    expected = f"scripts/devcontainer: expected up, exec COMMAND…, down or down --images, found {words or 'nothing'}\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", expected)
    assert machine.asked() == []


def test_down_without_a_container_says_so(machine: Machine) -> None:
    machine.put("docker", BUILDS)
    done = machine.call("devcontainer", "down")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"there is no devcontainer of {machine.checkout}\n", "")


def test_a_track_without_a_devcontainer_is_one_line(machine: Machine) -> None:
    machine.put("docker", BUILDS)
    said = machine.complaint("devcontainer", "--track", "v0.4-git", "up")
    assert said.endswith(
        "devcontainer: expected a track that has a devcontainer (v0.4, v0.8, v0.8-py313), found 'v0.4-git'"
    )
