"""Write results in the JUnit format, which CI services read."""

import re
from xml.etree import ElementTree as ET

from dev.matrix.endings import Ending, Results

# The characters that XML forbids, even as escapes.
_FOREIGN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(results: Results) -> str:
    """Return the results as one JUnit suite in XML.

    A test is `skipped`, with the cause, if it fails because of a known limit of a library, or if one side does not
    support the test. A test that failed, was flaky or passed unexpectedly is a `failure`.
    """
    skipped = (Ending.LIMIT, Ending.UNSUPPORTED)
    failed = [outcome for outcome in results.outcomes if outcome.status not in (Ending.PASS, *skipped)]
    suite = ET.Element(
        "testsuite",
        name="matrix",
        tests=str(len(results.outcomes)),
        failures=str(len(failed)),
        errors="0",
        skipped=str(sum(outcome.status in skipped for outcome in results.outcomes)),
        time=f"{results.seconds:.3f}",
        timestamp=results.began.removesuffix("Z"),
    )
    for outcome in results.outcomes:
        test = outcome.test
        case = ET.SubElement(
            suite,
            "testcase",
            classname=f"{test.dialer} x {test.listener}",
            name=test.name,
            time=f"{outcome.seconds:.3f}",
        )
        message = _clean(f"{outcome.status}: {outcome.cause or outcome.error}")
        if outcome.status in skipped:
            ET.SubElement(case, "skipped", message=message)
        elif outcome.status is not Ending.PASS:
            ET.SubElement(case, "failure", type=outcome.status, message=message).text = _clean(outcome.error)
            ET.SubElement(case, "system-err").text = _clean(outcome.log)
    ET.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suite, encoding="unicode") + "\n"


def _clean(text: str) -> str:
    return _FOREIGN.sub("\ufffd", text)
