"""Tests of the years to come: new releases of everything change no lock, and the door `venv` opens in 2030."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from next_year import NextYear

from dev.lockenv.command import run
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.installer import bootstrap
from dev.lockenv.interpreter import find_interpreter
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project, read_project
from dev.lockenv.resolve import lock_all
from envparity.cli.main import main as envparity

pytestmark = [pytest.mark.network, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def uv(project: Project) -> Path:
    return bootstrap(project, find_interpreter(project.toolchain))


@pytest.fixture(scope="module")
def index(project: Project, uv: Path) -> Iterator[NextYear]:
    with NextYear(project, uv) as made:
        yield made


def test_new_releases_of_everything_change_no_byte_of_a_lock(
    project: Project, uv: Path, index: NextYear, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(project.root / "pyproject.toml", tmp_path)
    shutil.copytree(project.root / "locks", tmp_path / "locks")
    (tmp_path / ".cache").mkdir()
    copy = read_project(tmp_path)
    for name, value in index.settings(tmp_path / "cache").items():
        monkeypatch.setenv(name, value)
    names = list(lock_all(copy, uv, False))
    assert names == [*project.locked_tracks, "tools", "build", "node", "site"]
    for name in names:
        assert copy.lock(name).read_bytes() == project.lock(name).read_bytes()
        assert set(read_lock(copy.lock(name)).pins) <= set(index.added) | {"libp2p"}
    compile_one: list[str | Path] = [uv, "pip", "compile", "-q", "--no-header", "--no-annotate", "-"]
    newest = run(compile_one, purpose="testing", stdin="trio\n")
    assert newest.split() == [f"trio=={index.added['trio']}"]


@pytest.mark.clock
def test_the_environment_of_2030_is_that_of_today(
    project: Project, index: NextYear, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    settings = index.settings(tmp_path / "cache") | {"LOCKENV_HOME": str(home)}
    python = project.root / "dev" / "command" / "python"
    words: list[str | Path] = [
        "sh",
        "-c",
        'date +%Y && exec "$@"',
        "-",
        python,
        "-m",
        "dev.lockenv",
        "track",
        "v0.8",
    ]
    command = ["faketime", "--exclude-monotonic", "-f", "@2030-01-02 03:04:05", *words]
    done = subprocess.run(
        command, env=os.environ | settings, cwd=project.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert index.added.keys() >= {"libp2p", "multiaddr", "trio"}
    then = home / ".venv-v0.8"
    assert done.stdout.split() == ["2030", str(then / "bin" / "python")]
    now = EnvironmentMaker(project).track("v0.8")
    assert envparity(["compare", "--track", "v0.8", f"today={now}", f"then={then}"]) == 0, capsys.readouterr().out
