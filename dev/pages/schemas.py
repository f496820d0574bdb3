"""The JSON Schemas that envparity publishes, of snapshots, reports and statements, made from the Python types.

A snapshot lists everything in one environment. A report lists the problems and differences that envparity found. A
statement names the lock and the images that a report is about and says what the report found, so that you can sign it.
"""

import inspect
from typing import Any

import msgspec

from envparity.evidence.statement import Statement
from envparity.judge.registry import EVERY_RULE
from envparity.judge.report import Report
from envparity.snapshot.types import Snapshot

PLUGIN_CODE = "^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*$"
FOLDER = "envparity/schema"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TITLES = {
    "snapshot": (Snapshot, "envparity-snapshot-1", "What is installed in one environment"),
    "statement": (Statement, "envparity-statement-1", "What a report says about its lock and images, to be signed"),
    "report": (Report, "envparity-report-1", "What envparity found in one environment, or between several"),
}


def schemas() -> dict[str, str]:
    """Return a dict from the path of each schema file, relative to the root of the repository, to its text."""
    return {f"{FOLDER}/{name}.schema.json": _schema(*facts) for name, facts in _TITLES.items()}


def _schema(kind: Any, identity: str, title: str) -> str:
    made = msgspec.json.schema(kind)
    if kind is Report:
        words = "The codes of all findings. A code never changes its meaning. The code of a plugin has a slash."
        code = made["$defs"]["Finding"]["properties"]["code"]
        del code["type"]
        code["$ref"] = "#/$defs/Code"
        made["$defs"]["Code"] = {
            "title": "Code",
            "description": words,
            "anyOf": [{"enum": sorted(EVERY_RULE)}, {"type": "string", "pattern": PLUGIN_CODE}],
        }
    for definition in made["$defs"].values():
        if "description" in definition:
            definition["description"] = inspect.cleandoc(definition["description"])
        for facts in definition.get("properties", {}).values():
            facts["description"] = facts.pop("description")  # This moves the description to the end, after the type.
    head = {"$schema": _DIALECT, "$id": f"urn:envparity:{identity}", "title": title}
    return msgspec.json.format(msgspec.json.encode({**head, **made}), indent=2).decode() + "\n"
