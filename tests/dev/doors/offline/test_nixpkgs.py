"""Tests of the stand-in for nixpkgs: packages made of links to this machine's files.

The Nix shells use the stand-in on a machine that cannot download the pinned nixpkgs.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.doors.offline import nixpkgs as module
from dev.doors.offline.nixpkgs import write_standin
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.interpreter import Interpreter
from dev.lockenv.project import Project

GCC = """case $1 in
  -print-file-name=*) name=${1#*=}; [ "$name" = "${MISSING-}" ] || name=/lib/$name; echo "$name" ;;
  *) echo "null.o: /dev/null /usr/include/stdc-predef.h \\\\"; echo " /usr/include/somewhere/gmp.h" ;;
esac"""


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Simulate a machine that has every file to which the stand-in links.

    Return a function that writes a program: it takes the name and the shell code, and returns the path.
    """
    folder = tmp_path / "host"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def put(name: str, body: str = "") -> Path:
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)
        return folder / name

    for name in ("bash", "cmake", "git", "redis-server", "uv"):
        put(name)
    put("pkg-config", "echo /usr/lib/pkgconfig")
    put("some-gcc", GCC)
    interpreter = Interpreter(put("python3.11"), "3.11.2", "tag", "some-gcc", Path("/usr/include/python3.11"))
    monkeypatch.setattr(EnvironmentMaker, "interpreter", interpreter)
    monkeypatch.setattr(
        EnvironmentMaker,
        "interpreter_of",
        lambda maker, track: replace(interpreter, path=put(f"python{maker.project.pythons[track]}")),
    )
    monkeypatch.setattr(module, "bootstrap", lambda _project, _interpreter: folder / "uv")

    def require(_toolchain: object, _interpreter: object, programs: Mapping[str, str]) -> None:
        for need, program in programs.items():
            if shutil.which(program) is None:
                raise CommandError(f"expected the program {program} for {need}")

    monkeypatch.setattr(module, "require_all", require)
    return put


def test_each_package_is_made_of_links(project: Project, tmp_path: Path, host: Callable[[str, str], Path]) -> None:
    git = host("git", "")
    (tmp_path / "link").symlink_to(git)
    git.rename(tmp_path / "real-git")
    git.symlink_to(tmp_path / "real-git")
    write_standin(project, tmp_path / "standin")
    assert (tmp_path / "standin" / "flake.nix").read_bytes() == (
        project.root / "dev" / "doors" / "offline" / "standin" / "flake.nix"
    ).read_bytes()
    found = json.loads((tmp_path / "standin" / "host.json").read_text())
    packages = found["packages"]
    assert found["bash"] == str(tmp_path / "host" / "bash")
    # The stand-in links to the file at the end of a chain of links, because in its shell the first link would lead
    # to itself.
    assert packages["git"] == {"bin/git": str(tmp_path / "real-git")}
    assert packages["python311"] == {"bin/python3.11": str(tmp_path / "host" / "python3.11")}
    assert set(packages["gcc"]) == {"bin/cc", "bin/gcc"}
    assert packages["gmp"]["include/gmp.h"] == "/usr/include/somewhere/gmp.h"
    assert packages["gmp"]["lib/pkgconfig/gmp.pc"] == "/usr/lib/pkgconfig/gmp.pc"


@pytest.mark.usefixtures("host")
def test_an_unchanged_package_is_not_written_again(project: Project, tmp_path: Path) -> None:
    def times() -> list[int]:
        return [path.stat().st_mtime_ns for path in sorted((tmp_path / "standin").iterdir())]

    write_standin(project, tmp_path / "standin")
    before = times()
    write_standin(project, tmp_path / "standin")
    assert times() == before
    (tmp_path / "standin" / "flake.nix").write_text("old")
    write_standin(project, tmp_path / "standin")
    assert "legacyPackages" in (tmp_path / "standin" / "flake.nix").read_text()


@pytest.mark.parametrize("name", ["libstdc++.so.6", "libgmp.so"])
@pytest.mark.usefixtures("host")
def test_a_missing_library_is_one_line(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("MISSING", name)
    with pytest.raises(CommandError, match=r"^stand-in: expected .*/some-gcc to find lib.*, found none$"):
        write_standin(project, tmp_path / "standin")


@pytest.mark.parametrize("name", ["bash", "some-gcc"])
@pytest.mark.usefixtures("host")
def test_a_missing_program_is_one_line(project: Project, tmp_path: Path, name: str) -> None:
    (tmp_path / "host" / name).unlink()
    with pytest.raises(CommandError, match=f"^stand-in: expected the program {name} on PATH, found none; install it$"):
        write_standin(project, tmp_path / "standin")
