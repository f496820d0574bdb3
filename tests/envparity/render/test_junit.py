"""Tests of the report in the JUnit format.

`checked` checks a document against the common schema of the format, which Jenkins publishes as an XSD: the names of the
elements and attributes, their order, and the counts.
"""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from report_samples import any_report, fuzzed, sample

from envparity.judge.baseline import BaselineFacts
from envparity.judge.report import Report
from envparity.render.junit import as_junit

ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "disabled", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id"},
    "testcase": {"name", "assertions", "time", "classname", "status"},
    "failure": {"message", "type"},
    "skipped": {"message"},
    "system-out": set(),
}
REQUIRED = {"testsuite": {"name", "tests"}, "testcase": {"name", "classname"}}
WITHIN = {
    "testsuites": ["testsuite"],
    "testsuite": ["testcase"],
    "testcase": ["skipped", "failure", "system-out"],
}
"""The elements that an element may hold, in their order."""


def checked(text: str) -> ET.Element:
    """Return the root of a document that fits the schema."""
    root = ET.fromstring(text)  # noqa: S314 - envparity wrote the text
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag], element.tag
        assert set(element.attrib) >= REQUIRED.get(element.tag, set()), element.tag
        tags = [one.tag for one in element]
        order = WITHIN.get(element.tag, [])
        assert tags == sorted(tags, key=order.index)
        if element.tag == "testcase":
            assert len(set(tags)) == len(tags)
        if element.tag in ("testsuites", "testsuite"):
            cases = list(element.iter("testcase"))
            counts = [element.attrib[name] for name in ("tests", "failures", "errors")]
            assert counts == [str(len(cases)), str(len(list(element.iter("failure")))), "0"]
    for suite in root:
        assert suite.attrib["skipped"] == str(len(list(suite.iter("skipped"))))
    return root


def outcomes(report: Report) -> dict[str, dict[str, str]]:
    """Return a dict from suite to test to the outcome: failure, skipped or passed."""
    return {
        suite.attrib["name"]: {
            case.attrib["name"]: next((one.tag for one in case if one.tag != "system-out"), "passed") for case in suite
        }
        for suite in checked(as_junit(report))
    }


def test_each_door_is_a_suite_and_each_finding_a_test() -> None:
    assert outcomes(sample()) == {
        "venv": {
            "path-contested: py-multihash, pymultihash": "failure",
            "top-level-squatter: site/docs": "passed",
            "top-level-squatter: site/tests": "passed",
            "toolchain-differs: gmp": "skipped",
        },
        "nix": {
            "top-level-squatter: site/docs": "passed",
            "top-level-squatter: site/tests": "passed",
            "toolchain-differs: gmp": "skipped",
            "no error": "passed",
        },
        "docker": {"not compared": "skipped"},
    }


def test_a_failure_has_the_message_and_the_commands_that_fix_it() -> None:
    (failure,) = checked(as_junit(sample())).iter("failure")
    assert failure.attrib == {
        "type": "path-contested",
        "message": "py-multihash 2.0.1 and pymultihash 0.8.2 both claim site/multihash/__init__.py",
    }
    assert (failure.text or "").endswith("    pip uninstall -y pymultihash")
    reasons = [one.attrib["message"] for one in checked(as_junit(sample())).iter("skipped")]
    assert reasons == ["Debian's", "Debian's", "no docker on this machine"]


def test_a_known_error_is_skipped() -> None:
    report = sample()
    facts = BaselineFacts("old.json", (("lock-extra", "site/x"),))
    known = replace(report, findings=(replace(report.findings[0], known=True),), baseline=facts)
    found = outcomes(known)["venv"]
    assert found == {"path-contested: py-multihash, pymultihash": "skipped", "no new error": "passed"}
    text = as_junit(known)
    assert 'message="known: old.json"' in text
    assert "1 error no longer found: lock-extra site/x" in text


def test_a_report_without_findings_has_a_test_that_passes() -> None:
    assert outcomes(replace(sample(), findings=(), closed=())) == {
        "venv": {"no error": "passed"},
        "nix": {"no error": "passed"},
    }


@pytest.mark.network
def test_a_real_parser_reads_the_same_numbers(tmp_path: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    options = ("-q", "--python", sys.executable, "--target", tmp_path / "parser")
    subprocess.run([uv, "pip", "install", *options, "junitparser==5.0.3"], check=True, capture_output=True, timeout=100)
    (tmp_path / "report.xml").write_text(as_junit(sample()), encoding="utf-8")
    code = (
        "import sys; sys.path.insert(0, 'parser'); from junitparser import JUnitXml; "
        "found = JUnitXml.fromfile('report.xml'); found.update_statistics(); "
        "print(*(f'{one.name} {one.tests} {one.failures} {one.skipped}' for one in found), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("venv 4 1 1\nnix 4 0 1\ndocker 1 0 1\n", "")


@fuzzed
@any_report
def test_hostile_text_is_data(report: Report) -> None:
    checked(as_junit(report))
