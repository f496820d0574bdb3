"""Tests of the report as SARIF: the fields that code-scanning pages read."""

import json
import os
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from jsonschema import Draft7Validator
from report_samples import any_report, collision, fuzzed, many, sample

from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import this_project
from envparity.judge.baseline import BaselineFacts
from envparity.judge.findings import finding
from envparity.judge.integrity.differences import FILE_ONLY_IN
from envparity.judge.integrity.records import RECORD_ESCAPES
from envparity.judge.registry import EVERY_RULE
from envparity.judge.report import Report
from envparity.render.sarif import as_sarif


def run_of(report: Report) -> dict[str, Any]:
    log = json.loads(as_sarif(report).encode("utf-8"))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def uris(result: dict[str, Any]) -> list[str]:
    return [one["physicalLocation"]["artifactLocation"]["uri"] for one in result["locations"]]


def test_every_code_is_a_rule_with_its_fix() -> None:
    rules = run_of(sample())["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(EVERY_RULE)
    assert all(rule["shortDescription"]["text"] and rule["fullDescription"]["text"] for rule in rules)
    assert all(rule["help"]["text"] and "helpUri" not in rule for rule in rules)
    assert {rule["defaultConfiguration"]["level"] for rule in rules} == {"error", "note"}


def test_a_result_points_at_its_rule_and_its_files() -> None:
    report = sample()
    run = run_of(report)
    for one, result in zip(report.findings, run["results"], strict=True):
        assert result["ruleId"] == one.code
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == one.code
        assert result["level"] == one.severity
        assert one.message in result["message"]["text"]
        assert uris(result) == (list(one.paths) or ["pyproject.toml"])
        assert result["properties"]["doors"] == list(one.doors)
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 1}]
    assert run["properties"]["notCompared"] == {"docker": "no docker on this machine"}
    assert run["automationDetails"] == {"id": "envparity/v0.4/venv+nix/"}


def test_an_accepted_finding_is_suppressed_with_its_reason() -> None:
    *others, declared, accepted = run_of(sample())["results"]
    reason = "each door has its own system's openssl"
    assert declared["suppressions"] == [{"kind": "external", "status": "accepted", "justification": reason}]
    assert accepted["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "Debian's"}]
    assert not any("suppressions" in result for result in others)


def test_a_known_error_is_suppressed_with_the_name_of_the_baseline() -> None:
    report = sample()
    known = replace(report, findings=(replace(report.findings[0], known=True),), baseline=BaselineFacts("old.json"))
    (result,) = run_of(known)["results"]
    assert result["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "known: old.json"}]
    assert run_of(known)["invocations"][0]["exitCode"] == 0


def test_a_result_has_the_commands_of_its_fix() -> None:
    contested, *others = run_of(sample())["results"]
    assert contested["message"]["text"].endswith("to fix it: Uninstall pymultihash.\n    pip uninstall -y pymultihash")
    assert contested["properties"]["fixes"] == [
        {"door": "venv", "says": "Uninstall pymultihash.", "commands": ["pip uninstall -y pymultihash"]}
    ]
    assert all(one["properties"]["fixes"] == [] for one in others)


def test_paths_are_relative_references() -> None:
    names = ["site/a b#c?d%41:é.py", "site/x:y/[z]", "../../etc/passwd", "/etc/passwd", "//host/x", "a/./b"]
    (result,) = run_of(replace(sample(), findings=(finding(RECORD_ESCAPES, "x", paths=names),)))["results"]
    assert [unquote(uri) for uri in uris(result)] == names[:2]
    for uri in uris(result):
        assert urlsplit(uri)._replace(path="") == urlsplit("")


def test_fingerprints_are_stable_and_unique() -> None:
    report = sample()
    twins = replace(report, findings=(*report.findings, report.findings[0]))
    before = [one["partialFingerprints"]["primaryLocationLineHash"] for one in run_of(twins)["results"]]
    assert len(set(before)) == len(before)
    reworded = replace(
        report,
        findings=tuple(replace(one, message=f"{one.message}, now 3.0", details=()) for one in report.findings[::-1]),
    )
    after = [one["partialFingerprints"]["primaryLocationLineHash"] for one in run_of(reworded)["results"]]
    assert after == before[-2::-1]


def test_thousands_of_files_are_cut_to_the_allowed_number_and_counted() -> None:
    paths = [f"site/{number}.py" for number in range(4000)]
    (result,) = run_of(replace(sample(), findings=(finding(FILE_ONLY_IN, "many", paths=paths),)))["results"]
    assert len(result["locations"]) == 1000
    assert result["properties"]["paths"] == 4000
    assert "and 3,970 more" in result["message"]["text"]


@pytest.mark.network
def test_reports_are_valid_by_the_schema_of_the_standard(tmp_path: Path) -> None:
    """No package of Python has the schema; the npm package of Microsoft's own test library has it."""
    npm = EnvironmentMaker(this_project()).node().with_name("npm")
    path = f"{npm.parent}{os.pathsep}{os.environ['PATH']}"
    command = [str(npm), "pack", "--silent", "@microsoft/jest-sarif@1.0.0-beta.0"]
    subprocess.run(command, cwd=tmp_path, env=os.environ | {"PATH": path}, check=True, capture_output=True, timeout=100)
    (archive,) = tmp_path.glob("*.tgz")
    with tarfile.open(archive) as packed:
        file = packed.extractfile("package/lib/schemas/sarif-2.1.0-rtm.5.json")
        assert file is not None
        schema = json.load(file)
    validator = Draft7Validator({**schema, "$schema": "http://json-schema.org/draft-07/schema#"})
    known = replace(sample(), findings=tuple(replace(one, known=one.fails) for one in sample().findings))
    for report in (sample(), replace(known, baseline=BaselineFacts("old.json")), many(3), collision(tmp_path)):
        validator.validate(json.loads(as_sarif(report)))
    broken = json.loads(as_sarif(sample()))
    broken["runs"][0]["results"][0]["level"] = "fatal"
    assert not validator.is_valid(broken)


@fuzzed
@any_report
def test_hostile_text_is_data(report: Report) -> None:
    for result in run_of(report)["results"]:
        assert "](" not in result["message"]["text"]
        for uri in uris(result):
            assert uri.isascii()
            assert not {"", ".", ".."} & set(unquote(uri).split("/"))
            assert urlsplit(uri)._replace(path="") == urlsplit("")
