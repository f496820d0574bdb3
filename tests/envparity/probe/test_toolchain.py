"""Tests of how the probe (the program that reads an environment) finds the versions of tools such as compilers.

A tool may also fail, print garbage, or never end.
"""

import os
import time
from pathlib import Path

import pytest
from environment_builder import Environment

from envparity.project.config import Config
from envparity.snapshot.types import Snapshot


def tools(environment: Environment, folder: Path, **scripts: str) -> Snapshot:
    """Write shell scripts, by name, to `folder`, and return the output of the probe with only this folder on PATH."""
    folder.mkdir()
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    probes = {name: {"command": [name, "--version"], "pattern": r"version (.*)", "timeout": 3} for name in scripts}
    config = Config(root=environment.folder, probes=probes)
    return environment.probe(config=config, environ={"PATH": str(folder)})


def test_versions_of_tools_are_read(empty: Environment, tmp_path: Path) -> None:
    started = time.monotonic()
    found = tools(
        empty,
        tmp_path / "bin",
        good="echo version 1.2",
        cmake="echo cmake version 3.1",
        failing="echo version 1; exit 1",
        silent="exit 0",
        garbage=r"printf 'version \377\033[31m\000x\n'",
        long="printf 'version '; printf '%05000d' 1",
        endless="while :; do echo version 1; done",
        waiting="exec /bin/sleep 600",
        child="/bin/sleep 600 & echo version 1",
        closed="exec >&-; exec /bin/sleep 600",
    ).toolchain
    assert time.monotonic() - started < 60
    assert (found["good"], found["cmake"], found["git"]) == ("1.2", "3.1", None)
    assert found["garbage"] == "\N{REPLACEMENT CHARACTER}\x1b[31m\0x"
    assert len(found["long"] or "") == 200
    assert [found[name] for name in ("failing", "silent", "endless", "waiting", "closed")] == [None] * 5
    assert found["child"] == "1"


@pytest.mark.parametrize("compiler", ["", " ", "no-such-compiler -m64", "/"])
def test_a_compiler_that_does_not_exist_has_no_version(empty: Environment, compiler: str) -> None:
    found = empty.probe(environ={"CC": compiler, "PATH": os.environ["PATH"]}).toolchain
    assert compiler.strip() == "" or found["compiler"] is None


@pytest.mark.parametrize("name", ["gcc", "x86_64-linux-gnu-gcc", "aarch64-linux-musl-gcc"])
def test_a_compiler_is_found_by_its_other_names(empty: Environment, tmp_path: Path, name: str) -> None:
    program = tmp_path / name
    program.write_text(f"#!/bin/sh\necho '{name} (Debian 12.2.0-14) 12.2.0'\n")
    program.chmod(0o755)
    found = empty.probe(environ={"CC": str(program), "PATH": os.environ["PATH"]}).toolchain
    assert found["compiler"] == "gcc (Debian 12.2.0-14) 12.2.0"


def write_tool(path: Path, version: str, started: Path) -> None:
    """Write a program that creates the file `started` and prints a version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n: > {started}\necho git version {version}\n")
    path.chmod(0o755)


@pytest.mark.parametrize("place", ["bin", "link", "a link to it", "site", "outside"])
def test_a_program_of_the_environment_is_not_started(empty: Environment, tmp_path: Path, place: str) -> None:
    """A `git` that anything installed may have replaced is not started, however PATH leads to it."""
    started, outside = tmp_path / "started", tmp_path / "outside"
    outside.mkdir()
    folder = empty.site / "package" if place == "site" else empty.folder / "bin"
    write_tool(folder / "git", "99", started)
    path = folder
    if place == "link":
        path = tmp_path / "linked"
        path.symlink_to(folder)
    elif place == "a link to it":
        path = outside
        (outside / "git").symlink_to(folder / "git")
    elif place == "outside":
        path = outside
        write_tool(outside / "git", "2", started)
    found = empty.probe(environ={"PATH": f"{empty.folder / 'bin'}:{path}:."}, cwd=folder)
    assert found.toolchain["git"] == ("2" if place == "outside" else None)
    assert found.located.programs.get("git") == (str(outside / "git") if place == "outside" else None)
    assert started.exists() is (place == "outside")


def test_a_compiler_of_the_environment_is_not_started(empty: Environment, tmp_path: Path) -> None:
    write_tool(empty.folder / "bin" / "cc", "99", tmp_path / "started")
    found = empty.probe(environ={"CC": str(empty.folder / "bin" / "cc"), "PATH": os.environ["PATH"]})
    assert found.toolchain["compiler"] is None
    assert not (tmp_path / "started").exists()


def test_the_snapshot_says_where_each_program_was_found(bare: Environment, tmp_path: Path) -> None:
    write_tool(tmp_path / "bin" / "git", "2", tmp_path / "started")
    found = bare.probe(environ={"PATH": str(tmp_path / "bin")})
    assert found.located.programs["git"] == str(tmp_path / "bin" / "git")
    assert "cmake" not in found.located.programs
