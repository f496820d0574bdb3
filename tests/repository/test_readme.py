"""Tests that run each command in README.md as written, and compare its output with the output shown there."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from onterminal import on_terminal

from dev.doors.devcontainer import is_up
from dev.doors.engine import find_engine
from dev.doors.nix import ensure_nix
from dev.doors.nix_folders import nix_folders
from dev.lockenv.project import Project, this_project

README = (this_project().root / "README.md").read_text(encoding="utf-8")
_MINUTES = pytest.mark.timeout(900)
_GIT_HOST = "https://github.com/libp2p/py-libp2p.git"


@dataclass(frozen=True)
class Shown:
    """A command in the README, and the lines of output that the README shows."""

    command: str
    output: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """How to run a block of commands: in the checkout, or in a prepared copy of the checkout."""

    begins: str
    marks: tuple[pytest.MarkDecorator, ...] = (pytest.mark.processes,)
    copy: Callable[[Path], Mapping[str, str]] | None = lambda _: {}
    """Prepares the copy and returns further environment variables; None: run the commands in the checkout itself."""
    statuses: Mapping[str, int] = field(default_factory=dict)
    """The expected exit status of each command whose status is not 0."""
    exact: bool = False
    """Whether the numbers in the output must be exactly as shown, because they are the same on every machine."""
    also: Mapping[str, str] = field(default_factory=dict)
    """Replacements in the commands: of placeholders that a reader fills in, and of commands too large for a test."""


def blocks() -> list[list[Shown]]:
    """Return the commands of each console block."""
    found = []
    for block in re.findall(r"(?ms)^```console\n(.*?)^```$", README):
        parts = re.findall(r"(?m)^\$ (.*)\n((?:(?!\$ ).*\n)*)", block)
        found.append([Shown(command, tuple(output.splitlines())) for command, output in parts])
    return found


def toml(begins: str) -> str:
    """Return the TOML block that begins with `begins`."""
    found: list[str] = re.findall(r"(?ms)^```toml\n(.*?)^```$", README)
    return next(text for text in found if text.startswith(begins))


def a_track(copy: Path) -> dict[str, str]:
    """Add a track to the copy, as the README describes."""
    path = copy / "pyproject.toml"
    text = path.read_text()
    text = text.replace("[dependency-groups]\n", "[dependency-groups]\n" + toml('"v0.5"'), 1)
    text = text.replace("conflicts = [[", 'conflicts = [[{ group = "v0.5" }, ', 1)
    assert text.count("\ntracks = [") == 2
    path.write_text(text.replace("\ntracks = [", '\ntracks = ["v0.5", '))
    return {}


def a_door(copy: Path) -> dict[str, str]:
    path = copy / "pyproject.toml"
    heading = "[tool.envparity.doors]\n"
    path.write_text(path.read_text().replace(heading, f"{heading}{toml('bare')}", 1))
    return {}


def a_peer(copy: Path) -> dict[str, str]:
    """Add a peer to the copy that is really libp2p 0.8.1; the harness cannot tell how a peer is implemented."""
    folder = copy / "peers" / "mine"
    folder.mkdir()
    (folder / "version").write_text("0.8.1\n")
    into = ".cache/peers/mine"
    for name, does in (
        ("build", f"mkdir -p {into} && dev/command/python -m dev.lockenv track v0.8 > {into}/python"),
        ("peer", f'exec "$(cat {into}/python)" ping_test.py'),
    ):
        (folder / name).write_text(f'#!/bin/sh\ncd "$(dirname "$0")/../.." && {does}\n')
        (folder / name).chmod(0o755)
    with (copy / "dev" / "matrix" / "implementations.toml").open("a") as file:
        file.write(f"\n{toml('[[peer]]')}")
    return {}


def a_library(copy: Path) -> dict[str, str]:
    """Put the source of libp2p 0.8.1 next to the copy, and let git serve it as a commit of the library's repository."""
    tools = this_project().environment("tools") / "bin" / "python"
    fetch = [str(tools), "-m", "pip", "download", "--no-deps", "--no-binary=libp2p", "libp2p==0.8.1"]
    subprocess.run(fetch, cwd=copy.parent, check=True, capture_output=True)
    (archive,) = copy.parent.glob("libp2p-*.tar.gz")
    subprocess.run(["tar", "-xzf", archive], cwd=copy.parent, check=True)
    checkout = copy.parent / "py-libp2p"
    archive.with_suffix("").with_suffix("").rename(checkout)
    served = copy.parent / "served"
    shutil.copytree(checkout, served)
    git = ["git", "-C", str(served), "-c", "user.name=n", "-c", "user.email=e@example.org"]
    for words in (["init", "-q"], ["add", "--force", "."], ["commit", "-q", "-m", "0.8.1"]):
        subprocess.run([*git, *words], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{served.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": _GIT_HOST,
        "COMMIT": commit,
    }


CASES = [
    Case("scripts/ping", also={"scripts/test": "scripts/test tests/pingtest/test_report.py"}),
    Case(
        "scripts/devcontainer up", (pytest.mark.devcontainer, pytest.mark.docker, pytest.mark.network, _MINUTES), None
    ),
    Case("nix develop", (pytest.mark.nix, pytest.mark.network, _MINUTES), None),
    Case("scripts/image", (pytest.mark.docker, pytest.mark.network, _MINUTES), None),
    Case("scripts/ping --track v0.8 --transport"),
    Case("scripts/parity venv other=", statuses={"scripts/parity venv other=": 1}),
    Case(".venv-tools/bin/envparity why", (pytest.mark.network,), exact=True),
    Case(".venv-tools/bin/envparity bisect", (pytest.mark.network, _MINUTES), exact=True),
    Case("LIBP2P_SOURCE=", (pytest.mark.network, _MINUTES), a_library, also={"@COMMIT": "@$COMMIT"}),
    Case("scripts/lock", (pytest.mark.network, _MINUTES), a_track),
    Case("scripts/parity venv bare", copy=a_door),
    Case("scripts/matrix --build mine", (pytest.mark.processes, pytest.mark.redis), a_peer),
]


@pytest.fixture
def copy(project: Project, tmp_path: Path) -> Path:
    """Return a copy of the checkout; environments and caches are links, but new peers stay in the copy."""
    made = tmp_path / "checkout"
    left = shutil.ignore_patterns(".venv*", ".nix-environments", ".cache", ".git", "__pycache__", "matrix*.html")
    shutil.copytree(project.root, made, ignore=left, symlinks=True)
    for path in project.home.glob(".venv*"):
        (made / path.name).symlink_to(path)
    (made / ".cache" / "peers").mkdir(parents=True)
    for path in project.cache.iterdir():
        if path.name != "peers":
            (made / ".cache" / path.name).symlink_to(path)
    for path in (project.cache / "peers").glob("*"):
        (made / ".cache" / "peers" / path.name).symlink_to(path)
    return made


@pytest.fixture
def _as_it_was(project: Project) -> Iterator[None]:
    """Skip the test if the devcontainer is up, because a person may be using it; take it down after the test."""
    if is_up(find_engine(), project, "v0.4"):
        pytest.skip("the devcontainer of this checkout is up, and these commands take it down")
    yield
    subprocess.run([project.root / "scripts" / "devcontainer", "down"], check=True)


def run(command: str, cwd: Path, environ: Mapping[str, str], said: Path) -> tuple[int, str, str]:
    """Run a command with a terminal of 140 columns as its standard output; return its status and both outputs."""
    kept = {name: value for name, value in os.environ.items() if name not in ("LIBP2P_SOURCE", "PYTHONPATH")}
    environ = kept | {"TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "140"} | dict(environ)
    with said.open("w") as stderr:
        status, printed = on_terminal(
            ["bash", "-c", command], cwd=cwd, environ=environ, stdin=subprocess.DEVNULL, stderr=stderr
        )
    return status, printed, said.read_text()


def lines(text: str, *, exact: bool) -> list[str]:
    """Return the lines of a text for the comparison: without widths, and with numbers as 0 unless `exact` is set."""
    found = (re.sub(r"─+", "─", re.sub(r" +", " ", line)).strip() for line in text.splitlines())
    return [line if exact else re.sub(r"\d+(?:[.,]\d+)*", "0", line) for line in found if line]


def test_every_block_of_commands_has_one_case() -> None:
    for case, block in zip(CASES, blocks(), strict=True):
        assert block[0].command.startswith(case.begins)


def test_no_command_is_shown_in_another_way() -> None:
    fenced = re.findall(r"(?m)^```(\w*)$", README)
    assert set(fenced) == {"console", "toml", ""}
    assert fenced.count("console") == len(blocks()) == len(CASES)
    assert not re.search(r"(?m)^    \S", re.sub(r"(?ms)^```.*?^```$", "", README))


@pytest.mark.parametrize(
    ("case", "block"),
    [pytest.param(case, block, id=case.begins, marks=case.marks) for case, block in zip(CASES, blocks(), strict=True)],
)
def test_it_runs_and_prints_what_is_shown(
    case: Case, block: list[Shown], project: Project, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    environ: dict[str, str] = {}
    cwd = project.root
    if case.begins.startswith("scripts/devcontainer"):
        request.getfixturevalue("_as_it_was")
    if case.begins.startswith("nix"):
        found = ensure_nix(nix_folders(project.root)).program
        environ["PATH"] = f"{found.parent}{os.pathsep}{os.environ['PATH']}"
    if case.copy is not None:
        cwd = request.getfixturevalue("copy")
        environ |= case.copy(cwd)
    for shown in block:
        command = shown.command
        for there, here in case.also.items():
            command = re.sub(rf"{re.escape(there)}(?![-\w])", here, command)
        status, printed, said = run(command, cwd, environ, tmp_path / "stderr")
        wanted = next((one for begins, one in case.statuses.items() if command.startswith(begins)), 0)
        assert status == wanted, f"{command}\n{printed}\n{said}"
        assert "Traceback" not in printed + said
        left = lines(printed, exact=case.exact)
        goes_on = True
        for line in lines("\n".join(shown.output), exact=case.exact):
            if line == "…":
                goes_on = True
                continue
            assert line in (left if goes_on else left[:1]), f"{command}\n{printed}"
            left = left[left.index(line) + 1 :]
            goes_on = False
