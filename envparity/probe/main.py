"""Prints the snapshot: everything that the other sections found, as one JSON document on standard output.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import gc
import json
import os
import site
import sys

from envparity.probe.behaviour import Behaviour
from envparity.probe.bytecode import Bytecode
from envparity.probe.files import Scan
from envparity.probe.interpreter import interpreter
from envparity.probe.libraries import Libraries
from envparity.probe.names import import_names
from envparity.probe.places import Layout
from envparity.probe.records import Records
from envparity.probe.share import start_share
from envparity.probe.text import printable, reason
from envparity.probe.toolchain import SEEN_BY_DEFAULT, Tools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envparity.probe.text import Facts

SCHEMA = "envparity-snapshot-1"
SETTINGS = "{}"  # envparity writes the project's settings here


def machine_facts(layout: Layout, records: Records, scan: Scan, libraries: Libraries) -> Facts:
    """Return a dict of all facts that name a path of this machine, or its kernel. Comparisons ignore these facts."""
    uname = os.uname() if hasattr(os, "uname") else None
    hidden = {name: printable(os.environ[name]) for name in ("PYTHONHOME", "PYTHONPATH") if os.environ.get(name)}
    # The probe runs with -I, which leaves the user's site folder out of sys.path. Without -I, Python would use it.
    user = site.getusersitepackages()
    if not layout.venv and os.path.isdir(user):
        hidden["user site"] = printable(user)
    return {
        "prefix": printable(sys.prefix),
        "base_prefix": printable(sys.base_prefix),
        "executable": printable(sys.executable or ""),
        "sites": {name: printable(path) for name, path in layout.sites},
        "extra_path": [printable(entry) for entry in layout.extra],
        "hidden": hidden,
        "links": {key: scan.links[key] for key in sorted(scan.links)},
        "sources": {owner: records.sources[owner] for owner in sorted(records.sources)},
        "scripts": {key: scan.normaliser.started[key] for key in sorted(scan.normaliser.started)},
        "libraries": {name: libraries.located[name] for name in sorted(libraries.located)},
        "platform_release": uname.release if uname else "",
        "platform_version": uname.version if uname else "",
    }


def snapshot(settings: Facts) -> Facts:
    """Return the whole document as a dict, with everything in it sorted.

    `settings` may have these fields: `bytecode` (whether to compile every source again), `toolchain` (further tools, as
    in SEEN_BY_DEFAULT), `behaviour` (the name and the code of each check), and `behaviour_timeout` (in seconds).
    """
    gc.disable()  # the probe makes no reference cycles
    layout = Layout()
    records = Records(layout)  # before the scan, which needs the rows of the RECORDs
    recompile = bool(settings.get("bytecode"))
    scan = Scan(layout, records, Bytecode(recompile))
    share = start_share(scan)  # before any thread starts, because a forked process has no copy of a thread
    tools = Tools(dict(SEEN_BY_DEFAULT, **settings.get("toolchain", {})))
    behaviour = Behaviour(settings.get("behaviour", []), settings.get("behaviour_timeout", 120))
    scan.run(share)
    libraries = Libraries(layout, scan.elf)
    found = libraries.resolve()
    python = interpreter(layout)
    for distribution in records.distributions:
        if distribution.problems:
            distribution.facts["problems"] = sorted(set(distribution.problems))
    return {
        "schema": SCHEMA,
        "interpreter": python,
        "distributions": sorted((one.facts for one in records.distributions), key=lambda facts: str(facts["id"])),
        "files": {key: scan.files[key] for key in sorted(scan.files)},
        "names": import_names(scan.files, python["extension_suffixes"]),
        "libraries": found,
        "toolchain": tools.versions(),
        "behaviour": behaviour.results(layout.prefixes),
        "bytecode": "recompiled" if recompile else "headers",
        "problems": sorted(records.problems),
        "located": machine_facts(layout, records, scan, libraries),
    }


def main() -> int:
    """Print the snapshot and return the exit status: 0, or 1 if the snapshot could not be printed as a whole."""
    document = json.dumps(snapshot(json.loads(SETTINGS)), separators=(",", ":"))
    if getattr(sys, "stdout", None) is None:  # standard output is closed, so descriptor 1 may be another file
        print("probe: expected standard output to be open, found it closed", file=sys.stderr)  # noqa: T201
        return 1
    rest = memoryview(document.encode() + b"\n")
    try:
        if hasattr(os, "set_blocking"):
            os.set_blocking(1, True)
        while rest:
            rest = rest[os.write(1, rest) :]
    except OSError as error:
        print(f"probe: expected to write the snapshot, found: {reason(error)}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
