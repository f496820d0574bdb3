"""Tests of the list of codes that have no executed fix and no recorded example yet."""

from dev.evidence.faults.waiting import WAITING
from envparity.fix.fixes import FIXES, WITHOUT_COMMAND
from envparity.judge.registry import EVERY_RULE


def test_a_code_waits_only_until_it_has_a_fix_or_a_reason() -> None:
    assert set(EVERY_RULE) >= WAITING
    assert not WAITING & (set(FIXES) | set(WITHOUT_COMMAND))
