"""Finds start-up code: the code that Python runs before every program, although the program does not import it.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON. The probe
runs without `site`, so it runs none of this code.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re

from envparity.probe.records import verdicts
from envparity.probe.text import escaped, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator, Tuple

    from envparity.probe.environment import Environment
    from envparity.probe.text import Facts

    Entry = Tuple[str, str]  # a folder of the import path, and its name in the output

LINES_AT_MOST = 20  # lines of one hook that are shown
LINE_AT_MOST = 1000  # characters of each of these lines that are shown
MODULES = (".py", ".pyc")


class Startup:
    """Finds the hooks of an environment, which are its files with start-up code. `hooks` has a dict for each of them.

    `extra` are the folders that .pth files add to the import path, and `user_site` is the user's site folder.

    The dict of a hook has these fields. `kind` is `pth`, `start`, `sitecustomize`, `usercustomize` or `shadow` (a
    module that hides a module of the standard library). `path` is the name of the file, as in `files` of the snapshot.
    For a file that is not in `files`, the path begins with `stdlib` (the standard library), `path-2` (the second folder
    of `extra`) or `user` (the user's site folder). `runs` has the lines that Python executes. `sha256` is the hash of
    the file. A file of the user's site folder also has `owner`, the distribution whose RECORD lists it, and `verdict`,
    which is `match` if the file has the hash in this RECORD. `verdicts` in `records.py` describes the other verdicts.
    """

    def __init__(self, environment: Environment, extra: list[str], user_site: str | None) -> None:
        self.environment = environment
        self.root = environment.root
        self.hooks: list[Facts] = []
        sites = [(folder, "site" if not n else f"site-{n + 1}") for n, folder in enumerate(environment.sites)]
        # In a virtual environment without the system's site folders, Python uses no site folder of the user.
        used = user_site is not None and (not environment.venv or environment.system_sites)
        user = [(user_site, "user")] if used and user_site and self.root.is_folder(user_site) else []
        for folder, name in sites + user:
            self._path_files(folder, name)
        self.path = [
            (environment.stdlib, "stdlib"),
            (os.path.join(environment.stdlib, "lib-dynload"), "stdlib/lib-dynload"),
            *sites[: 1 if environment.venv else 0],
            *user,
            *sites[1 if environment.venv else 0 :],
            *((folder, f"path-{number}") for number, folder in enumerate(extra, 1)),
        ]
        self._customization("sitecustomize")
        if used:
            self._customization("usercustomize")
        self._shadows()

    def _add(self, kind: str, path: str, name: str, runs: list[str] | None = None) -> None:
        hook: Facts = {"kind": kind, "path": name}
        if runs:
            shown = [printable(line) for line in runs[:LINES_AT_MOST]]
            hook["runs"] = [line if len(line) <= LINE_AT_MOST else line[:LINE_AT_MOST] + "…" for line in shown]
            if len(runs) > LINES_AT_MOST:
                hook["runs"].append(f"… and {len(runs) - LINES_AT_MOST} more lines")
        data = self.root.data(path)
        if data is not None:
            hook["sha256"] = hashlib.sha256(data).hexdigest()
        if name.startswith("user/") and data is not None:
            hook.update(self._user_claim(os.path.dirname(path), path, data))
        self.hooks.append(hook)

    def _path_files(self, folder: str, name: str) -> None:
        """Add the .pth files of a site folder that run code, and its .start files, which PEP 829 describes."""
        names = self.root.names(folder)
        started = {one[: -len(".start")] for one in names if one.endswith(".start")}
        for one in self.environment.path_files(folder):
            path = os.path.join(folder, one)
            text = self.root.text(path)
            if text is None:
                runs = ["a file that cannot be read"] if self.root.exists(path) else []
            elif self.environment.minor >= 15 and one[: -len(".pth")] in started:
                runs = []  # Python reads the .start file with the same name, and ignores the code in the .pth file
            else:
                runs = [line for line in self.environment.lines_of(text) if line.startswith(("import ", "import\t"))]
            if runs:
                self._add("pth", path, f"{name}/{escaped(one)}", runs)
        for one in sorted(one for one in names if one.endswith(".start") and one[0] != "."):
            text = self.root.text(os.path.join(folder, one)) or ""
            runs = [line.strip() for line in text.splitlines() if line.strip() and line[0] != "#"]
            if runs:
                self._add("start", os.path.join(folder, one), f"{name}/{escaped(one)}", runs)

    def _customization(self, module: str) -> None:
        """Add the first file on the import path with the name `module`, because Python imports only that file."""
        for folder, name in self.path:
            names = set(self.root.names(folder))
            for one in self._candidates(module, folder, names):
                self._add(module, os.path.join(folder, one), f"{name}/{escaped(one)}", self._code(folder, one))
                return

    def _candidates(self, module: str, folder: str, names: set[str]) -> Iterator[str]:
        """Yield the files that Python would import as `module` from a folder; Python prefers the first file."""
        if module in names:
            inner = self.root.names(os.path.join(folder, module))
            for one in sorted(inner, key=lambda one: (one.endswith(MODULES), one)):
                if one.partition(".")[0] == "__init__" and one.endswith((".so", ".pyd", *MODULES)):
                    yield f"{module}/{one}"
        for one in sorted(names, key=lambda one: (one.endswith(MODULES), one)):
            if module_of(one) == module:
                yield one

    def _code(self, folder: str, one: str) -> list[str]:
        """Return the lines of a Python source without comments and blank lines; an empty list for another file."""
        text = self.root.text(os.path.join(folder, one)) if one.endswith(".py") else None
        return [line.rstrip() for line in (text or "").split("\n") if line.strip() and line.strip()[0] != "#"]

    def _shadows(self) -> None:
        """Add files that hide a module of the standard library from Python, or from the scripts of the environment."""
        environment, folder = self.environment, self.environment.stdlib
        zipped = f"python{environment.series.replace('.', '')}.zip"
        above = os.path.dirname(folder)
        if self.root.is_file(os.path.join(above, zipped)):
            self._add("shadow", os.path.join(above, zipped), f"stdlib/../{zipped}")
        modules: dict[str, list[str]] = {}
        dynamic = [f"lib-dynload/{one}" for one in self.root.names(os.path.join(folder, "lib-dynload"))]
        for one in sorted(self.root.names(folder)) + sorted(dynamic):
            name = module_of(os.path.basename(one))
            if name is None and one.isidentifier() and self._is_package(os.path.join(folder, one)):
                name = one
            if name is not None:
                modules.setdefault(name, []).append(one)
        for _, files in sorted(modules.items()):
            sources = [one for one in files if not one.endswith(".pyc")]
            if len(sources) > 1:
                # Python prefers a package to an extension module, and an extension module to a source.
                first = min(sources, key=lambda one: ("/" in one, "." in one, one.endswith(".py")))
                path = os.path.join(folder, first)
                self._add("shadow", path, f"stdlib/{escaped(first)}" + ("" if "." in first else "/__init__.py"))
        scripts = environment.folders["scripts"]
        for one in sorted(self.root.names(scripts)):
            # For a script, Python searches the script's folder before the standard library.
            file = one if module_of(one) else f"{one}/__init__.py"
            if (module_of(one) or one) in modules and self.root.is_file(os.path.join(scripts, file)):
                self._add("shadow", os.path.join(scripts, file), f"scripts/{escaped(file)}")

    def _is_package(self, path: str) -> bool:
        return any(one.partition(".")[0] == "__init__" for one in self.root.names(path))

    def _user_claim(self, site: str, path: str, data: bytes) -> Facts:
        """Return the owner of a file in the user's site folder, and the verdict of the owner's RECORD.

        Return an empty dict if no RECORD in this folder lists the file.
        """
        relative = os.path.relpath(path, site)
        for name in self.root.names(site):
            record = self.root.text(os.path.join(site, name, "RECORD")) if name.endswith(".dist-info") else None
            if record is None:
                continue
            try:
                rows = [row for row in csv.reader(io.StringIO(record)) if len(row) == 3 and row[0] == relative]
            except csv.Error:
                continue
            for _, digest, size in rows:
                owner = re.sub(r"[-_.]+", "-", name.partition("-")[0]).lower()
                claims = verdicts([(owner, digest, size)], hashlib.sha256(data).digest(), len(data), path)
                return {"owner": escaped(owner), "verdict": claims[owner]}
        return {}


def module_of(name: str) -> str | None:
    """Return the name of the module that Python imports from a file; None for a file that is no module."""
    stem, _, suffix = name.partition(".")
    if stem.isidentifier() and (suffix in ("py", "pyc") or suffix.endswith(("so", "pyd"))):
        return stem
    return None
