"""Finds the folders of an environment: its prefix, its site folders, and the other folders with installed files.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import os
import re
import sys

from envparity.probe.environment import Environment
from envparity.probe.text import escaped

SHARED_PREFIXES = ("/", "/usr", "/usr/local")
# Matches the path of a site folder. The first group is the prefix, below which installers write scripts and data files.
BELOW_PREFIX = re.compile(r"(.+)/lib(?:64)?/(?:python|pypy)[\d.]*t?/(?:site|dist)-packages")


def this_environment() -> Environment:
    """Return the environment of the Python that runs the probe.

    The running Python knows its version and the paths of its executable and of its installation. All other facts come
    from files.
    """
    version = "{}.{}".format(*sys.version_info[:2]) + ("t" if "t" in getattr(sys, "abiflags", "") else "")
    executable = sys.executable or os.path.join(sys.base_prefix, "bin", "python3")
    return Environment(
        os.path.abspath(executable),
        version,
        sys.implementation.name,
        base_prefix=sys.base_prefix,
        windows=os.name == "nt",
    )


def user_base(environment: Environment) -> str:
    """Return the folder into which `pip install --user` installs for the user who runs the probe."""
    chosen = os.environ.get("PYTHONUSERBASE")
    if chosen:
        return chosen
    if environment.windows:
        return os.path.join(os.environ.get("APPDATA") or os.path.expanduser("~"), "Python")
    if environment.framework():
        return os.path.join(os.path.expanduser("~"), "Library", "Python", environment.series.rstrip("t"))
    return os.path.join(os.path.expanduser("~"), ".local")


class Layout:
    """The folders of an environment, and a name for each path in them.

    The names are the same on every machine. A name begins with a scheme instead of the path of a folder. The schemes
    are `site`, `scripts`, `data` and `prefix`. A further site folder is `site-2`, `site-3` and so on, and its prefix is
    `prefix-2`, `prefix-3` and so on. `user_site` is the site folder of the user who runs the probe, or None.
    """

    def __init__(self, environment: Environment, user_site: str | None = None) -> None:
        root, folders = environment.root, environment.folders
        self.environment = environment
        self.prefix = root.outer(environment.prefix)
        self.venv = environment.venv
        self.sites = [
            ("site" if number == 1 else f"site-{number}", root.outer(folder))
            for number, folder in enumerate(environment.sites, 1)
        ]
        # PEP 668: if the file EXTERNALLY-MANAGED exists, the system's package manager owns every site folder except
        # those into which pip installs.
        own = {root.real(folders[name]) for name in ("purelib", "platlib")}
        own |= {root.real(folder) for folder in environment.local_sites() + ([user_site] if user_site else [])}
        self.managed = [
            name
            for (name, _), folder in zip(self.sites, environment.sites)
            if environment.managed and root.real(folder) not in own
        ]
        self.shared = [name for (name, _), folder in zip(self.sites, environment.sites) if folder in environment.shared]
        kept: dict[str, str] = {}
        others = [(name, root.outer(folders[name])) for name in ("scripts", "data")]
        for name, folder in [*self.sites, *others, ("prefix", self.prefix)]:
            kept.setdefault(os.path.normpath(folder), name)
        self.roots = sorted(((name, folder) for folder, name in kept.items()), key=lambda pair: -len(pair[1]))
        self.starts = [(folder + os.sep, name + "/") for name, folder in self.roots]
        self.root_of = dict(self.roots)
        self.bases: list[tuple[str, str]] = []
        for name, folder in self.sites:
            base = BELOW_PREFIX.fullmatch(folder)
            if base and name not in self.managed:
                self.bases.append((base.group(1) + os.sep, f"prefix{name[4:]}/"))
        self.prefixes = sorted({self.prefix, os.path.realpath(self.prefix)}, key=len, reverse=True)

    def own_folders(self) -> list[str]:
        """Return the folders that belong to the environment alone: each path unchanged, and with its links resolved.

        The folders /usr and /usr/local belong to the whole system, even if they are the prefix of a Python.
        """
        root = self.environment.root
        folders = [path for _, path in self.sites]
        if root.real(self.environment.prefix) not in SHARED_PREFIXES:
            folders += [self.prefix, self.environment.folders["scripts"]]
        return sorted({one for folder in folders for one in (os.path.normpath(folder), os.path.realpath(folder))})

    def key(self, path: str) -> str | None:
        """Return the name of a path, for example `site/package/module.py`; None for a path outside the environment."""
        for start, scheme in self.starts:
            if path.startswith(start):
                return scheme + escaped(path[len(start) :].replace(os.sep, "/"))
        return None

    def claimed_key(self, path: str) -> str | None:
        """Return the name of a path that a RECORD lists; None for a path outside the environment.

        An environment that uses the site folder of its base Python also uses the prefix of that Python: `prefix-2` has
        the scripts and the data of the distributions in `site-2`.
        """
        key = self.key(path)
        for start, scheme in self.bases if key is None else ():
            if path.startswith(start):
                return scheme + escaped(path[len(start) :].replace(os.sep, "/"))
        return key
