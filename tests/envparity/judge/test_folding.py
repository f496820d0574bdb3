"""Tests of the folding of findings: several of one kind about the same distributions become one finding."""

from dataclasses import replace

from environment_builder import Environment
from judging import only, subject

from envparity.judge.built import EXTENSION_FOREIGN
from envparity.judge.findings import finding
from envparity.judge.folding import fold
from envparity.judge.integrity.records import RECORD_ESCAPES
from envparity.judge.judgement import check

ONE, TWO, THREE = (
    finding(RECORD_ESCAPES, f"alpha 1.0: ../{name}", ["here"], paths=[f"site/{name}"], distributions=["alpha"])
    for name in "abc"
)


def test_findings_of_one_kind_about_one_distribution_become_one() -> None:
    (found,) = fold([ONE, TWO, THREE])
    assert found.message == "alpha 1.0: ../a; alpha 1.0: ../b; and 1 more like this"
    assert found.paths == ("site/a", "site/b", "site/c")
    assert found.details == ("alpha 1.0: ../c",)


def test_equal_messages_are_shown_once() -> None:
    (found,) = fold([ONE, replace(ONE, paths=("site/z",))])
    assert (found.message, found.paths) == ("alpha 1.0: ../a", ("site/a", "site/z"))


def test_findings_that_differ_in_kind_distribution_or_acceptance_stay_apart() -> None:
    apart = [
        ONE,
        replace(TWO, distributions=("beta",)),
        replace(TWO, accepted="known"),
        replace(TWO, doors=("there",)),
        replace(TWO, code=EXTENSION_FOREIGN.code),
    ]
    assert fold(apart) == apart


def test_findings_without_a_distribution_stay_apart() -> None:
    apart = [replace(one, distributions=()) for one in (ONE, TWO)]
    assert fold(apart) == apart


def test_a_distribution_of_another_python_is_one_finding(empty: Environment) -> None:
    names = [f"native/part{number}.cpython-27-x86_64-linux-gnu.so" for number in range(54)]
    empty.add("native", files=dict.fromkeys(names, "ELF"))
    found = only("extension-foreign", check(subject(empty.snapshot())))
    assert len(found.paths) == 54
    assert found.message.endswith("and 52 more like these")
