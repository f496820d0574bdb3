"""Tests of the situations that show findings without a command."""

from pathlib import Path

from dev.evidence.faults.shown import SHOWN


def test_each_situation_is_a_sentence_and_has_its_settings(tmp_path: Path) -> None:
    for shown in SHOWN.values():
        assert shown.happened.endswith(".")
        assert shown.settings(tmp_path).root == tmp_path
        assert len(shown.pythons) in (0, shown.doors)
