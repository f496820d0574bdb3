"""Fixtures of the tests of `scripts/upstream`, which writes the folder interop/transport into a py-libp2p checkout."""

from pathlib import Path

import pytest
from pylibp2p import made_up


@pytest.fixture
def pylibp2p(tmp_path: Path) -> Path:
    """Return a made-up checkout of py-libp2p whose requirements the lock of v0.8 holds. The test may change it."""
    return made_up(tmp_path / "py-libp2p", "trio>=0.26.0", "multiaddr>=0.2.0", "py-multihash>=3.0.0")
