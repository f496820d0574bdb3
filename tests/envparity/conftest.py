"""Fixtures for the tests of envparity: small environments, and a small package index with releases of several dates."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from environment_builder import Environment
from evidence_kit import Evidence, make_evidence
from index import Index
from judging import fill


@pytest.fixture
def empty(tmp_path: Path) -> Environment:
    """Return a virtual environment without any distribution."""
    return Environment(tmp_path / "environment")


@pytest.fixture
def sound(empty: Environment) -> Environment:
    """Return an environment with two intact distributions, alpha and beta. A test may damage it."""
    return fill(empty)


@pytest.fixture(scope="session")
def evidence_once(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Return a signed statement about an intact environment, with its files. No test may change it."""
    folder = tmp_path_factory.mktemp("evidence")
    return make_evidence(folder, fill(Environment(tmp_path_factory.mktemp("attested") / "environment")))


@pytest.fixture
def evidence(evidence_once: Evidence, tmp_path: Path) -> Evidence:
    """Return a copy of the files of `evidence_once`, which a test may change; its environment is not a copy."""
    folder = tmp_path / "evidence"
    return Evidence(shutil.copytree(evidence_once.folder, folder), evidence_once.environment)


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Return an environment without any distribution. All tests share this environment, so no test may change it."""
    return Environment(tmp_path_factory.mktemp("bare") / "environment")


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return the snapshot of an intact environment, as the JSON bytes that the probe prints.

    The probe is the program that envparity runs in an environment to record its files and distributions.
    """
    return fill(Environment(tmp_path_factory.mktemp("clean") / "environment")).snapshot_bytes()


@pytest.fixture(scope="session")
def bundled_pip(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the command of the pip that this Python bundles (it is as old as this Python), in a new environment."""
    folder = tmp_path_factory.mktemp("bundled") / "environment"
    subprocess.run([sys.executable, "-I", "-m", "venv", folder], check=True)
    return [str(folder / "bin" / "python"), "-I", "-m", "pip"]


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """Yield an empty package index on this machine. pip and uv use no other index during the test."""
    with Index() as made:
        made.use(monkeypatch)
        yield made


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder for wheels. During the test, pip and uv look for packages only in this folder."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_OFFLINE", "1")
    for client in ("PIP", "UV"):
        monkeypatch.setenv(f"{client}_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def past(index: Index) -> Index:
    """Return an index with a small copy of the problem that this project began with.

    `app` requires `hash-one` and `addr`. Since its release 0.3, `addr` requires `hash-two`, and both hash-one and
    hash-two install the package `hashing`. The release 0.4 of `addr` no longer requires `hash-two`.
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
