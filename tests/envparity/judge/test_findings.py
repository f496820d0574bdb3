"""Findings: safe to show, accepted with a reason, in order."""

from envparity.judge.acceptance import Acceptance, accept
from envparity.judge.findings import Finding, finding, some
from envparity.judge.integrity.files import FILE_ALTERED, FILE_MISSING
from envparity.judge.integrity.records import METADATA_BROKEN
from envparity.judge.judgement import in_order
from envparity.judge.ownership import EDITABLE, PATH_CONTESTED, TOP_LEVEL_SQUATTER
from envparity.judge.resolution import LOCK_EXTRA, LOCK_MISSING, UNLOCKED
from envparity.judge.rules import Severity


def accepted(one: Finding, *acceptances: tuple[str, str, str]) -> str | None:
    (found,) = accept([one], [Acceptance(*each) for each in acceptances])
    return found.accepted


def test_a_finding_has_its_codes_severity_unless_told() -> None:
    assert finding(FILE_MISSING, "x").severity is Severity.ERROR
    assert finding(TOP_LEVEL_SQUATTER, "x").severity is Severity.NOTE
    assert finding(FILE_MISSING, "x", severity=Severity.NOTE).severity is Severity.NOTE


def test_every_text_is_safe_to_show() -> None:
    bad = "a\x1b[2J\n\u202eb"
    one = finding(FILE_MISSING, bad, paths=[bad], distributions=[bad], doors=[bad], details=[bad])
    safe = "a\\x1b[2J\\x0a\\u202eb"
    assert (one.message, one.paths, one.distributions, one.doors, one.details) == (safe, *([(safe,)] * 4))


def test_a_line_has_an_end() -> None:
    one = finding(METADATA_BROKEN, "x" * 10**6, details=["y" * 10**6])
    assert one.message.endswith("x… (1000000 characters)")
    assert len(one.message) < 2100
    assert len(one.details[0]) < 2100


def test_accepted_is_what_code_and_path_name() -> None:
    one = finding(FILE_ALTERED, "x", paths=["site/a.py", "site/b/c.py"], distributions=["alpha"])
    assert accepted(one, ("file-altered", "site/*", "known")) == "known"
    assert accepted(one, ("file-altered", "site/[ab]*.py", "known")) == "known"
    assert accepted(one, ("file-altered", "site/a.py", "one"), ("file-altered", "*/c.py", "two")) == "one; two"
    assert accepted(one, ("file-altered", "site/a.py", "one")) is None, "one of its paths is not accepted"
    assert accepted(one, ("file-missing", "*", "another code")) is None
    assert accepted(one, ("file-altered", "SITE/*", "another case")) is None
    assert accepted(one, ("file-altered", "alpha", "a distribution, where there are paths")) is None
    assert accepted(one) is None


def test_what_has_no_path_is_accepted_by_its_distribution_or_code() -> None:
    one = finding(LOCK_MISSING, "x", distributions=["alpha"])
    assert accepted(one, ("lock-missing", "alpha", "known")) == "known"
    assert accepted(one, ("lock-missing", "beta", "known")) is None
    nothing = finding(UNLOCKED, "x")
    assert accepted(nothing, ("unlocked", "*", "known")) == "known"
    assert accepted(nothing, ("unlocked", "unlocked", "known")) == "known"


def test_patterns_of_any_kind_are_patterns() -> None:
    one = finding(FILE_ALTERED, "x", paths=["a" * 3000])
    for pattern in ("[", "[!", "[]", "**", "*?" * 200, "*a" * 60 + "b", "\\", "(", "[z-a]", ""):
        accepted(one, ("file-altered", pattern, "known"))  # and soon: a pattern cannot hold the command up
    assert accepted(one, ("file-altered", "*?" * 200, "known")) == "known"


def test_only_an_error_that_is_not_accepted_fails() -> None:
    error, note = finding(FILE_ALTERED, "x", paths=["p"]), finding(EDITABLE, "x", paths=["p"])
    (accepted_error,) = accept([error], [Acceptance("file-altered", "p", "known")])
    assert [one.fails for one in (error, note, accepted_error)] == [True, False, False]
    assert accepted_error.severity is Severity.ERROR


def test_order_is_errors_first_then_as_codes_stand() -> None:
    error, later = finding(FILE_MISSING, "1", paths=["b"]), finding(PATH_CONTESTED, "2", paths=["a"])
    again, note = finding(FILE_MISSING, "3", paths=["c"]), finding(UNLOCKED, "4")
    (known,) = accept([finding(LOCK_EXTRA, "5", paths=["d"])], [Acceptance("lock-extra", "d", "known")])
    every = [known, note, again, later, error]
    assert [one.message for one in in_order(every)] == ["1", "3", "2", "5", "4"]
    assert in_order(every) == in_order(reversed(every))


def test_some_of_many() -> None:
    assert some([]) == ""
    assert some(["a", "b", "c"]) == "a, b, c"
    assert some(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert some(["a", "b"], 1) == "a and 1 more"
