"""Prints the snapshot: everything that the other sections found, as one JSON document on standard output.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import gc
import json
import os
import sys

from envparity.probe.behaviour import Behaviour
from envparity.probe.bytecode import Bytecode
from envparity.probe.conda import correct_by_conda
from envparity.probe.files import Scan
from envparity.probe.forked import Forked, can_fork
from envparity.probe.installation import Interpreter, mark_altered, standard_library
from envparity.probe.interpreter import interpreter
from envparity.probe.libraries import Libraries
from envparity.probe.names import import_names
from envparity.probe.places import Layout, this_environment, user_base
from envparity.probe.records import Records
from envparity.probe.share import start_share
from envparity.probe.startup import Startup
from envparity.probe.text import printable, reason
from envparity.probe.toolchain import SEEN_BY_DEFAULT, Tools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from envparity.probe.text import Facts

SCHEMA = "envparity-snapshot-1"
BEHAVIOUR_SCHEMA = "envparity-behaviour-1"
SETTINGS = "{}"  # envparity writes the project's settings here


def machine_facts(layout: Layout, user_site: str, extra: list[str], scan: Scan) -> Facts:
    """Return a dict of the facts about this machine: its paths and its kernel. Comparisons ignore these facts.

    `user_site` is the site folder of this user, and `extra` has the paths that .pth files add to the import path.
    """
    environment = layout.environment
    uname = os.uname() if hasattr(os, "uname") else None
    hidden = {name: printable(os.environ[name]) for name in ("PYTHONHOME", "PYTHONPATH") if os.environ.get(name)}
    # The probe runs with -I, which leaves the user's site folder out of sys.path. Other programs use the folder.
    if not layout.venv and os.path.isdir(user_site):
        hidden["user site"] = printable(user_site)
    return {
        "prefix": printable(environment.prefix),
        "base_prefix": printable(environment.base_prefix),
        "executable": printable(sys.executable or ""),
        "sites": {name: printable(path) for name, path in layout.sites},
        "extra_path": [printable(entry) for entry in extra],
        "hidden": hidden,
        "links": {key: scan.links[key] for key in sorted(scan.links)},
        "scripts": {key: scan.normaliser.started[key] for key in sorted(scan.normaliser.started)},
        "platform_release": uname.release if uname else "",
        "platform_version": uname.version if uname else "",
    }


def snapshot(settings: Facts) -> Facts:
    """Return the whole snapshot as a dict in a fixed order, but without results of behaviour checks.

    `settings` may have these fields: `bytecode` (whether to compile every source again), `compiles` (whether this
    Python makes the same bytecode as the Python of the environment), and `toolchain` (further tools, as in
    SEEN_BY_DEFAULT). `main` uses the other fields: `behaviour` (the name and the code of each check),
    `behaviour_timeout` (in seconds) and `nonce`.
    """
    gc.disable()  # to save time: the probe makes no reference cycles that a collector would have to find
    environment = this_environment()
    user_site = environment.user_site(user_base(environment))
    layout = Layout(environment, user_site)
    recompile = bool(settings.get("bytecode"))
    cache_tag = sys.implementation.cache_tag or "-"

    def beside() -> Any:
        tools = Tools(dict(SEEN_BY_DEFAULT, **settings.get("toolchain", {})), layout)
        own = Interpreter(environment)
        standard = standard_library(environment, cache_tag)
        if recompile:
            mark_altered(standard, environment, cache_tag)
        return own.facts, own.located, standard, tools.versions(), tools.located

    # Fork before the first thread starts, because a fork copies only the thread that calls it.
    forked = Forked(beside) if can_fork() else None
    records = Records(layout)  # before the scan, which needs the rows of the RECORDs
    scan = Scan(layout, records, Bytecode(recompile, bool(settings.get("compiles", True))))
    share = start_share(scan)
    scan.run(share)
    correct_by_conda(scan.files, records.distributions, layout)
    extra = environment.path_entries()
    startup = Startup(environment, extra, user_site)
    libraries = Libraries(layout, scan.elf)
    found = libraries.resolve()
    facts, installed, standard, versions, programs = (forked.result() if forked else None) or beside()
    python = dict(interpreter(layout), **facts)
    for distribution in records.distributions:
        if distribution.problems:
            distribution.facts["problems"] = sorted(set(distribution.problems))
    located = machine_facts(layout, user_site, extra, scan)
    located["libraries"] = {name: libraries.located[name] for name in sorted(libraries.located)}
    located["interpreter"] = {name: installed[name] for name in sorted(installed)}
    located["programs"] = {name: programs[name] for name in sorted(programs)}
    return {
        "schema": SCHEMA,
        "interpreter": python,
        "distributions": sorted((one.facts for one in records.distributions), key=lambda facts: str(facts["id"])),
        "files": {key: scan.files[key] for key in sorted(scan.files)},
        "names": import_names(scan.files, python["extension_suffixes"]),
        "startup": startup.hooks,
        "standard_library": standard,
        "libraries": found,
        "toolchain": versions,
        "bytecode": "recompiled" if recompile else "headers",
        "problems": sorted(records.problems),
        "located": dict(located, **records.machine_facts()),
        # The last field. envparity puts the results of the behaviour checks here. See `main`.
        "behaviour": {},
    }


def write_line(document: Facts) -> None:
    """Write a document as one line to standard output; raise OSError if only a part can be written."""
    rest = memoryview(json.dumps(document, separators=(",", ":")).encode() + b"\n")
    if hasattr(os, "set_blocking"):
        os.set_blocking(1, True)
    while rest:
        rest = rest[os.write(1, rest) :]


def main() -> int:
    """Print the snapshot and return the exit status: 0, or 1 if the snapshot could not be printed as a whole.

    Behaviour checks run code of the environment, and this code must not change the snapshot. So the checks start after
    the snapshot was written, and their results are a separate line. The setting `nonce`, a text that is new in each
    run, is printed before the snapshot, so that envparity finds the snapshot in the output.
    """
    settings = json.loads(SETTINGS)
    document = snapshot(settings)
    if getattr(sys, "stdout", None) is None:  # standard output is closed, so descriptor 1 may be another file
        print("probe: expected standard output to be open, found it closed", file=sys.stderr)  # noqa: T201
        return 1
    try:
        if settings.get("nonce"):
            write_line({"nonce": settings["nonce"]})
        write_line(document)
        if settings.get("behaviour"):
            behaviour = Behaviour(settings["behaviour"], settings.get("behaviour_timeout", 120))
            prefix = document["located"]["prefix"]
            prefixes = sorted({prefix, os.path.realpath(prefix)}, key=len, reverse=True)
            write_line({"schema": BEHAVIOUR_SCHEMA, "behaviour": behaviour.results(prefixes)})
    except OSError as error:
        print(f"probe: expected to write the snapshot, found: {reason(error)}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
