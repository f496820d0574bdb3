"""Hashes of what is equal in two environments of one lock: bytes without the path and what an installer words."""

from __future__ import annotations

import hashlib
import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envparity.probe.distributions import Distribution
    from envparity.probe.text import Facts

# Installers write these for each environment; each difference in them is a finding of its own.
INSTALLER_FILES = (
    "INSTALLER",
    "RECORD",
    "REQUESTED",
    "direct_url.json",
    "provenance_url.json",
    "uv_build.json",
    "uv_cache.json",
)
# venv, virtualenv and uv make these with the environment itself; no distribution owns them. All are at a scheme's top.
FURNITURE = re.compile(
    r"data/(lib64|pyvenv\.cfg|\.gitignore|\.lock|CACHEDIR\.TAG)"
    r"|scripts/(activate(\.(bat|csh|fish|nu|ps1|xsh))?|Activate\.ps1|activate_this\.py|deactivate(\.(bat|csh|nu))?|pydoc\.bat"
    r"|python[\d.]*|pypy[\d.]*|.*\.exe)"
    r"|site[-\d]*/(README(\.txt)?|_virtualenv\.(py|pth)|\.lock)"
)
# A script that only starts an entry point, in the words of pip (distlib), uv and other installers.
ENTRY_POINT = re.compile(
    rb"#!<python>\n(?:# -\*- coding: utf-8 -\*-\n)?(?:import re\n)?(?:import sys\n)"
    rb"\n?from (?P<module>[\w.]+) import (?P<name>\w+)\n+"
    rb"if __name__ == (?P<quote>['\"])__main__(?P=quote):\n"
    rb"(?:    sys\.argv\[0\] = sys\.argv\[0\]\.removesuffix\('\.exe'\)\n"
    rb"|    sys\.argv\[0\] = re\.sub\(r'\(-script\\\.pyw\??\|\\\.exe\)\?\$', '', sys\.argv\[0\]\)\n"
    rb"|    if sys\.argv\[0\]\.endswith\(\"-script\.pyw\"\):\n        sys\.argv\[0\] = sys\.argv\[0\]\[:-11\]\n"
    rb"    elif sys\.argv\[0\]\.endswith\(\"\.exe\"\):\n        sys\.argv\[0\] = sys\.argv\[0\]\[:-4\]\n)?"
    rb"    sys\.exit\((?P<call>(?P=name)(?:\.\w+)*)\(\)\)\n*"
)


class Normaliser:
    """Hashes of a file's bytes without what each environment writes into its own."""

    def __init__(self, prefixes: list[str], folder_name: str) -> None:
        prefix = b"|".join(re.escape(os.fsencode(one)) for one in prefixes)
        self.name = b"(" + os.fsencode(folder_name) + b")"
        self.prefix = re.compile(prefix)
        python = rb"(?:" + prefix + rb")/bin/(?:python|pypy)[\d.]*"
        # Installers write the second form where a path is too long for the first, or has a space in it.
        self.shebang = re.compile(
            rb"\A(?:#!" + python + rb"|#!/bin/sh\n'''exec' [\"']?" + python + rb"[\"']? \"\$0\" \"\$@\"\n' ''')"
        )

    def note_text(self, key: str, entry: Facts, data: bytes) -> None:
        """Hash a script or a file of the environment itself again, without the environment's path in it."""
        normal = data
        if data[:2] == b"#!":
            normal = self.shebang.sub(b"#!<python>", normal, count=1)
        if b"\0" not in data[:1024]:
            normal = self.prefix.sub(b"<prefix>", normal)
            if key.count("/") == 1 and FURNITURE.fullmatch(key):
                # The prompt is the folder's name, and a path with a space in it is quoted.
                normal = normal.translate(None, b"'\"")
                normal = normal.replace(self.name, b"(<name>)")
                normal = b"\n".join(line for line in normal.split(b"\n") if b"prompt" not in line.lower())
            started = ENTRY_POINT.fullmatch(normal) if key.startswith("scripts/") else None
            if started:
                entry["starts"] = (started.group("module") + b":" + started.group("call")).decode()
        if normal != data:
            entry["normal"] = hashlib.sha256(normal).hexdigest()


def note_record(files: dict[str, Facts], distribution: Distribution) -> None:
    """Note the hash of RECORD without what the environment's path, the installer and bytecode write into it."""
    own = distribution.key + "/"
    entry = files.get(own + "RECORD")
    if entry is None or "sha256" not in entry or distribution.facts["format"] != "dist-info":
        return
    rows = []
    skipped = {own + name for name in INSTALLER_FILES}
    for (path, digest, size), key in zip(distribution.rows, distribution.row_keys):
        if path.endswith(".pyc") or key in skipped:
            continue
        file = files.get(key or "", {})
        # Patching an ELF file leaves its row in RECORD as it was.
        normal = None if "elf" in file else file.get("starts") or file.get("normal")
        rows.append(f"{key},normal={normal}" if normal else f"{key or path},{digest},{size}")
    text = "\n".join(sorted(rows)).encode("utf-8", "surrogateescape")
    entry["normal"] = hashlib.sha256(text).hexdigest()


def note_path_file(entry: Facts, data: bytes) -> None:
    """Note what a .pth file does: nothing, add to the path, or run code at every start."""
    lines = [line.strip() for line in data.splitlines()]
    if any(line.startswith((b"import ", b"import\t")) for line in lines):
        entry["pth"] = "code"
    elif any(line and not line.startswith(b"#") for line in lines):
        entry["pth"] = "path"
        if any(os.path.isabs(os.fsdecode(line)) for line in lines):
            # The file names a folder of this machine, as that of an editable install does.
            entry["normal"] = hashlib.sha256(b"\n".join(sorted(map(os.path.basename, lines)))).hexdigest()
