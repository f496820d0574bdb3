"""Tests of the results of a matrix as an XML file in JUnit's format."""

from dataclasses import replace
from xml.etree import ElementTree as ET

from dev.matrix.endings import Ending, Implementation, PingOutcome, Results
from dev.matrix.junit import as_junit
from dev.matrix.plan import every_test
from pingtest.report import Latency

TESTS = list(every_test("v0.8", "v0.8"))
WHO = (Implementation("v0.8", "py-libp2p", "0.8.1"),)


def results() -> Results:
    outcomes = [
        PingOutcome(test, status, 1.5, 1, None, "an error <&>\x1b[0m\x00", "a cause", "the log \ud800")
        for test, status in zip(TESTS, Ending, strict=False)
    ]
    outcomes[0] = replace(outcomes[0], latency=Latency(2.0, 1.0), error="", cause="")
    return Results("2026-11-25T03:00:00Z", 9.0, WHO, tuple(outcomes))


def test_each_status_is_passed_skipped_or_failed() -> None:
    suite = ET.fromstring(as_junit(results()))  # noqa: S314 - we wrote this text
    assert suite.attrib["tests"] == "6"
    assert suite.attrib["failures"] == "3"
    assert suite.attrib["skipped"] == "2"
    cases = {case.attrib["name"]: [child.tag for child in case] for case in suite}
    assert list(cases.values()) == [[], ["skipped"], ["skipped"], *[["failure", "system-err"]] * 3]
    assert suite[1][0].attrib["message"] == "limit: a cause"
    assert suite[3][0].text == "an error <&>\ufffd[0m\ufffd"


def test_the_xml_can_be_written_as_utf_8() -> None:
    assert as_junit(results()).encode()
