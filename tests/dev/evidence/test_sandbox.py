"""Tests of the sandbox, which starts containers for experiments.

A box is one container of the sandbox.
"""

import os
import subprocess
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.doors.engine import Engine
from dev.doors.engines import find_engine
from dev.doors.offline.images import python_image
from dev.evidence.sandbox import Box, Sandbox, ScriptResult, installed, sandbox
from dev.lockenv.project import Project

PYTHON = python_image("3.11")


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """Return a box whose fake docker runs each command on this machine, without a container."""
    program = tmp_path / "docker"
    program.write_text(
        '#!/bin/sh\nwhile [ "$1" != sh ]; do shift; done\n'
        f'exec sh -euc "$(printf %s "$3" | sed "s,/run/registries,/dev/null,; s,/tmp/said,{tmp_path}/said,g")"\n'
    )
    program.chmod(0o755)
    return Box(Engine(str(program)), "nobody")


def test_attempt_returns_the_status_and_the_whole_output(box: Box) -> None:
    said = box.attempt("echo one; echo two >&2; false; echo three", purpose="testing")
    assert said == ScriptResult(1, ("one", "two"))
    assert box.attempt("cat", purpose="testing", given="given") == ScriptResult(0, ("given",))


def test_do_raises_an_error_if_the_command_fails(box: Box) -> None:
    assert box.do("cat", purpose="testing", given="given") == "given"
    with pytest.raises(CommandError, match=r"^testing: no such thing$"):
        box.do("echo no such thing >&2; exit 3", purpose="testing")


def test_without_packages_dpkg_is_not_called(box: Box) -> None:
    assert installed(box, []) == {}


def test_a_container_ends_with_its_block_even_after_an_error(project: Project, tmp_path: Path) -> None:
    program = tmp_path / "docker"
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
    program.chmod(0o755)
    made = Sandbox(Engine(str(program)), project, "base", "own", ("own:/shared",))
    with pytest.raises(RuntimeError), made.box({"gcc": "1", "git": ""}):
        raise RuntimeError
    asked = (tmp_path / "asked").read_text().splitlines()
    assert asked[0].startswith("run --detach --init --user 0 --name own-box --entrypoint sleep --volume own:/shared ")
    assert any(line.endswith("gcc=1 git > /dev/null") for line in asked)
    assert asked[-1] == "container rm --force own-box"


@pytest.mark.docker
@pytest.mark.network
def test_nothing_remains_and_no_secret_is_visible(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """No container or volume remains, and `docker inspect`, which shows arguments and variables, shows no password."""
    monkeypatch.setenv("UV_INDEX_OWN_PASSWORD", "a secret of somebody")
    engine = find_engine()
    with sandbox(engine, project, PYTHON.tag) as opened, opened.box({}) as box:
        assert box.do("echo $UV_INDEX_OWN_PASSWORD; command -v uv", purpose="testing").splitlines() == [
            "a secret of somebody",
            "/shared/clients/bin/uv",
        ]
        assert "a secret" not in str(engine.inspect(box.name))
    listed = [engine.program, "ps", "--all", "--format", "{{.Names}}"]
    volumes = [engine.program, "volume", "ls", "--format", "{{.Name}}"]
    for command in (listed, volumes):
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert f"builds-{os.getpid()}" not in told
