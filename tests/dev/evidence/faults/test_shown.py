"""Tests of the situations that show findings without a command."""

from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.evidence.faults.shown import SHOWN, python_named


def test_each_situation_is_a_sentence_and_has_its_settings(tmp_path: Path) -> None:
    for shown in SHOWN.values():
        assert shown.happened.endswith(".")
        assert shown.settings(tmp_path).root == tmp_path
        assert len(shown.pythons) in (0, shown.doors)


def test_a_missing_python_is_an_error() -> None:
    with pytest.raises(CommandError, match=r"expected python3\.99 on PATH, found none"):
        python_named("python3.99")
