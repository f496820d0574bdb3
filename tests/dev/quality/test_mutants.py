"""Tests of `scripts/quality mutants`, which measures how many changes of the code the tests notice.

mutmut makes the mutants: copies of the code with one changed expression. A mutant is killed if a test fails.
"""

import json
from pathlib import Path

import pytest

from dev.quality.mutants import COMMAND, read_fates, score


def test_the_fate_of_each_mutant_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "mutants" / "envparity" / "judge"
    folder.mkdir(parents=True)
    codes = {"a": 1, "b": 0, "c": 36, "d": 33, "e": -11, "f": None}
    (folder / "built.py.meta").write_text(json.dumps({"exit_code_by_key": codes}))
    (folder / "integrity").mkdir()
    (folder / "integrity" / "files.py.meta").write_text(json.dumps({"exit_code_by_key": {"g": 1}}))
    (folder / "__init__.py.meta").write_text(json.dumps({"exit_code_by_key": {}}))
    assert read_fates(tmp_path) == {
        "__init__": {},
        "built": {"a": "killed", "b": "survived", "c": "timeout", "d": "no tests", "e": "segfault"},
        "integrity.files": {"g": "killed"},
    }


def test_the_help_names_its_values(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        COMMAND.main(["--help"])
    assert caught.value.code == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "[--workers N] [--last] [--survivors] [NAME ...]" in told
    assert "NAME change only the checks in envparity/judge/NAME.py" in told


def test_only_killed_mutants_count_for_the_score() -> None:
    assert score(["killed", "killed", "killed", "survived"]) == 75.0
    assert score(["killed", "timeout", "no tests", "segfault"]) == 25.0
    assert score([]) == 100.0
