"""Hashes files without text that depends on the environment or the installer, so that equal locks give equal hashes.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter

from envparity.probe.digests import usual_spelling
from envparity.probe.namespaces import namespace_in
from envparity.probe.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envparity.probe.distributions import Distribution
    from envparity.probe.places import Layout
    from envparity.probe.records import Claim
    from envparity.probe.text import Facts

# Installers write their own notes into these files, so the files differ between environments. The note
# `transform-installer` reports such differences.
INSTALLER_FILES = (
    "INSTALLER",
    "RECORD",
    "REQUESTED",
    "direct_url.json",
    "provenance_url.json",
    "uv_build.json",
    "uv_cache.json",
)
# venv, virtualenv, uv, pex and pipenv make these files together with the environment, so no distribution owns them. In
# these patterns, the first part is the name of a folder of the environment. Each file is directly in such a folder.
FURNITURE = re.compile(
    r"data/(lib64|pyvenv\.cfg|\.gitignore|\.lock|CACHEDIR\.TAG|\.project)"
    r"|scripts/(activate(\.(bat|csh|fish|nu|ps1|xsh))?|Activate\.ps1|activate_this\.py|deactivate(\.(bat|csh|nu))?|pydoc\.bat"
    r"|python[\d.]*|pypy[\d.]*|.*\.exe)"
    r"|site[-\d]*/(README(\.txt)?|_virtualenv\.(py|pth)|PEX_EXTRA_SYS_PATH\.(py|pth|start)|\.lock)"
)
# The text of a script that only starts an entry point. pip (distlib), uv and other installers write different texts.
ENTRY_POINT = re.compile(
    rb"#!<python>\n(?:# -\*- coding: utf-8 -\*-\n)?(?:import re\n)?(?:import sys\n)"
    rb"\n?from (?P<module>[\w.]+) import (?P<name>\w+)\n+"
    rb"if __name__ == (?P<quote>['\"])__main__(?P=quote):\n"
    rb"(?:    sys\.argv\[0\] = sys\.argv\[0\]\.removesuffix\('\.exe'\)\n"
    rb"|    sys\.argv\[0\] = re\.sub\(r(?P<mark>['\"])\(-script\\\.pyw\??\|\\\.exe\)\?\$(?P=mark), "
    rb"(?P=mark){2}, sys\.argv\[0\]\)\n"
    rb"|    if sys\.argv\[0\]\.endswith\(\"-script\.pyw\"\):\n        sys\.argv\[0\] = sys\.argv\[0\]\[:-11\]\n"
    rb"    elif sys\.argv\[0\]\.endswith\(\"\.exe\"\):\n        sys\.argv\[0\] = sys\.argv\[0\]\[:-4\]\n)?"
    rb"    sys\.exit\((?P<call>(?P=name)(?:\.\w+)*)\(\)\)\n*"
)


# The Python in the first line of a script, in both forms in which installers write it.
STARTED = re.compile(
    rb"\A(?:#!(?P<plain>/[^\n]*/(?:python|pypy)[\d.]*)(?: -[EIPs]+)?"
    rb"|#!/bin/sh\n'''exec' [\"']?(?P<long>/[^\n\"']*/(?:python|pypy)[\d.]*)[\"']? \"\$0\" \"\$@\"\n' ''')(?=\n)"
)
ACTIVATED = re.compile(rb"(?m)^\s*(?:export )?VIRTUAL_ENV=([\"']?)(/[^\n\"'$\\]*)\1$")


class Normaliser:
    """Hashes files without the text that differs between environments: their paths, and the lines that start Python.

    `prefixes` are two spellings of the environment's path: unchanged, and with links resolved. `name` is the name of
    the environment's folder. `layout` has the folders of the environment. With `layout`, `started` is a dict of the
    scripts that start a Python outside the environment: it maps each such script to the path of that Python.
    """

    def __init__(self, prefixes: list[str], name: str, layout: Layout | None = None) -> None:
        prefix = b"|".join(re.escape(os.fsencode(one)) for one in prefixes)
        self.name = b"(" + os.fsencode(name) + b")"
        self.layout = layout
        self.started: dict[str, str] = {}
        self.prefix = re.compile(prefix)
        python = rb"(?:" + prefix + rb")/bin/(?:python|pypy)[\d.]*t?"
        # Installers write the form with /bin/sh if the path is too long for the other form, or has a space in it. In a
        # relocatable environment, uv writes a command that finds Python next to the script.
        beside = rb"\"\$\(dirname -- \"\$\(realpath -- \"\$0\"\)\"\)\"/'?(?:python|pypy)[\d.]*t?'?"
        options = rb"(?: -[EIPs]+(?=\n))?"  # pipx writes options that isolate a program from other modules
        self.shebang = re.compile(
            rb"\A(?:#!" + python + options + rb"|#!/bin/sh\n'''exec' (?:[\"']?" + python + rb"[\"']?|" + beside + rb")"
            rb" \"\$0\" \"\$@\"\n' ''')"
        )

    def note_text(self, key: str, entry: Facts, data: bytes) -> None:
        """Set `normal` in `entry` to the hash of a file without the environment's path, if the file contains the path.

        From a file such as `scripts/activate`, also leave out the quotes and the lines about the prompt. Set `starts`
        to the entry point if the file is a script that only starts an entry point. Set `python` if the script starts
        the Python of another environment. `key` is the name of the file in the probe's output, for example
        `scripts/pip`, and `data` holds its bytes.
        """
        normal = data
        if data[:2] == b"#!":
            normal = self.shebang.sub(b"#!<python>", normal, count=1)
        if b"\0" not in data[:1024]:
            normal = self.prefix.sub(b"<prefix>", normal)
            if key.count("/") == 1 and FURNITURE.fullmatch(key):
                # The prompt holds the name of the folder, and some programs put quotes around a path with a space.
                normal = normal.translate(None, b"'\"")
                normal = normal.replace(self.name, b"(<name>)")
                normal = b"\n".join(line for line in normal.split(b"\n") if b"prompt" not in line.lower())
            started = ENTRY_POINT.fullmatch(normal) if key.startswith("scripts/") else None
            if started:
                entry["starts"] = (started.group("module") + b":" + started.group("call")).decode()
        if self.layout is not None and key.startswith("scripts/"):
            self._note_python(key, entry, data, self.layout)
        if normal != data:
            entry["normal"] = hashlib.sha256(normal).hexdigest()

    def _note_python(self, key: str, entry: Facts, data: bytes, layout: Layout) -> None:
        """Set `python` in `entry` if a script from an installer does not start the environment's own Python.

        Set it to `another` if the other Python exists, and to `gone` if it does not. In both cases, add the path of the
        other Python to `started`. For `activate`, check the folder that the script activates.
        """
        activated = ACTIVATED.search(data) if key == "scripts/activate" else None
        if activated:
            other = os.fsdecode(activated.group(2))
            if os.path.realpath(other) == os.path.realpath(layout.prefix):
                return
            there = os.path.isdir(other)
        else:
            found = STARTED.match(data)
            # Only an installer writes this text, with the Python that it installs for. The author of a distribution
            # may have written the first line of any other script.
            if not found or not ("starts" in entry or ENTRY_POINT.fullmatch(STARTED.sub(b"#!<python>", data, count=1))):
                return
            other = os.fsdecode(found.group("plain") or found.group("long"))
            there = os.path.exists(other)
            if there and is_own(other, layout):
                return
        self.started[key] = printable(other)
        entry["python"] = "another" if there else "gone"


def is_own(python: str, layout: Layout) -> bool:
    """Return whether the Python at a path uses the environment.

    The result is True if the Python is in the environment's folder of scripts. Outside a virtual environment, it is
    also True if the path leads to the environment's executable.
    """
    if os.path.realpath(os.path.dirname(python)) == os.path.realpath(layout.root_of["scripts"]):
        return True
    return not layout.venv and os.path.realpath(python) == os.path.realpath(layout.environment.executable)


def note_record(files: dict[str, Facts], distribution: Distribution) -> None:
    """Set `normal` of a RECORD to a hash that does not depend on the environment's path, the installer or bytecode."""
    own = distribution.key + "/"
    entry = files.get(own + "RECORD")
    if entry is None or "sha256" not in entry or distribution.facts["format"] != "dist-info":
        return
    rows: set[str] = set()
    hashed = {key for (_, digest, _), key in zip(distribution.rows, distribution.row_keys) if digest}
    skipped = {own + name for name in INSTALLER_FILES}
    several = Counter(distribution.row_keys)
    for (path, digest, size), key in zip(distribution.rows, distribution.row_keys):
        if path.endswith(".pyc") or key in skipped:
            continue
        file = files.get(key or "", {})
        # If a row of the wheel's RECORD names no file, pip keeps the row, and uv removes the row. pip adds a second row
        # without a hash for a path that the wheel's RECORD spells in an unusual way.
        idle = key == "" or (not digest and key in hashed) or "absent" in file.get("claims", {}).values()
        if several[key] > 1 and usual_spelling(digest) != usual_spelling(file.get("sha256", "")):
            idle = True  # uv keeps only one of several rows for a path
        if idle:
            continue
        # The hash includes the row of an ELF file unchanged, because a tool that patches the file keeps the row.
        normal = None if "elf" in file else file.get("starts") or file.get("normal")
        rows.add(f"{key},normal={normal}" if normal else f"{key or path},{digest},{size if digest else ''}")
    text = "\n".join(sorted(rows)).encode("utf-8", "surrogateescape")
    entry["normal"] = hashlib.sha256(text).hexdigest()


def note_start(key: str, entry: Facts, data: bytes, wanted: list[Claim]) -> None:
    """Set `pth` in `entry` for a .pth file, or `namespace` for an `__init__.py` that makes a namespace package.

    `note_path_file` and `namespace_in` describe the values. `namespace_in` also describes `wanted`.
    """
    if key.endswith(".pth"):
        note_path_file(entry, data)
    else:
        namespace = namespace_in(data, wanted)
        if namespace:
            entry["namespace"] = namespace


def note_path_file(entry: Facts, data: bytes) -> None:
    """Set `pth` to `code` if a .pth file runs code at every start of Python, or to `path` if it only adds folders.

    If the path of such a folder is absolute, set `normal` to a hash of only the last part of each path.
    """
    lines = [line.rstrip() for line in data.splitlines()]
    if any(line.startswith((b"import ", b"import\t")) for line in lines):
        entry["pth"] = "code"
    elif any(line and not line.startswith(b"#") for line in lines):
        entry["pth"] = "path"
        if any(os.path.isabs(os.fsdecode(line)) for line in lines):
            # The .pth file of an editable install names a folder of this machine. Hash only the last part of each path.
            entry["normal"] = hashlib.sha256(b"\n".join(sorted(map(os.path.basename, lines)))).hexdigest()
