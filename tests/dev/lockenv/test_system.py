"""Tests of the programs and headers that the system must have, and of the error of one line if one is missing."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from programs import line_of, put

from dev.lockenv import system
from dev.lockenv.interpreter import find_interpreter
from dev.lockenv.project import Project


def test_compiler_and_headers_are_found_in_one_pass(project: Project) -> None:
    facts = system.compiler_facts(find_interpreter(project.toolchain))
    assert facts["compiler"]
    assert len(facts["gmp"].split(".")) == 3


def test_without_root_one_line_installs_everything_that_is_missing(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine has only Python, as a minimal Debian after the installation of python3.11."""
    interpreter = replace(find_interpreter(project.toolchain), compiler="no-such-compiler", headers=tmp_path)
    put(tmp_path, "apt-get", "exit 99")
    put(tmp_path, "sudo", "exit 99")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    said = line_of(lambda: system.require_build_tools(project.toolchain, interpreter))
    assert "no-such-compiler" in said
    assert said.endswith(
        "; install everything that is missing with: sudo apt-get update && sudo apt-get install -y gcc libc6-dev "
        "libgmp-dev python3.11-dev"
    )
    lacks = put(tmp_path, "python", 'echo "No module named ensurepip" >&2; exit 1')
    said = line_of(lambda: system.require_pip(project.toolchain, replace(interpreter, path=lacks)))
    assert "No module named ensurepip" in said
    assert said.endswith("install -y python3.11-venv python3.11-dev gcc libc6-dev libgmp-dev")


def test_the_headers_of_another_python_are_not_asked_from_debian(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Python of pyenv or uv has its own headers, and on Debian 13 no package has the headers of Python 3.11."""
    (tmp_path / "Python.h").touch()
    interpreter = replace(find_interpreter(project.toolchain), compiler="no-such-compiler", headers=tmp_path)
    put(tmp_path, "apt-get", "exit 99")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    said = line_of(lambda: system.require_build_tools(project.toolchain, interpreter))
    assert said.endswith("install it with: su -c 'apt-get update && apt-get install -y gcc libc6-dev libgmp-dev'")


def test_a_wrong_compiler_of_the_person_is_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler -m64")
    monkeypatch.setattr("os.geteuid", lambda: 0)  # root would otherwise install gcc, which does not help
    interpreter = find_interpreter(project.toolchain)
    assert line_of(lambda: system.require_build_tools(project.toolchain, interpreter)) == (
        "CC: expected a C compiler, found no program 'no-such-compiler'; correct CC, or unset it"
    )


def test_root_on_debian_installs_what_is_missing(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "redis-server"
    touch, chmod = (shutil.which(name) for name in ("touch", "chmod"))
    put(
        tmp_path,
        "apt-get",
        f'echo "$@" >> {tmp_path}/asked\n[ "$1" = update ] && exit 100\n{touch} {program}\n{chmod} +x {program}',
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert system.require_program(project.toolchain, "redis", "redis-server") == program
    assert (tmp_path / "asked").read_text() == "update\ninstall -y redis-server\n"
    assert capsys.readouterr().err == "lockenv: apt-get update && apt-get install -y redis-server\n"


def test_one_line_also_names_the_programs_of_a_command(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interpreter = replace(find_interpreter(project.toolchain), compiler="no-such-compiler")
    for name in ("apt-get", "sudo", "git"):
        put(tmp_path, name, "exit 99")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    programs = {"git": "git", "redis": "redis-server", "browser": "chromium"}
    said = line_of(lambda: system.require_all(project.toolchain, interpreter, programs))
    assert said.endswith("sudo apt-get install -y gcc libc6-dev libgmp-dev redis-server chromium")
