"""A report as SARIF 2.1.0, for code-scanning pages such as GitHub's.

Each finding of the report (a problem or difference) is a result in SARIF.
"""

import json
from typing import Any
from urllib.parse import quote

from envparity.judge.findings import Finding
from envparity.judge.registry import known_rules
from envparity.judge.report import Report
from envparity.judge.rules import Rule, Severity
from envparity.render.identity import SETTINGS, identified
from envparity.render.trust import trust_lines
from envparity.render.words import fix_lines, further_lines, printable

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LOCATIONS = 1000  # code-scanning pages refuse a result with more locations
_LINES = 30  # further lines of one message


def as_sarif(report: Report) -> str:
    """Return the report as SARIF: one run of one tool."""
    report = printable(report)
    places = {code: place for place, code in enumerate(known_rules())}
    run = {
        "tool": {"driver": {"name": "envparity", "rules": [_rule(rule) for rule in known_rules().values()]}},
        # This is the category of the results. A later upload replaces only results of the same category, so each track
        # and each set of doors (environments) has a separate category.
        "automationDetails": {"id": f"envparity/{_part(report.track)}/{_part(*(d.name for d in report.doors))}/"},
        "invocations": [{"executionSuccessful": True, "exitCode": int(report.status)}],
        "results": [_result(report, places, *one) for one in identified(report.findings)],
        "properties": {"notCompared": dict(report.closed), "trust": trust_lines(report)},
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _part(*names: str | None) -> str:
    return quote("+".join(name for name in names if name), safe="+") or "none"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.meaning},
        "help": {"text": rule.fix},
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {
            "tags": [rule.family],
            "problem.severity": "error" if rule.severity is Severity.ERROR else "recommendation",
        },
    }


def _result(report: Report, places: dict[str, int], one: Finding, key: str, number: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": one.code,
        "ruleIndex": places[one.code],
        "level": one.severity.value,
        "message": {"text": _message(one)},
        "locations": [_location(uri) for uri in _uris(one)],
        # Code-scanning pages read only this fingerprint. Without a fingerprint they hash a source line, which does not
        # exist.
        "partialFingerprints": {"primaryLocationLineHash": f"{key[:16]}:{number}"},
        "properties": {
            "doors": one.doors,
            "distributions": one.distributions,
            "paths": len(one.paths),
            "fixes": [{"door": fix.door, "says": fix.says, "commands": fix.commands} for fix in one.fixes],
        },
    }
    # Suppress a finding that the project accepts, that the toolchain file declares, or that the baseline has.
    reason = one.accepted if one.accepted is not None else one.declared
    if one.known and report.baseline is not None:
        reason = f"known: {report.baseline.name}"
    if reason is not None and not one.fails:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": reason}]
    return result


def _message(one: Finding) -> str:
    doors = f"[{', '.join(one.doors)}] " if one.doors else ""
    # SARIF shows [text](target) in a message as a link. No text from an environment may become a link.
    fixes = fix_lines(one.fixes, named=len(one.doors) > 1)
    return "\n".join([f"{doors}{one.message}", *further_lines(one, _LINES), *fixes]).replace("](", "] (")


def _uris(one: Finding) -> list[str]:
    found = dict.fromkeys(uri for path in one.paths if (uri := _uri(path)))
    # Code-scanning pages list results by file, so a finding without a file gets the file SETTINGS.
    return list(found)[:_LOCATIONS] or [SETTINGS]


def _uri(path: str) -> str | None:
    """Return a path as a relative URI; None if the path, from a damaged RECORD, leads out of the environment."""
    names = path.split("/")
    return None if {"", ".", ".."} & set(names) else quote(path, safe="/")


def _location(uri: str) -> dict[str, Any]:
    # Code-scanning pages require a line, even for a finding about a whole file.
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}}}
