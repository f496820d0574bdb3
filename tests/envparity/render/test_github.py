"""Tests of the report as commands for the runner of GitHub's workflows, and of the problem matcher.

`Command` and `matched` read a line as the runner does: its classes ActionCommand, IssueMatcher and OutputManager.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from report_samples import any_report, fuzzed, many, mapped, sample

from dev.lockenv.project import this_project
from envparity.judge.baseline import BaselineFacts
from envparity.judge.findings import finding
from envparity.judge.integrity.differences import FILE_ONLY_IN
from envparity.judge.lock_lines import LockLine
from envparity.judge.report import Report
from envparity.judge.rules import Severity
from envparity.render.github import as_github
from envparity.render.words import is_note
from envparity.render.write import render

KNOWN = {
    "error",
    "warning",
    "notice",
    "debug",
    "add-mask",
    "set-env",
    "set-output",
    "stop-commands",
    "add-path",
    "group",
}
DATA = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
PROPERTY = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))


def unescaped(text: str, escapes: tuple[tuple[str, str], ...]) -> str:
    for escape, mark in escapes:
        text = text.replace(escape, mark)
    return text


@dataclass(frozen=True)
class Command:
    """One command that the runner finds in a line of the log."""

    name: str
    properties: dict[str, str]
    data: str


def command_in(line: str) -> Command | None:
    """Return the command in a line of the log, or None for an ordinary line."""
    line = line.lstrip()
    end = line.find("::", 2)
    if line.startswith("::") and end >= 0:
        name, _, rest = line[2:end].partition(" ")
        if name in KNOWN:
            pairs = [one.split("=", 1) for one in rest.strip().split(",") if one]
            properties = {pair[0]: unescaped(pair[1], PROPERTY) for pair in pairs if len(pair) == 2}
            return Command(name, properties, unescaped(line[end + 2 :], DATA))
    older = re.search(r"##\[([^\] ]*)[^\]]*\](.*)", line)
    return Command(older[1], {}, older[2]) if older and older[1] in KNOWN else None


def commands(report: Report) -> tuple[list[Command], list[str]]:
    """Return the commands of a report, and its ordinary lines."""
    lines = as_github(report).splitlines()
    found = [(line, command_in(line)) for line in lines]
    return [one for _, one in found if one], [line for line, one in found if one is None]


def test_errors_and_notes_are_annotations_on_the_line_of_the_lock() -> None:
    report = replace(
        sample(),
        lock=LockLine("shop/v0.4.txt"),
        lines={"py-multihash": LockLine("shop/v0.4.txt", 12), "pymultihash": LockLine("shop/v0.4.txt", 34)},
    )
    found, rest = commands(report)
    error, *notes = found
    assert (error.name, error.properties) == (
        "error",
        {"file": "shop/v0.4.txt", "line": "12", "title": "envparity path-contested"},
    )
    assert error.data.startswith("[venv] py-multihash 2.0.1 and pymultihash 0.8.2 both claim ")
    assert error.data.endswith("to fix it: Uninstall pymultihash.\n    pip uninstall -y pymultihash")
    # Without a distribution that the lock names, an annotation is on the first line of the lock.
    assert {one.properties["line"] for one in notes} == {"1"}
    assert [one.name for one in notes] == ["notice"] * sum(is_note(one) for one in report.findings)
    assert rest == ["envparity: fail: 1 error, 2 notes, 1 declared, 1 accepted in venv and nix (docker not compared)"]


def test_without_a_lock_an_annotation_has_no_file() -> None:
    assert all("file" not in one.properties and "line" not in one.properties for one in commands(sample())[0])


@pytest.mark.parametrize("path", ["a,b:c%d.txt", "100%25.txt", "x=y::z.txt", "ü 名.txt", "a,file=b"])
def test_every_path_and_message_arrives_unchanged(path: str) -> None:
    text = "50% of a::b, c=d %0A ::set-env name=x::y"
    report = mapped(replace(many(1), lock=LockLine(path)), lambda old: text if old.startswith("expected") else old)
    ((one,), _) = commands(report)
    assert one.properties == {"file": path, "line": "1", "title": "envparity lock-extra"}
    assert one.data.endswith(text)


@pytest.mark.parametrize("severity", [Severity.ERROR, Severity.NOTE])
def test_the_last_annotation_counts_those_that_github_drops(severity: Severity) -> None:
    for count in (10, 11, 4000):
        found, _ = commands(replace(many(count, severity), lock=LockLine("lock.txt")))
        assert len(found) == 10
        if count == 10:
            assert found[-1].data.endswith("thing-9")
        else:
            assert found[-1].data.startswith(f"and {count - 9:,} more findings (lock-extra)")
            assert found[-1].properties == {"file": "lock.txt", "line": "1", "title": "envparity"}


def test_a_known_error_is_no_annotation_and_a_gone_one_is_mentioned() -> None:
    report = sample()
    known = replace(
        report,
        findings=tuple(replace(one, known=one.fails) for one in report.findings),
        baseline=BaselineFacts("old.json", (("lock-extra", "site/x-1.dist-info"),)),
    )
    found, rest = commands(known)
    assert {one.name for one in found} == {"notice"}
    assert rest[0] == "envparity: baseline old.json: 1 known error"
    assert rest[1].startswith("envparity: baseline old.json: 1 error no longer found: lock-extra site/x-1.dist-info; ")
    assert rest[2].startswith("envparity: pass: 0 errors, 2 notes, 1 declared, 1 known, 1 accepted ")


@fuzzed
@any_report
def test_hostile_text_gives_no_other_command(report: Report) -> None:
    hostile = mapped(report, lambda text: f"::add-mask::x{text}\n::set-env name=a::b##[add-path]c")
    for one in (report, hostile):
        found, rest = commands(one)
        assert {command.name for command in found} <= {"error", "notice"}
        assert {key for command in found for key in command.properties} <= {"file", "line", "title"}
        assert all(line.startswith("envparity: ") for line in rest)
        shown = sum(each.fails for each in one.findings), sum(is_note(each) for each in one.findings)
        assert len(found) == min(shown[0], 10) + min(shown[1], 10)


# The problem matcher


def matchers() -> list[dict[str, Any]]:
    path = this_project().root / ".github" / "problem-matcher.json"
    found = json.loads(path.read_text(encoding="utf-8"))["problemMatcher"]
    assert isinstance(found, list)
    return found


def matched(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield the severity, code and message of each issue that the runner finds in the lines of a log."""
    every = matchers()
    running: dict[str, re.Match[str] | None] = {one["owner"]: None for one in every}
    for line in text.splitlines():
        for one in every:
            first, last = one["pattern"]
            head = running[one["owner"]]
            message = re.search(last["regexp"], line) if head else None
            if head is not None:
                running[one["owner"]] = head if message and last["loop"] else None
            if message is None:
                running[one["owner"]] = re.search(first["regexp"], line) or running[one["owner"]]
                continue
            for other in every:
                if other is not one:
                    running[other["owner"]] = None
            assert head is not None
            if (message[last["message"]] or "").strip():
                yield one["severity"], head[first["code"]], message[last["message"]]
                break


def test_the_matcher_finds_each_error_and_note_of_a_log() -> None:
    report = sample()
    found = list(matched(render(report, "terminal")))
    wanted = [
        ("error" if one.fails else "notice", one.code, f"[{', '.join(one.doors)}] {one.message}")
        for one in report.findings
        if one.fails or is_note(one)
    ]
    assert found == wanted
    assert len(wanted) == 3


def test_the_matcher_takes_every_finding_of_a_group_and_no_other_line() -> None:
    details = [f"detail {number}" for number in range(9)]
    one = finding(FILE_ONLY_IN, "expected site/a.py", doors=["venv"], details=details)
    report = replace(many(12), findings=(one, replace(one, message="expected site/b.py"), *many(30).findings))
    found = list(matched(render(report, "terminal")))
    assert [message for _, code, message in found if code == one.code] == [
        "[venv] expected site/a.py",
        "[venv] expected site/b.py",
    ]
    assert [message for _, code, message in found if code == "lock-extra"] == [
        f"[venv] expected nothing, found thing-{number}" for number in range(20)
    ]


def test_the_matcher_has_the_form_that_the_runner_reads() -> None:
    owners = [one["owner"] for one in matchers()]
    assert len(set(owners)) == len(owners) == 2
    for one in matchers():
        assert set(one) == {"owner", "severity", "pattern"}
        assert one["severity"] in ("error", "warning", "notice")
        *before, last = one["pattern"]
        assert all("loop" not in pattern and "message" not in pattern for pattern in before)
        assert last["loop"] is True
        # Only the last pattern may loop, and no group is used twice.
        used = [name for pattern in one["pattern"] for name in pattern if name not in ("regexp", "loop")]
        assert len(set(used)) == len(used)
        for pattern in one["pattern"]:
            groups = re.compile(pattern["regexp"]).groups
            assert all(value <= groups for name, value in pattern.items() if name not in ("regexp", "loop"))
