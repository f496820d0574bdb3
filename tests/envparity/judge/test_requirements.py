"""Tests of the findings about requirements of installed distributions."""

import pytest
from environment_builder import Environment
from judging import codes, lock_of, of, only, subject

from envparity.judge.findings import Finding
from envparity.judge.judgement import check as check_all
from envparity.judge.resolution import check
from envparity.judge.rules import Severity


def judge(environment: Environment, lock: str) -> list[Finding]:
    return list(check(subject(environment.snapshot(), lock_of(environment, lock))))


def test_unmet_requirements_are_errors(empty: Environment) -> None:
    empty.add("leaf", "1.5")
    empty.add(
        "top", requires=["leaf>=1,<2", "Leaf", "leaf[extra]", "gone ; extra == 'x'", "gone ; python_version < '3'"]
    )
    assert codes(check(subject(empty.snapshot()))) == {"unlocked"}
    empty.add("other", requires=["leaf>=2"])
    one = only("requirement-unmet", check(subject(empty.snapshot())))
    assert one.message == "other 1.0 requires leaf>=2, found leaf 1.5"
    assert (one.severity, one.distributions) == (Severity.ERROR, ("other", "leaf"))


def test_requirements_of_an_extra_that_something_asks_for(empty: Environment) -> None:
    """events asks for schema[Format_NonGPL], which asks for its own extra formats."""
    formats = ["schema[formats] ; extra == 'format-nongpl'", "colour>=2 ; extra == 'formats'", "gone ; extra == 'web'"]
    empty.add("schema", "4.0", requires=formats)
    empty.add("colour", "1.0")
    assert codes(check(subject(empty.snapshot()))) == {"unlocked"}, "nobody asks for an extra"
    empty.add("events", requires=["schema[Format_NonGPL]>=4"])
    one = only("requirement-unmet", check(subject(empty.snapshot())))
    assert one.message == (
        "schema 4.0 with its extra formats, for which schema asks, requires colour>=2, found colour 1.0"
    )
    assert (one.severity, one.distributions) == (Severity.ERROR, ("schema", "colour"))
    empty.add("other", requires=["schema[web]"])
    found = of("requirement-unmet", check(subject(empty.snapshot())))
    assert [one.message for one in found][-1] == (
        "schema 4.0 with its extra web, for which other asks, requires gone, which is not installed"
    )
    empty.add("third", requires=["schema[web]"])
    assert (
        "for which other, third ask, requires" in of("requirement-unmet", check(subject(empty.snapshot())))[-1].message
    )


def test_a_requirement_that_the_lock_overrides_is_a_note(empty: Environment) -> None:
    empty.add("leaf", "1.5")
    empty.add("other", requires=["leaf>=2"])
    assert only("requirement-unmet", judge(empty, "leaf==1.5\nother==1.0\n")).severity is Severity.NOTE
    assert only("requirement-unmet", judge(empty, "leaf==1.6\nother==1.0\n")).severity is Severity.ERROR


def test_pre_releases_meet_a_requirement(empty: Environment) -> None:
    empty.add("leaf", "2.0rc1")
    empty.add("other", requires=["leaf>=1"])
    assert codes(check(subject(empty.snapshot()))) == {"unlocked"}


@pytest.mark.parametrize(
    "text", ["!", "leaf ; os_name ~= 'x'", "leaf ; 'a' in dependency_groups", "leaf ; " + "(" * 3000]
)
def test_an_invalid_requirement_is_broken_metadata(text: str, empty: Environment) -> None:
    empty.add("other", requires=[text])
    one = only("metadata-broken", check(subject(empty.snapshot())))
    assert one.message.startswith("other 1.0 requires ")
    assert "which is not a valid requirement" in one.message or len(one.message) > 2000


@pytest.mark.parametrize("text", ["PyYAML (>=5.1.*)", "pytz (>dev)", "extract-msg (<=0.29.*)"])
def test_an_old_requirement_that_a_wheel_was_built_with_is_a_note_without_a_fix(text: str, empty: Environment) -> None:
    """omegaconf 2.0.5, celery 4.1.0 and textract 1.6.5 have these requirements."""
    info = empty.add("other", requires=[text])
    one = only("metadata-broken", check_all(subject(empty.snapshot())))
    assert (one.severity, one.fixes) == (Severity.NOTE, ())
    assert one.message == (
        f"other 1.0 requires {text!r}, which is not a valid requirement; its wheel was built so, and pip from 24.1 on "
        "refuses it"
    )
    (info / "METADATA").write_text((info / "METADATA").read_text() + "\n")  # somebody edited the file
    assert only("metadata-broken", check_all(subject(empty.snapshot()))).severity is Severity.ERROR


def test_a_requirement_is_reported_once(empty: Environment) -> None:
    markers = ("python_version >= '3'", "python_version >= '3.1'", "sys_platform != 'x'")
    empty.add("other", requires=[f"gone>=2 ; {marker}" for marker in markers])
    found = only("requirement-unmet", check(subject(empty.snapshot())))
    assert found.message == "other 1.0 requires gone>=2, which is not installed"


def test_a_distribution_that_several_others_require_is_missing_once(empty: Environment) -> None:
    empty.add("first", requires=["gone>=1", "gone<9"])
    empty.add("second", requires=["gone"])
    found = only("requirement-unmet", check(subject(empty.snapshot())))
    assert found.message == "first 1.0 requires gone<9 and gone>=1, second 1.0 requires gone, which is not installed"
    assert found.distributions == ("first", "second", "gone")
    assert found.paths == ("site/first-1.0.dist-info", "site/second-1.0.dist-info")
