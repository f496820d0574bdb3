"""A report as SARIF 2.1.0, for code-scanning pages."""

import hashlib
import json
from collections import Counter
from typing import Any
from urllib.parse import quote

from envparity.judge.findings import Finding
from envparity.judge.registry import EVERY_RULE
from envparity.judge.report import Report
from envparity.judge.rules import Rule, Severity
from envparity.render.words import lines_of, shown

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_PLACES = {code: place for place, code in enumerate(EVERY_RULE)}
# A page lists results by file: what is in no file is shown where the project declares what it wants.
_NOWHERE = "pyproject.toml"
# Code-scanning pages refuse a result with more.
_LOCATIONS = 1000
_LINES = 30


def as_sarif(report: Report) -> str:
    """The report as one run of one tool."""
    report = shown(report)
    seen: Counter[str] = Counter()
    run = {
        "tool": {"driver": {"name": "envparity", "rules": [_rule(rule) for rule in EVERY_RULE.values()]}},
        # A later upload replaces the results of the same category only: another track or door is another one.
        "automationDetails": {"id": f"envparity/{_part(report.track)}/{_part(*(d.name for d in report.doors))}/"},
        "invocations": [{"executionSuccessful": True, "exitCode": int(report.status)}],
        "results": [_result(one, seen) for one in report.findings],
        "properties": {"notCompared": dict(report.closed)},
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


def _result(one: Finding, seen: Counter[str]) -> dict[str, Any]:
    key = _fingerprint(one)
    seen[key] += 1
    result: dict[str, Any] = {
        "ruleId": one.code,
        "ruleIndex": _PLACES[one.code],
        "level": one.severity.value,
        "message": {"text": _message(one)},
        "locations": [_location(uri) for uri in _uris(one)],
        # The one fingerprint that code-scanning pages read; without it they hash a source line that is not there.
        "partialFingerprints": {"primaryLocationLineHash": f"{key}:{seen[key]}"},
        "properties": {"doors": one.doors, "distributions": one.distributions, "paths": len(one.paths)},
    }
    if one.accepted is not None:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": one.accepted}]
    return result


def _fingerprint(one: Finding) -> str:
    """The same for one finding from run to run: what it names, not its wording nor the versions in it."""
    named = json.dumps([one.code, one.paths, one.distributions, sorted(one.doors)])
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def _message(one: Finding) -> str:
    lines = lines_of(one)
    more = [f"and {len(lines) - _LINES:,} more"] if len(lines) > _LINES else []
    because = [f"follows from {one.because}"] if one.because else []
    where = f"[{', '.join(one.doors)}] " if one.doors else ""
    # A message may hold links, as [text](target); nothing of an environment may make one.
    return "\n".join([f"{where}{one.message}", *lines[:_LINES], *more, *because]).replace("](", "] (")


def _uris(one: Finding) -> list[str]:
    found = dict.fromkeys(uri for path in one.paths if (uri := _uri(path)))
    return list(found)[:_LOCATIONS] or [_NOWHERE]


def _uri(path: str) -> str | None:
    """A path as a relative reference; None for what would lead elsewhere (a RECORD may say anything)."""
    parts = path.split("/")
    return None if {"", ".", ".."} & set(parts) else quote(path, safe="/")


def _location(uri: str) -> dict[str, Any]:
    # The pages ask for a line, though what is found is of the whole file.
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}}}
