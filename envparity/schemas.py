"""The JSON Schemas of snapshot and report, made from their types: `python -m envparity.schemas` writes them anew."""

import inspect
import sys
from pathlib import Path
from typing import Any

import msgspec

from envparity.judge.registry import EVERY_RULE
from envparity.judge.report import Report
from envparity.snapshot.types import Snapshot

FOLDER = Path(__file__).parent / "schema"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TITLES = {
    "snapshot": (Snapshot, "envparity-snapshot-1", "What is installed in one environment"),
    "report": (Report, "envparity-report-1", "What envparity found in one environment, or between several"),
}

# What each field holds; a test asks for every one.
_FIELDS: dict[str, dict[str, str]] = {
    "Snapshot": {
        "schema": "Which version of this document it is.",
        "interpreter": "The Python that the environment runs.",
        "distributions": "Every installed distribution, by id.",
        "files": "Every path of the environment, as scheme/relative/path: site (further site folders site-2, …), "
        "scripts, data or prefix. A backslash, or a byte that is no UTF-8, is \\xNN.",
        "names": "Every top-level import name.",
        "libraries": "Every shared library that an extension module asks for, by its soname.",
        "toolchain": "The version of each tool, null where it is not there or does not say.",
        "behaviour": "The result of each behaviour check that the project declares.",
        "bytecode": "How bytecode was judged: by its header, or by compiling its source again.",
        "problems": "What could not be looked at, in words.",
        "located": "Set aside when environments are compared.",
    },
    "Interpreter": {
        "implementation": "As sys.implementation.name has it.",
        "version": "Its full version.",
        "platform": "As sysconfig.get_platform() has it.",
        "markers": "The values that PEP 508 markers are evaluated with, except what is in `located`.",
        "extension_suffixes": "The endings of the extension modules that it can import.",
        "venv": "Whether this is a virtual environment.",
        "managed_sites": "Site folders that the system's package manager looks after (PEP 668).",
        "abi": "The ABI tag of its extension modules.",
        "cache_tag": "The tag in the names of its bytecode.",
        "elf": "Word size and ELF machine number of the interpreter's own file.",
    },
    "Distribution": {
        "id": "What `claims` and `providers` name it by: the canonical name, numbered where it is there twice.",
        "name": "As its metadata words it.",
        "metadata": "The path of its metadata folder or file.",
        "format": "dist-info, egg-info, egg or egg-link.",
        "record": "How far its files can be judged: by hash, as being there only, or not at all.",
        "version": "Null where its metadata has none.",
        "installer": "What INSTALLER says.",
        "requested": "Whether the installer noted that it was asked for by name.",
        "editable": "Whether its code is in a folder outside the environment.",
        "requires": "Its requirements, as it words them.",
        "extras": "The extras that it offers.",
        "requires_python": "The Python versions that it is for.",
        "tags": "The compatibility tags of the wheel that it was installed from.",
        "generator": "What built that wheel.",
        "build": "What uv notes of a build from source.",
        "direct_url": "The URL that it was installed from, without user, password or a machine's path; the commit "
        "and the artefact's hashes.",
        "provenance": "The artefact's hashes as provenance_url.json has them (PEP 710).",
        "top_level": "The import names that a distribution without RECORD says are its own.",
        "problems": "What of its metadata could not be read, in words.",
    },
    "File": {
        "kind": "What is at the path; missing: a RECORD names it and nothing is there.",
        "size": "In bytes.",
        "mode": "The permissions to read and execute, in octal.",
        "sha256": "Of its bytes; null where they were not read.",
        "normal": "The same hash with what an environment's path or a patched ELF changes taken out.",
        "starts": "Of a script that only starts an entry point, as installers make them: MODULE:FUNCTION.",
        "claims": "For each distribution whose RECORD lists it, by id, the verdict: match, unhashed, missing, unread, "
        "ALGORITHM:HEX (the hash that should be there), size:BYTES, malformed:… or unknown:….",
        "bytecode": "Of bytecode: how it is validated, and what came of judging it.",
        "elf": "Of an ELF file: word size and machine number.",
        "pth": "Of a .pth file: whether it runs code or only adds to the path.",
        "role": "venv: made with the environment itself.",
        "target": "Where a link leads, if that is inside the environment.",
        "error": "Why it could not be read.",
    },
    "ImportName": {
        "places": "Where it is found; more than one hide each other.",
        "stdlib": "Whether a module of Python itself has that name.",
    },
    "Place": {
        "kind": "What is imported from there; data: a folder without code.",
        "path": "The path of the module or folder.",
        "providers": "The distributions, by id, that have files there.",
    },
    "Library": {
        "needed_by": "The extension modules that ask for it.",
        "file": "The name of the file on the system that the dynamic linker takes.",
        "inside": "Or the path of the file in the environment.",
    },
    "Result": {"value": "What the check gave.", "error": "Or how it failed."},
    "Located": {
        "prefix": "The environment's folder.",
        "base_prefix": "The folder of the Python that it was made from.",
        "executable": "The interpreter that ran the probe.",
        "sites": "The site folders by scheme.",
        "extra_path": "Further entries of sys.path.",
        "hidden": "What adds modules when Python is started without -I: PYTHONPATH, PYTHONHOME, the user's site.",
        "links": "What each link says, by its path.",
        "libraries": "The path of each shared library on the system.",
        "platform_release": "The kernel's release.",
        "platform_version": "The kernel's build.",
    },
    "Report": {
        "schema": "Which version of this document it is.",
        "command": "check: one environment; compare: several.",
        "track": "The track that the doors should be.",
        "doors": "What was looked at.",
        "closed": "Doors that were not looked at, each with the reason.",
        "findings": "What was found: errors first, then by family and code.",
        "rows": "For each distribution its version in each door, in the order of `doors`; null: not installed.",
        "tools": "For each tool its version in each door; null: not there.",
        "why": "How the distributions that errors name came in.",
    },
    "DoorFacts": {
        "name": "As it was called on the command line or in pyproject.toml.",
        "python": "Implementation and version.",
        "platform": "As sysconfig.get_platform() has it.",
        "distributions": "How many are installed.",
        "files": "How many paths it has.",
        "bytes": "Their sizes together.",
        "lock": "The name of the lock that it was held against.",
    },
    "Finding": {
        "code": "The kind of finding: `envparity explain CODE` tells what it means and how to mend it.",
        "message": "One line that names what it is about.",
        "paths": "The paths that it concerns, as in the snapshot's `files`.",
        "distributions": "The distributions that it concerns, or the behaviour check, by name.",
        "doors": "The doors that it was found in, or between.",
        "details": "Further lines.",
        "severity": "An error that is not accepted makes the exit status 1.",
        "because": "The finding that this one follows from.",
        "accepted": "The project's reason to live with it.",
    },
    "Why": {
        "door": "Where it was looked up.",
        "distribution": "What came in.",
        "paths": "Requirement paths to it, shortest first, each from its root.",
    },
    "Step": {
        "source": "Who asks: a distribution, or what the environment was made from.",
        "requirement": "By which words.",
        "target": "For whom.",
        "version": "The version that is there; null: not installed.",
    },
}


def schemas() -> dict[Path, str]:
    """Each schema's file and what belongs into it."""
    return {FOLDER / f"{name}.schema.json": _schema(*facts) for name, facts in _TITLES.items()}


def _schema(kind: Any, identity: str, title: str) -> str:
    made = msgspec.json.schema(kind)
    if kind is Report:
        words = "The stable names of what can be found; a code never changes its meaning."
        made["$defs"]["Finding"]["properties"]["code"] = {"$ref": "#/$defs/Code"}
        made["$defs"]["Code"] = {"title": "Code", "description": words, "enum": sorted(EVERY_RULE)}
    for name, definition in made["$defs"].items():
        if "description" in definition:
            definition["description"] = inspect.cleandoc(definition["description"])
        for field, facts in definition.get("properties", {}).items():
            # Beside a reference stands what it is for here; the type's own description is behind it.
            facts["description"] = _FIELDS[name][field]
    head = {"$schema": _DIALECT, "$id": f"urn:envparity:{identity}", "title": title}
    return msgspec.json.format(msgspec.json.encode({**head, **made}), indent=2).decode() + "\n"


def main() -> None:
    """Write both files."""
    FOLDER.mkdir(exist_ok=True)
    for path, text in schemas().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(FOLDER.parent.parent)}\n")


if __name__ == "__main__":
    main()
