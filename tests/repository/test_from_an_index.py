"""Runs envparity with the real uvx and pipx from an index on loopback, in a project that is not ours.

The index has the wheel of this checkout, and the wheels that envparity and pipx require. The tests need the package
registry only to download these wheels.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from environment_builder import Environment
from index import Index
from judging import LOCK, fill
from pythons import other_pythons

from dev.command.errors import CommandError
from dev.lockenv.interpreter import describe
from dev.lockenv.project import Project
from dev.release.distributions import build_distributions

pytestmark = [pytest.mark.slow, pytest.mark.network, pytest.mark.timeout(900)]
SERIES = ("3.11", "3.12", "3.13", "3.14")


def pythons() -> dict[str, str]:
    """Return a dict from series, such as `3.12`, to a Python of this machine; it has only series of SERIES."""
    found: dict[str, str] = {}
    for path in (sys.executable, *other_pythons()):
        try:
            series = ".".join(describe(Path(path)).version.split(".")[:2])
        except CommandError:
            continue  # This Python is too old to describe itself.
        if series in SERIES:
            found.setdefault(series, path)
    return found


@pytest.fixture(scope="module")
def wheels(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the wheel of envparity, and with all wheels that envparity and pipx need."""
    folder = tmp_path_factory.mktemp("wheels")
    _, wheel = build_distributions(project, tmp_path_factory.mktemp("dist"))
    pip = [sys.executable, "-m", "pip", "download", "-q", "--only-binary", ":all:", "-d", str(folder)]
    subprocess.run([*pip, "pipx", "pip"], check=True)
    for series in pythons():
        subprocess.run([*pip, "--python-version", series, str(wheel)], check=True)
    return folder


@pytest.fixture
def around(wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield a project with an environment and a lock; uv and pip use only an index with `wheels`."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    fill(Environment(folder / ".venv"))
    (folder / "requirements.txt").write_text(LOCK)
    with Index() as index:
        index.use(monkeypatch)
        for path in sorted(wheels.glob("*.whl")):
            index.wheel_file(path)
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        for name in ("UV_TOOL_DIR", "PIPX_HOME"):
            monkeypatch.setenv(name, str(tmp_path / name))
        monkeypatch.delenv("VIRTUAL_ENV", raising=False)
        yield folder


def uvx(project: Project) -> str:
    return str(project.environment("tools") / "bin" / "uvx")


def ran(command: list[str], folder: Path) -> str:
    """Run a command in the project, and return its output; it must find no error in the environment."""
    done = subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("series", SERIES)
def test_uvx_and_pipx_run_envparity(project: Project, around: Path, wheels: Path, series: str) -> None:
    python = pythons().get(series)
    if python is None:
        pytest.skip(f"no Python {series} on this machine; install one, for example with pyenv")
    (wheel,) = wheels.glob("envparity-*.whl")
    run = [uvx(project), "-q", "--python", python]
    commands = {
        "uvx --from WHEEL": [*run, "--from", str(wheel), "envparity"],
        "uvx": [*run, "envparity"],
        "pipx run --spec WHEEL": [*run, "pipx", "run", "--python", python, "--spec", str(wheel), "envparity"],
    }
    for name, command in commands.items():
        assert "pass: 0 errors" in ran(command, around), name
        assert ran([*command, "--version"], around) == "envparity 0.1.0\n", name
