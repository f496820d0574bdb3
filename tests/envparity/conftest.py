"""Made-up environments: what the tests of envparity judge."""

from pathlib import Path

import pytest
from environment_builder import Environment
from judging import fill


@pytest.fixture
def empty(tmp_path: Path) -> Environment:
    """An environment with nothing in it."""
    return Environment(tmp_path / "environment")


@pytest.fixture
def sound(empty: Environment) -> Environment:
    """An environment with two sound distributions, which a test may spoil."""
    return fill(empty)


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with nothing in it, for all tests to look at."""
    return Environment(tmp_path_factory.mktemp("bare") / "environment")


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The snapshot of such an environment, as the probe wrote it."""
    return fill(Environment(tmp_path_factory.mktemp("clean") / "environment")).snapshot_bytes()
