"""Tests that each requirement of a checkout that the locks do not satisfy is found, and nothing else."""

import subprocess
import tomllib
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.lockfile import Lock, read_lock
from dev.lockenv.project import Project
from dev.upstream.difference import write
from dev.upstream.folder import files
from dev.upstream.within.asked import check_python, extras_of, read_pyproject, unmet

_NEWER = "setuptools>=99"
_HASH = "--hash=sha256:" + "0" * 64


def lock(path: Path, *pins: str) -> Lock:
    path.write_text("".join(f"{pin} \\\n    {_HASH}\n" for pin in pins))
    return read_lock(path)


def found(tmp_path: Path, pyproject: str, *extras: str) -> list[str]:
    run = lock(tmp_path / "run.txt", "trio==0.30.0", "py-cid==0.5.0", "aiortc==1.15.0", "early==2.0rc1")
    build = lock(tmp_path / "build.txt", "setuptools==80.0", "wheel==0.45")
    return [str(one) for one in unmet(tomllib.loads(pyproject), extras, run, build)]


def project_table(*requirements: str, more: str = "", build: str = "") -> str:
    return f"{build}\n[project]\nname = 'libp2p'\ndependencies = {list(requirements)}\n{more}\n"


@pytest.mark.parametrize(
    ("requirement", "says"),
    [
        ("trio>=0.26", None),
        ("Py_CID (>=0.5)", None),
        ("early>=1", None),
        ("trio", None),
        ("other; sys_platform == 'win32'", None),
        ("other; python_version < '3.11'", None),
        ("trio>=0.31", "the checkout asks for trio>=0.31, and the lock holds trio 0.30.0"),
        ("trio<0.30; python_version >= '3.8'", "the checkout asks for trio<0.30, and the lock holds trio 0.30.0"),
        ("other[x]>=1", "the checkout asks for other[x]>=1, and the lock holds no such distribution"),
        (
            "trio @ https://example.org/trio.tar.gz",
            "the checkout asks for trio @ https://example.org/trio.tar.gz, and the lock holds trio 0.30.0",
        ),
    ],
)
def test_a_requirement_is_compared_with_the_lock(tmp_path: Path, requirement: str, says: str | None) -> None:
    assert found(tmp_path, project_table(requirement)) == ([says] if says else [])


def test_only_the_wanted_extras_count(tmp_path: Path) -> None:
    extras = "[project.optional-dependencies]\nweb_rtc = ['aiortc>=2']\nall = ['libp2p[web-rtc]', 'other']\n"
    table = project_table(more=extras)
    rtc = "the checkout asks for aiortc>=2, and the lock holds aiortc 1.15.0"
    assert found(tmp_path, table) == []
    assert found(tmp_path, table, "web-rtc") == [rtc]
    other = "the checkout asks for other, and the lock holds no such distribution"
    assert sorted(found(tmp_path, table, "all")) == [rtc, other]
    assert found(tmp_path, table, "gone") == []


@pytest.mark.parametrize(
    ("build", "says"),
    [
        ("", []),
        ("[build-system]\nrequires = ['setuptools>=42', 'wheel']", []),
        ("[build-system]\nrequires = ['hatchling']", ["hatchling, and locks/build.txt holds no such distribution"]),
        ("[build-system]\nrequires = ['setuptools>=99']", [f"{_NEWER}, and locks/build.txt holds setuptools 80.0"]),
        ("[build-system]\nrequires = ['other; python_version < \"3\"']", []),
    ],
)
def test_the_requirements_of_the_build_count(tmp_path: Path, build: str, says: list[str]) -> None:
    assert found(tmp_path, project_table(build=build)) == [f"the build of the checkout asks for {one}" for one in says]


def test_a_requirement_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="expected requirements, found 'trio >> 1'"):
        found(tmp_path, project_table("trio >> 1"))
    with pytest.raises(CommandError, match="expected requirements, found 5"):
        found(tmp_path, project_table(build="[build-system]\nrequires = [5]"))


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [("", True), (">=3.10, <4.0", True), (">=3.11.4", True), ("==3.11.*", True), (">=3.12", False), ("<3.11", False)],
)
def test_the_python_of_the_checkout_must_fit(wanted: str, fits: bool) -> None:
    table = {"project": {"requires-python": wanted}}
    if fits:
        check_python(table, "3.11")
    else:
        with pytest.raises(CommandError, match=r"expected a py-libp2p that runs with Python 3\.11"):
            check_python(table, "3.11")


@pytest.mark.parametrize("wanted", ["nonsense", "3.11", 3.11, ["3.11"]])
def test_requires_python_that_cannot_be_read_is_an_error(wanted: object) -> None:
    with pytest.raises(CommandError, match=r"expected versions in requires-python, found "):
        check_python({"project": {"requires-python": wanted}}, "3.11")


def test_the_extras_are_those_of_the_group(project: Project) -> None:
    assert extras_of(project, "v0.4") == []
    assert extras_of(project, "v0.8") == ["webrtc"]


def test_the_program_in_the_folder_prints_and_records_the_lines(pylibp2p: Path, project: Project) -> None:
    write(pylibp2p, files(project, "v0.8"))
    folder, report = pylibp2p / "interop" / "transport", pylibp2p / "report"
    python = project.environment("tools") / "bin" / "python"
    command = [str(python), "-m", "dev.upstream.within.asked", str(pylibp2p), str(report)]

    def ask(old: str = "", new: str = "") -> tuple[int, str]:
        path = pylibp2p / "pyproject.toml"
        path.write_text(path.read_text().replace(old, new))
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.stdout == ""
        return done.returncode, done.stderr

    assert ask() == (0, "")
    assert report.read_text() == ""
    line = "the checkout asks for trio>=99, and the lock holds trio"
    status, said = ask("trio>=0.26.0", "trio>=99")
    assert (status, said.startswith(f"interop/transport: {line}"), said.count("\n")) == (0, True, 1)
    assert report.read_text().startswith(line)
    status, said = ask('"wheel"]', '"wheel", "hatchling"]')
    assert status == 3
    assert said.endswith("expected to build the library with the locks; lock again with: interop/transport/relock\n")
    assert ask(">=3.10, <4.0", ">=3.12")[0] == 3
    assert read_pyproject(pylibp2p)["project"]["requires-python"] == ">=3.12"
