"""scripts/mutants: from what mutmut wrote to a score."""

import json
from pathlib import Path

from mutants import read_fates, score


def test_what_became_of_each_mutant(tmp_path: Path) -> None:
    folder = tmp_path / "mutants" / "envparity" / "checks"
    folder.mkdir(parents=True)
    codes = {"a": 1, "b": 0, "c": 36, "d": 33, "e": -11, "f": None}
    (folder / "built.py.meta").write_text(json.dumps({"exit_code_by_key": codes}))
    (folder / "__init__.py.meta").write_text(json.dumps({"exit_code_by_key": {}}))
    assert read_fates(tmp_path) == {
        "__init__": {},
        "built": {"a": "killed", "b": "survived", "c": "timeout", "d": "no tests", "e": "segfault"},
    }


def test_only_the_killed_count() -> None:
    assert score(["killed", "killed", "killed", "survived"]) == 75.0
    assert score(["killed", "timeout", "no tests", "segfault"]) == 25.0
    assert score([]) == 100.0
