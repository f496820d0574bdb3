"""A report in the JUnit format, which most CI services read.

A door is a way to reach an environment, and each door is a suite. A finding is one problem or difference in a report.
"""

from xml.etree import ElementTree as ET

from envparity.judge.findings import Finding
from envparity.judge.report import Report
from envparity.render.identity import to_show
from envparity.render.words import baseline_lines, fix_lines, further_lines, printable
from envparity.text import some

_LINES = 400  # further lines of one test


def as_junit(report: Report) -> str:
    """Return a suite for each door, with a test for each finding that names the door or no door.

    Declared and explained differences have no test. The test of a new error fails, the test of a known error or
    accepted finding is skipped, and the test of a note passes. A door without a new error also has a test that passes.
    A door that was not opened has one skipped test.
    """
    report = printable(report)
    root = ET.Element("testsuites", name=f"envparity {report.command}")
    for door in report.doors:
        root.append(_suite(report, door.name))
    for name, reason in report.closed:
        suite = ET.Element("testsuite", name=name)
        ET.SubElement(_case(suite, "not compared", name), "skipped", message=reason)
        root.append(suite)
    for suite in root:
        _count(suite, list(suite))
    _count(root, [case for suite in root for case in suite])
    del root.attrib["skipped"]  # the format has this number only for a suite
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(report: Report, door: str) -> ET.Element:
    suite = ET.Element("testsuite", name=door)
    shown = [*to_show(report), *(one for one in report.findings if one.accepted is not None)]
    found = [one for one in shown if door in one.doors or not one.doors]
    for one in found:
        _add(report, one, suite, door)
    if not any(one.fails for one in found):
        said = "\n".join(baseline_lines(report))
        case = _case(suite, "no new error" if report.baseline else "no error", door)
        if said:
            ET.SubElement(case, "system-out").text = said
    return suite


def _add(report: Report, one: Finding, suite: ET.Element, door: str) -> None:
    case = _case(suite, f"{one.code}: {_about(one)}" if _about(one) else one.code, door)
    several = f"[{', '.join(one.doors)}] " if len(one.doors) > 1 else ""
    message = f"{several}{one.message}"
    text = "\n".join([message, *further_lines(one, _LINES), *fix_lines(one.fixes, named=len(report.doors) > 1)])
    if one.fails:
        ET.SubElement(case, "failure", message=message, type=one.code).text = text
        return
    if one.accepted is not None or one.known:
        known = f"known: {report.baseline.name}" if report.baseline is not None else "known"
        reason = known if one.accepted is None else one.accepted
        ET.SubElement(case, "skipped", message=reason)
    ET.SubElement(case, "system-out").text = text


def _about(one: Finding) -> str:
    return some(one.distributions or one.paths)


def _case(suite: ET.Element, name: str, door: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", name=name, classname=f"envparity.{door}")


def _count(element: ET.Element, cases: list[ET.Element]) -> None:
    element.set("tests", str(len(cases)))
    element.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    element.set("errors", "0")
    element.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
