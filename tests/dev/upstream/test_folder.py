"""Tests of the files of the folder: they are complete, and name nothing that only this repository has."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from pylibp2p import git, made_up

from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project, read_project
from dev.upstream.checkout import read_checkout
from dev.upstream.difference import write
from dev.upstream.folder import choose_track, files

# The lines of py-libp2p's .gitignore that come nearest to a name in the folder.
_IGNORED = "*.py[cod] *.so build bin lib parts venv* .venv* wheels/ *.log logs .cache *.key uv.lock env/"


@pytest.fixture
def written(project: Project, pylibp2p: Path) -> Path:
    """Return the path of interop/transport in a checkout, with the files for the lock of v0.8."""
    write(pylibp2p, files(project, "v0.8"))
    return pylibp2p / "interop" / "transport"


@pytest.mark.parametrize("track", ["v0.4", "v0.8"])
def test_the_lock_holds_everything_but_the_library(project: Project, pylibp2p: Path, track: str) -> None:
    write(pylibp2p, files(project, track))
    found = read_lock(pylibp2p / "interop" / "transport" / "locks" / "checkout.txt")
    ours = read_lock(project.lock(track))
    assert found.built == ours.built
    assert {name: pin.text for name, pin in found.pins.items()} == {
        name: pin.text for name, pin in ours.pins.items() if name != "libp2p"
    }
    assert "libp2p==" not in re.sub(r"\S+-libp2p", "", found.path.read_text())


def test_the_folder_is_a_project_of_lockenv(written: Path, project: Project) -> None:
    own = read_project(written)
    assert (own.tracks, own.library_folder, own.locks_library("checkout")) == (("checkout",), "../..", False)
    assert own.toolchain == project.toolchain
    assert set(read_lock(own.lock("tools")).pins) == {"packaging", "uv"}
    assert set(read_lock(own.lock("build")).pins) == set(read_lock(project.lock("build")).pins)


def test_the_programs_of_the_folder_import_only_the_folder(written: Path, project: Project) -> None:
    python = project.environment("tools") / "bin" / "python"
    code = "import sys, importlib; sys.path.insert(0, '.'); [importlib.import_module(one) for one in sys.argv[1:]]"
    modules = [f"dev.upstream.within.{one}" for one in ("asked", "pinged", "relock")]
    subprocess.run([str(python), "-I", "-c", code, *modules], cwd=written, check=True)
    bare = [str(written / "dev" / "command" / "python"), "-S", "-m", "dev.lockenv", "--help"]
    assert "usage" in subprocess.run(bare, cwd=written, check=True, capture_output=True, text=True).stdout


def test_the_programs_that_people_start_are_executable(written: Path) -> None:
    executable = {path.relative_to(written).as_posix() for path in written.rglob("*") if path.stat().st_mode & 0o100}
    assert {one for one in executable if (written / one).is_file()} == {"relock", "dev/command/python"}


def test_no_file_names_a_command_or_a_page_that_only_this_repository_has(written: Path) -> None:
    for path in written.rglob("*"):
        if path.is_file():
            text = path.read_text()
            assert "scripts/lock" not in text, path
            assert not re.search(r"docs/\w+/\w+\.md(?! of py-libp2p-ping-test)", text), path
            assert str(Path(__file__).parents[3]) not in text, path


@pytest.mark.usefixtures("written")
def test_git_ignores_no_file_and_git_gives_the_modes_back(pylibp2p: Path, project: Project) -> None:
    (pylibp2p / ".gitignore").write_text(_IGNORED.replace(" ", "\n"))
    names = [one.name for one in files(project, "v0.8")]
    assert read_checkout(pylibp2p).ignored(names) == []
    git(pylibp2p, "add", ".")
    listed = git(pylibp2p, "ls-files", "-s", "interop").splitlines()
    assert len(listed) == len(names)
    assert sum(line.startswith("100755") for line in listed) == 2


def test_the_readme_has_ten_lines(written: Path) -> None:
    assert len((written / "README.md").read_text().splitlines()) == 10


@pytest.mark.parametrize(("track", "channels"), [("v0.4", ["noise"]), ("v0.8", ["noise", "tls"])])
def test_images_yaml_has_an_entry_for_each_harness(
    project: Project, pylibp2p: Path, track: str, channels: list[str]
) -> None:
    """A listener of libp2p 0.4.0 fails every test with tls, so the harness must not run such tests."""
    write(pylibp2p, files(project, track))
    found = yaml.safe_load((pylibp2p / "interop" / "transport" / "images.yaml").read_text())
    (unified,), (plans,) = found["implementations"], found["test-plans"]
    assert (pylibp2p / unified["source"]["dockerfile"]).is_file()
    assert unified["transports"] == plans["transports"] == ["tcp", "ws", "wss", "quic-v1"]
    assert unified["secureChannels"] == plans["secureChannels"] == channels
    assert sorted(unified["muxers"]) == sorted(plans["muxers"]) == ["mplex", "yamux"]
    text = (pylibp2p / "interop" / "transport" / "images.yaml").read_text()
    assert json.loads(text.partition("test-plans:")[2]) == [plans]


@pytest.mark.git
@pytest.mark.parametrize(
    ("requirements", "track", "missing"),
    [
        (["trio>=0.26", "multiaddr>=0.2.0"], "v0.8", 0),
        (["trio>=0.26", "multiaddr>=0.0.11", "pymultihash>=0.8.2", "protobuf>=4.25,<5"], "v0.4", 0),
        (["trio>=0.26"], "v0.8", 0),
        (["multiaddr>=0.2.0", "no-such-distribution"], "v0.8", 1),
    ],
)
def test_the_track_is_the_newest_of_those_that_satisfy_most(
    project: Project, tmp_path: Path, requirements: list[str], track: str, missing: int
) -> None:
    choice = choose_track(project, read_checkout(made_up(tmp_path / "one", *requirements)))
    assert (choice.track, len(choice.missing)) == (track, missing)
