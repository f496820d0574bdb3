"""Tests of the class `Fix`: two equal fixes are one, so that a report can show them once."""

from envparity.fix.fix import Fix


def test_equal_fixes_are_one() -> None:
    fixes = {Fix("delete", "Delete the file.", ("rm -- a",), door=door) for door in ("here", "here", "there")}
    assert sorted(fix.door for fix in fixes) == ["here", "there"]
