"""Tests of GitLab's code quality report."""

import json
import re
from dataclasses import replace
from typing import Any

from jsonschema import Draft202012Validator
from report_samples import any_report, fuzzed, sample

from envparity.judge.lock_lines import LockLine
from envparity.judge.report import Report
from envparity.render.gitlab import as_gitlab

# GitLab publishes no JSON schema. This one says what its documentation of the format demands: a list of violations,
# each with a text, the name of the check, a unique fingerprint, one of five severities, and a place. The path must be
# relative to the repository, and must not begin with `./`.
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string"},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "additionalProperties": False,
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!/|\./|\.\./)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "additionalProperties": False,
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def entries(report: Report) -> list[dict[str, Any]]:
    """Return the entries of a report, which fit the schema and have different fingerprints."""
    found = json.loads(as_gitlab(report))
    Draft202012Validator(SCHEMA).validate(found)
    assert isinstance(found, list)
    assert len({one["fingerprint"] for one in found}) == len(found)
    return found


def test_the_schema_is_a_schema_that_refuses_other_documents() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    (one, *_) = entries(sample())
    for change in ({"severity": "error"}, {"location": {"path": "./a", "lines": {"begin": 1}}}, {"fingerprint": ""}):
        assert not Draft202012Validator(SCHEMA).is_valid([{**one, **change}])


def test_errors_and_notes_are_on_the_line_of_the_lock() -> None:
    report = replace(sample(), lock=LockLine("locks/a.txt"), lines={"pymultihash": LockLine("locks/a.txt", 34)})
    found = entries(report)
    assert [(one["check_name"], one["severity"], one["location"]) for one in found] == [
        ("path-contested", "major", {"path": "locks/a.txt", "lines": {"begin": 34}}),
        ("top-level-squatter", "info", {"path": "locks/a.txt", "lines": {"begin": 1}}),
        ("top-level-squatter", "info", {"path": "locks/a.txt", "lines": {"begin": 1}}),
    ]
    assert found[0]["description"].startswith("[venv] py-multihash 2.0.1 and pymultihash 0.8.2 both claim ")
    assert entries(sample())[0]["location"] == {"path": "pyproject.toml", "lines": {"begin": 1}}


def test_a_known_error_stays_in_the_list_as_minor() -> None:
    report = sample()
    known = replace(report, findings=(replace(report.findings[0], known=True),))
    assert [one["severity"] for one in entries(known)] == ["minor"]
    assert entries(known)[0]["fingerprint"] == entries(report)[0]["fingerprint"]


def test_fingerprints_are_stable_and_unique() -> None:
    report = sample()
    twins = replace(report, findings=(report.findings[0], *report.findings))
    first, second, *rest = [one["fingerprint"] for one in entries(twins)]
    assert [first, *rest] == [one["fingerprint"] for one in entries(report)]
    assert second == f"{first}-2"
    assert re.fullmatch("[0-9a-f]{64}", first)


def test_no_finding_is_an_empty_list() -> None:
    assert as_gitlab(replace(sample(), findings=())) == "[]\n"


@fuzzed
@any_report
def test_hostile_text_is_data(report: Report) -> None:
    entries(report)
