"""Tests of the programs and headers that the system must have, and of the error of one line if one is missing."""

import shutil
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv import system
from dev.lockenv.interpreter import find_interpreter
from dev.lockenv.project import Project


def test_compiler_and_headers_are_found_in_one_pass(project: Project) -> None:
    facts = system.compiler_facts(find_interpreter(project.toolchain))
    assert facts["compiler"]
    assert len(facts["gmp"].split(".")) == 3


@pytest.mark.parametrize(
    ("present", "command"),
    [("apt-get", "apt-get install -y"), ("dnf", "dnf install -y"), ("brew", "brew install"), (None, "nix develop")],
)
def test_without_root_the_error_has_the_command(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, present: str | None, command: str
) -> None:
    if present:
        (tmp_path / present).write_text("#!/bin/sh\nexit 99\n")
        (tmp_path / present).chmod(0o755)
    interpreter = find_interpreter(project.toolchain)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CC", "no-such-compiler")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(CommandError, match=f"install it with: {command}") as caught:
        system.require_build_tools(project.toolchain, interpreter)
    assert "no-such-compiler" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_root_on_debian_installs_what_is_missing(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installer = tmp_path / "apt-get"
    program = tmp_path / "redis-server"
    shell, touch, chmod = (shutil.which(name) for name in ("sh", "touch", "chmod"))
    installer.write_text(f'#!{shell}\necho "$@" >> {tmp_path}/asked\n{touch} {program}\n{chmod} +x {program}\n')
    installer.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert system.require_program(project.toolchain, "redis", "redis-server") == program
    assert (tmp_path / "asked").read_text() == "install -y redis-server\n"
    assert capsys.readouterr().err == "lockenv: apt-get install -y redis-server\n"


def test_every_need_has_a_command_for_every_package_manager(project: Project) -> None:
    for commands in project.toolchain.install_commands.values():
        assert set(commands) == {"apt", "dnf", "brew", "nix"}
