"""Tests that run each command in README.md, docs/start.md and docs/guides/ as written.

They compare the output of each command with the output that the page shows.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from console import Shown, blocks, fenced, missing_line
from pylibp2p import made_up

from dev.doors.devcontainer import is_up
from dev.doors.engines import find_engine
from dev.doors.nix import ensure_nix
from dev.doors.nix_folders import nix_folders
from dev.evidence.onterminal import on_terminal
from dev.lockenv.project import Project, this_project

ROOT = this_project().root
PAGES = ("README.md", "docs/start.md", *(f"docs/guides/{path.name}" for path in ROOT.glob("docs/guides/*.md")))
RUN_ELSEWHERE = {
    "docs/guides/check-in-ci.md": "test_use_in_your_project.py",
    "docs/guides/sign-a-report.md": "test_sign_a_report.py",
    "docs/guides/use-in-your-project.md": "test_use_in_your_project.py",
}
"""The pages whose commands run in another project, and the file of the test that runs them."""
_MINUTES = pytest.mark.timeout(900)
_IMAGE = (pytest.mark.slow, pytest.mark.docker, pytest.mark.network, _MINUTES)
_DEVCONTAINER = (pytest.mark.slow, pytest.mark.devcontainer, pytest.mark.docker, pytest.mark.network, _MINUTES)
_NIX = (pytest.mark.slow, pytest.mark.nix, pytest.mark.network, _MINUTES)
_SLOW_NETWORK = (pytest.mark.slow, pytest.mark.network, _MINUTES)
_HISTORY = (*_SLOW_NETWORK, pytest.mark.history)
_GIT_HOST = "https://github.com/libp2p/py-libp2p.git"


@dataclass(frozen=True)
class Case:
    """How to run a block of commands: in the checkout, or in a prepared copy of the checkout.

    `page` is the page with the block, and `begins` is the beginning of the block's first command.
    """

    page: str
    begins: str
    marks: tuple[pytest.MarkDecorator, ...] = (pytest.mark.processes,)
    copy: Callable[[Path], Mapping[str, str]] | None = lambda _: {}
    """A function that prepares the copy and returns further environment variables. None means the checkout itself."""
    statuses: Mapping[str, int] = field(default_factory=dict)
    """A dict from the beginning of a command to its expected exit status, for each command whose status is not 0."""
    exact: bool = False
    """Whether the numbers in the output must be exactly as shown, because they are the same on every machine."""
    also: Mapping[str, str] = field(default_factory=dict)
    """Replacements in the commands, for placeholders that a reader fills in, and for commands that take too long."""


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def toml(page: str, begins: str) -> str:
    """Return the first TOML block that begins with `begins` in the guide `docs/guides/PAGE.md`."""
    return next(text for text in fenced(text_of(f"docs/guides/{page}.md"), "toml") if text.startswith(begins))


def a_track(copy: Path) -> dict[str, str]:
    """Add a track, which is a pinned version of libp2p, to the copy, as the guide describes."""
    path = copy / "pyproject.toml"
    text = path.read_text()
    text = text.replace("[dependency-groups]\n", "[dependency-groups]\n" + toml("add-a-track", '"v0.5"'), 1)
    text = text.replace("conflicts = [[", 'conflicts = [[{ group = "v0.5" }, ', 1)
    heading = "[tool.envparity.tracks]\n"
    assert text.count(heading) == 1
    path.write_text(text.replace(heading, f'{heading}"v0.5" = {{ python = "3.11" }}\n'))
    return {}


def a_door(copy: Path) -> dict[str, str]:
    path = copy / "pyproject.toml"
    heading = "[tool.envparity.doors]\n"
    path.write_text(path.read_text().replace(heading, f"{heading}{toml('add-a-door', 'bare')}", 1))
    return {}


def a_peer(copy: Path) -> dict[str, str]:
    """Add a peer, which is a program for the ping test, to the copy.

    The peer is ping_test.py with libp2p 0.8.1, because `scripts/matrix` need not know how a peer is implemented.
    """
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
        file.write(f"\n{toml('add-a-peer', '[[peer]]')}")
    return {}


def a_library(copy: Path) -> dict[str, str]:
    """Put the source of libp2p 0.8.1 next to the copy.

    Also make a git repository with this source, and return variables with which git uses it in place of py-libp2p's
    repository on GitHub.
    """
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


def a_checkout(copy: Path) -> dict[str, str]:
    """Make a checkout of py-libp2p without code next to the copy."""
    made_up(copy.parent / "py-libp2p", "trio>=0.26.0", "multiaddr>=0.2.0")
    return {}


_GUIDES = "docs/guides/"
_HELP_OF_IMAGE = {"scripts/image --track v0.8": "scripts/image --help"}
_COMPOSE = {"up --exit-code-from dialer": "config --quiet"}
"""The replacement only reads compose.yaml, because tests in tests/dev/doors run its containers."""

CASES = [
    Case("README.md", "scripts/ping", also={"scripts/test": "scripts/test tests/pingtest/test_report.py"}),
    Case("README.md", "scripts/devcontainer up", _DEVCONTAINER, None),
    Case("README.md", "nix develop", _NIX, None),
    Case("README.md", "scripts/image", _IMAGE, None),
    Case("docs/start.md", "scripts/ping"),
    Case("docs/start.md", "scripts/parity venv"),
    Case("docs/start.md", "scripts/ping --track v0.8", statuses={"scripts/parity": 1}),
    Case("docs/start.md", ".venv-tools/bin/envparity why", (pytest.mark.network,), exact=True),
    Case("docs/start.md", "scripts/incident", _SLOW_NETWORK, also={"scripts/incident": "scripts/incident --runs 1"}),
    Case(f"{_GUIDES}add-a-door.md", "scripts/parity venv bare", copy=a_door),
    Case(
        f"{_GUIDES}add-a-peer.md",
        "scripts/matrix --build mine",
        (pytest.mark.slow, pytest.mark.processes, pytest.mark.redis),
        a_peer,
    ),
    Case(f"{_GUIDES}add-a-track.md", "scripts/lock", _SLOW_NETWORK, a_track),
    Case(f"{_GUIDES}adopt-in-py-libp2p.md", "scripts/image", (pytest.mark.docker,), also=_HELP_OF_IMAGE | _COMPOSE),
    Case(f"{_GUIDES}adopt-in-py-libp2p.md", "scripts/upstream", (pytest.mark.git,), copy=a_checkout),
    Case(f"{_GUIDES}adopt-in-py-libp2p.md", "LIBP2P_SOURCE=", _SLOW_NETWORK, a_library, also={"--all": "--count 1"}),
    Case(f"{_GUIDES}compare-environments.md", "scripts/parity venv "),
    Case(f"{_GUIDES}compare-environments.md", "scripts/parity venv other=", statuses={"scripts/parity venv other=": 1}),
    Case(f"{_GUIDES}devcontainer.md", "scripts/devcontainer up", _DEVCONTAINER, None),
    Case(f"{_GUIDES}docker.md", "scripts/image", _IMAGE, None, also=_COMPOSE),
    Case(f"{_GUIDES}find-the-release.md", ".venv-tools/bin/envparity history", _HISTORY, exact=True),
    Case(f"{_GUIDES}find-the-release.md", ".venv-tools/bin/envparity bisect", _HISTORY, exact=True),
    Case(f"{_GUIDES}nix.md", "nix develop", _NIX, None),
    Case(f"{_GUIDES}read-from-outside.md", "scripts/parity --no-run venv"),
    Case(f"{_GUIDES}run-the-matrix.md", "scripts/ping --track v0.8 --transport", (pytest.mark.slow,)),
    Case(
        f"{_GUIDES}run-the-matrix.md",
        "scripts/matrix --list",
        (pytest.mark.processes, pytest.mark.redis),
        also={
            "scripts/matrix  ": "scripts/matrix --among v0.8 --select 'tcp, noise, yamux' ",
            "--among v0.4,v0.8": "--among v0.4 --select 'tcp, noise, yamux'",
            "--ignore quic-v1": "--among v0.8 --ignore 'quic-v1|webrtc|ws|tls|mplex'",
        },
    ),
    Case(f"{_GUIDES}swap-the-library.md", "LIBP2P_SOURCE=", _SLOW_NETWORK, a_library, also={"@COMMIT": "@$COMMIT"}),
    Case(f"{_GUIDES}swap-the-library.md", "LIBP2P_SOURCE=", also=_HELP_OF_IMAGE),
]


@pytest.fixture
def copy(project: Project, tmp_path: Path) -> Path:
    """Return a copy of the checkout; its environments and caches are links, but a new peer is only in the copy."""
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
    """Skip the test if the devcontainer is running, because a person may be using it; remove it after the test."""
    if is_up(find_engine(), project, "v0.4"):
        pytest.skip(
            "the devcontainer of this checkout is running, and these commands would remove it; "
            "scripts/devcontainer down"
        )
    yield
    subprocess.run([project.root / "scripts" / "devcontainer", "down"], check=True)


def run(command: str, cwd: Path, environ: Mapping[str, str], said: Path) -> tuple[int, str, str]:
    """Run a command with a terminal of 140 columns as its standard output.

    Return its status, its standard output and its standard error; `said` is a file for the standard error.
    """
    kept = {name: value for name, value in os.environ.items() if name not in ("LIBP2P_SOURCE", "PYTHONPATH")}
    environ = kept | {"TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "140"} | dict(environ)
    with said.open("w") as stderr:
        status, printed = on_terminal(
            ["bash", "-c", command], cwd=cwd, environ=environ, stdin=subprocess.DEVNULL, stderr=stderr
        )
    return status, printed, said.read_text()


def pairs() -> list[tuple[Case, list[Shown]]]:
    """Return each case with its block of commands: a page's first case has the page's first block, and so on."""
    found = []
    for page in PAGES:
        if page not in RUN_ELSEWHERE:
            cases = [case for case in CASES if case.page == page]
            found += list(zip(cases, blocks(text_of(page)), strict=True))
    return found


def test_every_block_of_commands_has_one_case() -> None:
    assert len(pairs()) == len(CASES)
    for case, block in pairs():
        assert block[0].command.startswith(case.begins)


@pytest.mark.parametrize("page", PAGES)
def test_no_command_is_shown_in_another_way(page: str) -> None:
    text = text_of(page)
    kinds = re.findall(r"(?m)^ *```(\w*)$", text)
    assert set(kinds) <= {"console", "python", "sh", "toml", "yaml", ""}
    assert kinds.count("console") == len(blocks(text))
    assert not re.search(r"(?m)^    \S", re.sub(r"(?ms)^ *```.*?^ *```$", "", text))


@pytest.mark.parametrize(
    ("case", "block"),
    [pytest.param(case, block, id=f"{case.page}: {case.begins}", marks=case.marks) for case, block in pairs()],
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
        assert missing_line(shown, printed, exact=case.exact) is None, f"{command}\n{printed}"
