"""Tests of the question whether PDM exports a lock; test_exports.py asks PDM itself."""

from pathlib import Path

from dev.quality.locks.pdm_lock import is_exported


def test_only_the_strategy_says_whether_pdm_exports_a_lock(tmp_path: Path) -> None:
    lock = tmp_path / "pdm.lock"
    lock.write_text('[metadata]\nstrategy = ["inherit_metadata"]\n[[package]]\nname = "alpha"\n')
    assert is_exported(lock)
    lock.write_text('[metadata]\nstrategy = []\n[[package]]\nname = "inherit_metadata"\n')
    assert not is_exported(lock)
