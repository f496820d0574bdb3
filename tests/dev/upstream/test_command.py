"""Tests of `scripts/upstream`, as a person calls it."""

import subprocess
from pathlib import Path

import pytest
from checkout import run_script
from pylibp2p import commit, git

from dev.evidence.onterminal import on_terminal
from dev.lockenv.project import Project

FOLDER = Path("interop/transport")


@pytest.fixture
def upstream(project: Project) -> "Upstream":
    return Upstream(project)


class Upstream:
    """`scripts/upstream` of this repository."""

    def __init__(self, project: Project) -> None:
        self.program = project.root / "scripts" / "upstream"
        self._root = project.root

    def run(self, *arguments: str | Path, cwd: Path = Path("/")) -> "subprocess.CompletedProcess[str]":
        """Run the script in a pipe."""
        return run_script(self._root, "upstream", *map(str, arguments), cwd=cwd)


def test_in_a_pipe_it_shows_the_difference_and_writes(upstream: Upstream, pylibp2p: Path) -> None:
    done = upstream.run(pylibp2p.name, cwd=pylibp2p.parent)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("scripts/upstream: the locks are those of v0.8\nscripts/upstream: wrote ")
    assert (pylibp2p / FOLDER / "Dockerfile").is_file()
    git(pylibp2p, "stash", "push", "-q", "--all")
    git(pylibp2p, "-c", "core.whitespace=-blank-at-eof", "apply", "--index", "-", stdin=done.stdout)
    git(pylibp2p, "commit", "-q", "-m", "as shown")
    again = upstream.run(pylibp2p)
    assert (again.returncode, again.stdout) == (0, "")
    assert again.stderr.endswith("every file is up to date\n")


def test_check_writes_nothing(upstream: Upstream, pylibp2p: Path) -> None:
    done = upstream.run("--check", pylibp2p)
    assert done.returncode == 1
    assert "+FROM scratch AS libp2p" in done.stdout.splitlines()
    assert git(pylibp2p, "status", "--porcelain") == ""


def test_on_a_terminal_it_asks(upstream: Upstream, pylibp2p: Path) -> None:
    for answer, status in (("n\n", 1), ("\n", 1), ("y\n", 0)):
        status_found, shown = on_terminal([upstream.program, pylibp2p], typed=answer)
        assert "files? [y/N]" in shown
        assert (status_found, (pylibp2p / FOLDER).exists()) == (status, status == 0)


def test_yes_asks_nothing(upstream: Upstream, pylibp2p: Path) -> None:
    status, shown = on_terminal([upstream.program, "--yes", pylibp2p])
    assert (status, "[y/N]" in shown) == (0, False)


def test_an_uncommitted_file_stays(upstream: Upstream, pylibp2p: Path) -> None:
    mine = pylibp2p / FOLDER / "README.md"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine\n")
    done = upstream.run(pylibp2p)
    assert (done.returncode, done.stdout) == (1, "")
    assert "interop/transport/README.md; commit them, or remove them with: git stash" in done.stderr
    assert done.stderr.count("\n") == 1
    assert mine.read_text() == "mine\n"
    commit(pylibp2p)
    assert upstream.run(pylibp2p).returncode == 0
    assert mine.read_text() != "mine\n"


def test_a_missing_requirement_is_named_with_the_command_that_locks_it(upstream: Upstream, pylibp2p: Path) -> None:
    path = pylibp2p / "pyproject.toml"
    path.write_text(path.read_text().replace("multiaddr>=0.2.0", "multiaddr>=9"))
    done = upstream.run("--check", pylibp2p)
    line = "the checkout asks for multiaddr>=9, and the lock holds multiaddr 0.2.0"
    assert f"scripts/upstream: {line}; lock again with: interop/transport/relock" in done.stderr.splitlines()


def test_ignored_files_are_named(upstream: Upstream, pylibp2p: Path) -> None:
    (pylibp2p / ".gitignore").write_text("pingtest\n")
    done = upstream.run(pylibp2p)
    assert "git ignores 10 of them; add them with: git add --force interop/transport/pingtest/__init" in done.stderr


def test_wrong_targets_are_one_line(upstream: Upstream, pylibp2p: Path, project: Project) -> None:
    path = pylibp2p / "pyproject.toml"
    path.write_text(path.read_text().replace(">=3.10, <4.0", ">=3.12"))
    for target, says in ((project.root, "INTO: expected"), (pylibp2p, "found requires-python '>=3.12'")):
        done = upstream.run(target)
        assert (done.returncode in (2, 3), done.stdout) == (True, "")
        assert says in done.stderr
        assert done.stderr.count("\n") == 1
    assert not (pylibp2p / FOLDER).exists()
