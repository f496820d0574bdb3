"""Tests of the recorded examples of findings, which the page of findings shows."""

from pathlib import Path

import pytest

from dev.evidence.faults import examples
from dev.evidence.faults.cases import FAULTS
from dev.evidence.faults.examples import record_examples
from dev.evidence.faults.shown import SHOWN
from dev.evidence.runs import read_evidence
from envparity.fix.fixes import FIXES, WITHOUT_COMMAND
from envparity.judge.registry import EVERY_RULE


def test_each_code_has_an_example() -> None:
    recorded = {one.code: one for one in read_evidence().examples}
    assert list(recorded) == list(EVERY_RULE)
    for code, one in recorded.items():
        assert one.happened.endswith(".")
        assert one.lines[0].startswith((f"error {code}: ", f"note {code}: "))
        assert set(one.fixes) == set(FAULTS[code].installers if code in FIXES else ())
        assert all(len(lines) > 1 for lines in one.fixes.values())
        assert not any(
            "laptop/" in line for line in (*one.lines, *(line for fix in one.fixes.values() for line in fix))
        )


def test_each_code_has_a_fault_or_a_situation() -> None:
    assert set(SHOWN) == set(WITHOUT_COMMAND)
    assert set(FAULTS) | set(SHOWN) == set(EVERY_RULE)


def test_an_example_is_recorded_as_envparity_prints_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "EVERY_RULE", {code: EVERY_RULE[code] for code in ("lock-extra", "mode-differs")})
    told: list[str] = []
    one, two = record_examples(tmp_path, told.append)
    assert told == ["lock-extra", "mode-differs"]
    recorded = {example.code: example for example in read_evidence().examples}
    assert (one, two) == (recorded["lock-extra"], recorded["mode-differs"])
