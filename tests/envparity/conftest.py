"""Fixtures: small environments, and a small package index with releases of several dates."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from environment_builder import Environment
from index import Index
from judging import fill


@pytest.fixture
def empty(tmp_path: Path) -> Environment:
    """An empty environment."""
    return Environment(tmp_path / "environment")


@pytest.fixture
def sound(empty: Environment) -> Environment:
    """An environment with two intact distributions, which a test may damage."""
    return fill(empty)


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An empty environment that all tests share and none changes."""
    return Environment(tmp_path_factory.mktemp("bare") / "environment")


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The snapshot of a sound environment, as the probe wrote it."""
    return fill(Environment(tmp_path_factory.mktemp("clean") / "environment")).snapshot_bytes()


@pytest.fixture(scope="session")
def bundled_pip(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command of the pip that is bundled with Python, in its own environment. It is as old as this Python."""
    folder = tmp_path_factory.mktemp("bundled") / "environment"
    subprocess.run([sys.executable, "-I", "-m", "venv", folder], check=True)
    return [str(folder / "bin" / "python"), "-I", "-m", "pip"]


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """An empty package index. pip and uv use no other index."""
    with Index() as made:
        made.use(monkeypatch)
        yield made


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels, the only place where pip and uv look for packages."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_OFFLINE", "1")
    for client in ("PIP", "UV"):
        monkeypatch.setenv(f"{client}_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def past(index: Index) -> Index:
    """The story that this project began with, in small.

    A release of `addr`, which `app` asks for, brings a second provider of the import name `hashing`.
    """
    hashing = {"hashing/__init__.py": "from hashing.core import Func\n", "hashing/core.py": "class Func: pass\n"}
    other = {"hashing/__init__.py": "from hashing.core import encode\n", "hashing/core.py": "def encode(): pass\n"}
    index.wheel("app", "1.0", "2025-01-01T08:00:00Z", {"app.py": ""}, requires=("addr>=0.1", "hash-one"))
    index.wheel("hash-one", "0.8", "2024-05-01T00:00:00Z", hashing)
    index.wheel("addr", "0.1", "2024-06-01T00:00:00Z", {"addr.py": "old = 1\n"})
    index.wheel("addr", "0.2", "2025-02-01T10:00:00Z", {"addr.py": "older = 1\n"})
    index.wheel("addr", "0.3", "2025-03-01T14:22:45Z", {"addr.py": "new = 1\n"}, requires=("hash-two>=2",))
    index.wheel("hash-two", "2.0", "2023-01-01T00:00:00Z", other)
    index.wheel("hash-two", "3.0", "2025-04-01T09:30:00Z", other | {"hashing/more.py": ""})
    index.wheel("addr", "0.4", "2025-05-01T09:30:00Z", {"addr.py": "newest = 1\n"}, requires=("hash-one",))
    return index
