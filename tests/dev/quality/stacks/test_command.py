"""Tests of `scripts/quality stacks`, which checks that every finding about real environments is true."""

import pytest

from dev.quality.stacks.command import COMMAND, StackOutcome, sort_findings
from dev.quality.stacks.stack import Maker, Stack
from envparity.judge.findings import Finding
from envparity.judge.report import make_report
from envparity.judge.rules import Severity

STACK = Stack("small", "3.11", Maker.PIP, ("six",), {"startup-code": "setuptools", "lock-extra thing": "it is extra"})


def test_a_finding_is_known_by_its_code_or_by_code_and_distribution() -> None:
    known = Finding("startup-code", "one")
    listed = Finding("lock-extra", "two", distributions=("thing",))
    other = Finding("lock-extra", "three", distributions=("thing", "more"))
    report = make_report("check", None, [], [known, listed, other])
    assert sort_findings(STACK, report) == (("startup-code", "lock-extra"), (other,))


def test_a_key_may_say_that_only_a_note_is_true() -> None:
    error = Finding("lock-extra", "one", severity=Severity.ERROR)
    note = Finding("lock-extra", "two", severity=Severity.NOTE)
    stack = Stack("small", "3.11", Maker.SYSTEM, ("six",), {"note lock-extra": "the base Python has it"})
    assert sort_findings(stack, make_report("check", None, [], [error, note])) == (("lock-extra",), (error,))


def test_a_stack_without_a_report_or_with_an_unlisted_finding_fails() -> None:
    assert not StackOutcome(STACK).fails
    assert StackOutcome(STACK, failure="no network").fails
    assert StackOutcome(STACK, untrue=(Finding("lock-extra", "x"),)).fails


def test_a_stack_that_does_not_exist_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert COMMAND.main(["nothing-like-this"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("scripts/quality stacks: expected the name of a stack (jupyterlab, ")
    assert said.count("\n") == 1
