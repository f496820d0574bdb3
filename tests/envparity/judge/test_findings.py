"""Tests of `Finding`, an error or note of envparity: its texts are safe to print, and its rule sets its severity."""

from envparity.judge.findings import finding
from envparity.judge.integrity.files import FILE_MISSING
from envparity.judge.integrity.records import METADATA_BROKEN
from envparity.judge.names import TOP_LEVEL_SQUATTER
from envparity.judge.rules import Severity
from envparity.text import some


def test_a_finding_has_the_severity_of_its_rule_by_default() -> None:
    assert finding(FILE_MISSING, "x").severity is Severity.ERROR
    assert finding(TOP_LEVEL_SQUATTER, "x").severity is Severity.NOTE
    assert finding(FILE_MISSING, "x", severity=Severity.NOTE).severity is Severity.NOTE


def test_every_text_is_safe_to_show() -> None:
    bad = "a\x1b[2J\n\u202eb"
    one = finding(FILE_MISSING, bad, paths=[bad], distributions=[bad], doors=[bad], details=[bad])
    safe = "a\\x1b[2J\\x0a\\u202eb"
    assert (one.message, one.paths, one.distributions, one.doors, one.details) == (safe, *([(safe,)] * 4))


def test_a_long_line_is_cut() -> None:
    one = finding(METADATA_BROKEN, "x" * 10**6, details=["y" * 10**6])
    assert one.message.endswith("x… (1000000 characters)")
    assert len(one.message) < 2100
    assert len(one.details[0]) < 2100


def test_some_names_a_few_and_counts_the_rest() -> None:
    assert some([]) == ""
    assert some(["a", "b", "c"]) == "a, b, c"
    assert some(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert some(["a", "b"], 1) == "a and 1 more"
