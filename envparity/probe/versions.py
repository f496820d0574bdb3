"""Reads the name and the version that a project's folder declares, without running its build.

This module reads pyproject.toml, setup.cfg, setup.py and the files that these three files name. If the version comes
from version control or from a program, the version stays unknown. This module is a section of the probe, the program
that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import os
import re

from envparity.probe.reading import read
from envparity.probe.text import SHOWN_AT_MOST, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Dict

    Tables = Dict[str, Dict[str, str]]

ENTRY = re.compile(r"""\s*["']?([\w.-]+)["']?\s*=\s*(.*)""")
TEXT = re.compile(r"""["']([^"'\n]*)["']""")
# If pyproject.toml or setup.cfg contains one of these words, a program computes or changes the version.
COMPUTED = re.compile(
    r"setuptools[_-]scm|hatch-vcs|versioneer|poetry-dynamic-versioning|versioningit|tag_build|dunamai"
)


def declared(folder: str) -> dict[str, str]:
    """Return the `name` and the `version` that a project's folder declares; an empty dict if neither is known."""
    tables = toml_tables(text_in(folder, "pyproject.toml"))
    config = toml_tables(re.sub(r"(?m)^(\w+\s*=\s*)([^\"'\s].*)$", r'\1"\2"', text_in(folder, "setup.cfg")))
    project = tables.get("project") or tables.get("tool.poetry") or config.get("metadata") or {}
    found = {"name": text_of(project, "name")}
    if not COMPUTED.search(" ".join([text_in(folder, "pyproject.toml"), text_in(folder, "setup.cfg")])):
        found["version"] = text_of(project, "version") if "dynamic" not in project.get("version", "") else ""
        if not found["version"] or ":" in found["version"]:
            found["version"] = computed(folder, tables, found["name"])
    return {key: printable(value)[:SHOWN_AT_MOST] for key, value in found.items() if value and ":" not in value}


def computed(folder: str, tables: Tables, name: str) -> str:
    """Return the version from another file of a project, such as `package/__init__.py`; an empty text if it is unknown.

    `tables` are the tables of pyproject.toml, which name the other file. `name` is the name of the project.
    """
    backend = text_of(tables.get("build-system", {}), "build-backend")
    module = text_of(tables.get("tool.flit.module", {}), "name") or name.replace("-", "_")
    if backend.startswith("flit"):
        return assigned(folder, modules(module), "__version__")
    if backend == "mesonpy":
        called = re.search(r"""project\s*\([^)]*?\bversion\s*:\s*'([^']+)'""", text_in(folder, "meson.build"))
        return called.group(1) if called else ""
    if backend == "maturin":
        manifest = text_of(tables.get("tool.maturin", {}), "manifest-path") or "Cargo.toml"
        return text_of(toml_tables(text_in(folder, manifest)).get("package", {}), "version")
    for table, key in (("hatch.version", "path"), ("pdm.version", "path"), ("scikit-build.metadata.version", "input")):
        path = text_of(tables.get(f"tool.{table}", {}), key)
        if path:
            return assigned(folder, [path], "__version__|VERSION")
    attribute = tables.get("tool.setuptools.dynamic", {}).get("version", "")
    if "attr" in attribute:
        source, _, variable = (TEXT.findall(attribute) or [""])[0].rpartition(".")
        return assigned(folder, modules(source), re.escape(variable)) if source else ""
    return called_with_version(text_in(folder, "setup.py"))


def modules(name: str) -> list[str]:
    """Return the paths at which the source of a module may be, relative to the project's folder."""
    path = name.replace(".", "/")
    return [f"{start}{path}{end}" for start in ("", "src/") for end in (".py", "/__init__.py")]


def assigned(folder: str, paths: list[str], variable: str) -> str:
    """Return the text that a module in `paths` assigns to a variable; an empty text if no module does.

    `variable` is a regular expression, for example `__version__|VERSION`. The first module with a match counts.
    """
    for path in paths:
        line = re.search(rf"""(?m)^(?:{variable})\s*(?::\s*[\w.]+\s*)?=\s*["']([^"'\n]+)["']""", text_in(folder, path))
        if line:
            return line.group(1)
    return ""


def called_with_version(text: str) -> str:
    """Return the version in a setup.py, from a call such as `setup(version="1.0")`.

    Return an empty text without such a call.
    """
    import ast  # not at the top, because few environments have an editable install

    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return ""
    for node in nodes:
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "setup":
            for one in node.keywords:
                if one.arg == "version" and isinstance(one.value, ast.Constant) and isinstance(one.value.value, str):
                    return one.value.value
    return ""


def toml_tables(text: str) -> Tables:
    """Return a dict from the name of each table of a TOML file to its entries; the top-level table has the name "".

    An entry is a key, and the text after the equals sign in the same line. Further lines of the value are left out.
    """
    tables: Tables = {}
    table = tables.setdefault("", {})
    for line in text.splitlines():
        header = re.match(r"\s*\[\s*([\w.\"' -]+?)\s*\]", line)
        entry = ENTRY.match(line)
        if header:
            table = tables.setdefault(re.sub(r"[\"' ]", "", header.group(1)), {})
        elif entry:
            table.setdefault(entry.group(1), entry.group(2))
    return tables


def text_of(table: dict[str, str], key: str) -> str:
    """Return the text that a table has for a key; an empty text if the value is missing or is not in quotes."""
    value = TEXT.match(table.get(key, ""))
    return value.group(1) if value else ""


def text_in(folder: str, path: str) -> str:
    """Return the text of a file of a project; an empty text if the file cannot be read."""
    try:
        return read(os.path.join(folder, path)).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""
