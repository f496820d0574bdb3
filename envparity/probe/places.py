"""Finds the folders of an environment: its prefix, its site folders, and the other folders with installed files.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import os
import re
import site
import sys
import sysconfig

from envparity.probe.text import escaped

# A site folder and the prefix that has it. Installers write scripts and data files below the same prefix.
BELOW_PREFIX = re.compile(r"(.+)/lib(?:64)?/(?:python|pypy)[\d.]*t?/(?:site|dist)-packages")


class Layout:
    """The folders of the running Python's environment, and a name for each path in them.

    The names are the same on every machine. The first part of a name is its scheme, which stands for a folder: `site`
    (further site folders are `site-2`, …), `scripts`, `data` or `prefix`.
    """

    def __init__(self) -> None:
        paths = sysconfig.get_paths()
        self.prefix = sys.prefix
        self.venv = sys.prefix != sys.base_prefix
        self.sites: list[tuple[str, str]] = []
        seen = self._find_sites(paths)
        # PEP 668: if the file exists, the system's package manager owns the site folders outside the default scheme.
        marked = os.path.exists(os.path.join(paths["stdlib"], "EXTERNALLY-MANAGED"))
        default = {os.path.realpath(paths["purelib"]), os.path.realpath(paths["platlib"])}
        others = [(name, path) for name, path in self.sites if marked and os.path.realpath(path) not in default]
        own = self._unmanaged() if others else set()
        self.managed = [name for name, path in others if os.path.realpath(path) not in own]
        standard = {paths["stdlib"], paths["platstdlib"]}
        standard |= {os.path.join(folder, "lib-dynload") for folder in standard}
        self.extra = [
            entry
            for entry in sys.path
            if entry and entry not in standard and not entry.endswith(".zip") and os.path.realpath(entry) not in seen
        ]
        kept: dict[str, str] = {}
        for name, root in [*self.sites, ("scripts", paths["scripts"]), ("data", paths["data"]), ("prefix", sys.prefix)]:
            kept.setdefault(os.path.normpath(root), name)
        self.roots = sorted(((name, root) for root, name in kept.items()), key=lambda pair: -len(pair[1]))
        self.starts = [(root + os.sep, name + "/") for name, root in self.roots]
        self.root_of = dict(self.roots)
        self.bases: list[tuple[str, str]] = []
        for name, folder in self.sites:
            base = BELOW_PREFIX.fullmatch(folder)
            if base and name not in self.managed:
                self.bases.append((base.group(1) + os.sep, f"prefix{name[4:]}/"))
        self.prefixes = sorted({self.prefix, os.path.realpath(self.prefix)}, key=len, reverse=True)

    def _find_sites(self, paths: dict[str, str]) -> set[str]:
        """Add the folders with installed distributions to `sites`; return the real paths of these folders."""
        folders = [paths["purelib"], paths["platlib"]]
        folders += site.getsitepackages() if hasattr(site, "getsitepackages") else []
        if site.ENABLE_USER_SITE:
            folders.append(site.getusersitepackages())
        on_path = {os.path.realpath(entry) for entry in sys.path}
        seen: set[str] = set()
        for folder in folders:
            real = os.path.realpath(folder)
            if real not in seen and os.path.isdir(folder) and (real in on_path or folder in folders[:2]):
                seen.add(real)
                number = len(self.sites) + 1
                self.sites.append(("site" if number == 1 else f"site-{number}", os.path.normpath(folder)))
        return seen

    def _unmanaged(self) -> set[str]:
        """Return the real paths of the site folders that pip owns, although the package manager owns the others."""
        own = {site.getusersitepackages()}
        if "posix_local" in sysconfig.get_scheme_names():  # Debian's /usr/local, which may be on an environment's path
            base = {"base": sys.base_prefix, "platbase": sys.base_prefix}
            own |= {sysconfig.get_path(name, "posix_local", base) for name in ("purelib", "platlib")}
        return {os.path.realpath(folder) for folder in own}

    def key(self, path: str) -> str | None:
        """Return the name of a path, for example `site/package/module.py`; None for a path outside the environment."""
        for start, scheme in self.starts:
            if path.startswith(start):
                return scheme + escaped(path[len(start) :].replace(os.sep, "/"))
        return None

    def claimed_key(self, path: str) -> str | None:
        """Return the name of a path that a RECORD lists; None for a path outside the environment.

        An environment that uses the site folder of its base Python also uses the base's prefix: `prefix-2` has the
        scripts and the data of the distributions in `site-2`.
        """
        key = self.key(path)
        for start, scheme in self.bases if key is None else ():
            if path.startswith(start):
                return scheme + escaped(path[len(start) :].replace(os.sep, "/"))
        return key
