"""Tests of LIBP2P_SOURCE, the variable that replaces libp2p by a full git commit or a local checkout."""

from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.source import read_source

COMMIT = "git+https://github.com/libp2p/py-libp2p.git@30c6686026d8f9bbb9d32768b477b9e243eaf4c7"


def test_a_full_commit_is_a_source() -> None:
    assert read_source(COMMIT).requirement == f"libp2p @ {COMMIT}"
    assert read_source(COMMIT).fingerprint == COMMIT


@pytest.mark.parametrize("value", [COMMIT[:-1], COMMIT.rpartition("@")[0] + "@main", "git+https://x", "/nowhere", "."])
def test_an_incomplete_source_is_an_error(value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match=r"^LIBP2P_SOURCE: expected .*, found "):
        read_source(value)


def test_an_edited_checkout_is_another_source(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / ".git").mkdir()
    before = read_source(str(tmp_path))
    assert before.requirement == f"libp2p @ {tmp_path.as_uri()}"
    (tmp_path / ".git" / "index").write_text("git's own affairs")
    (tmp_path / "libp2p.egg-info").mkdir()
    (tmp_path / "libp2p.egg-info" / "PKG-INFO").write_text("what a build leaves")
    assert read_source(str(tmp_path)) == before
    (tmp_path / "libp2p.py").write_text("")
    assert read_source(str(tmp_path)).fingerprint != before.fingerprint
