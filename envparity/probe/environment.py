"""Finds an environment from the path of its Python alone: its folders, its configuration and its import path.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON. Python's own
module `site` would find the same folders, but `site` also runs the environment's start-up code. So the probe runs
without `site`. Every fact here comes from the arguments or from files, never from the Python that runs this code.
"""

from __future__ import annotations

import os

from envparity.probe.root import Root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable

LANDMARKS = ("os.py", "os.pyc")  # Python looks for one of these files to find its standard library
LIBRARY_FOLDERS = ("lib", "lib64", "lib32", "libx32")  # names that `sys.platlibdir` has on the known systems


class Environment:
    """The environment of the Python at `executable`, a path inside `root`.

    `series` is the version in the names of Python's folders, for example `3.11`, or `3.13t` for a free-threaded build.
    `implementation` is the value of sys.implementation.name. `base_prefix` is the value of sys.base_prefix, which only
    a running Python knows for certain. If `base_prefix` is None, a search for the standard library finds this folder,
    as Python does at its start. `windows` is whether the environment has the layout of Windows.

    `config` is the path of pyvenv.cfg, or None without this file. `home` is the entry `home` of this file, the folder
    of the Python that made the environment. `system_sites` is whether the environment also uses the site folders of
    that Python. `folders` maps the names in sysconfig, such as `purelib`, to the folders into which installers install.
    `sites` has the existing site folders, in the order of the import path, except that the folders for new
    installations come first. `shared` has those folders of `sites` that belong to the base Python.
    """

    def __init__(
        self,
        executable: str,
        series: str,
        implementation: str = "cpython",
        root: Root | None = None,
        base_prefix: str | None = None,
        windows: bool = False,
    ) -> None:
        self.executable = executable
        self.series = series
        self.root = root or Root()
        self.windows = windows
        self.library = ("pypy" if implementation == "pypy" else "python") + series
        self.minor = int(series.rstrip("t").partition(".")[2] or 0)
        self.binary = self.root.real(executable)
        self.config: str | None = None
        self.home: str | None = None
        self.system_sites = False
        prefix = self._read_config()
        found = self._find_library(self.home or os.path.dirname(self.binary))
        if found is not None and found[0] == os.path.dirname(found[0]):
            # Python itself does not search the root folder. On many systems, `/lib` is a link to `/usr/lib`.
            found = self._find_library(os.path.dirname(self.binary)) or found
        self.base_prefix = base_prefix or (found[0] if found else self._parent(self.home or self.binary))
        if base_prefix is not None:
            found = self._find_library(base_prefix) or found
        # The same as `sys.platlibdir`. On Fedora and SUSE, the standard library and extension modules are in lib64.
        self.library_folder = "Lib" if windows else found[1] if found else "lib"
        self.stdlib = found[2] if found else self._below(self.base_prefix, self.library_folder)
        self.prefix = prefix or self.base_prefix
        self.venv = self.prefix != self.base_prefix
        self.managed = self.root.is_file(os.path.join(self.stdlib, "EXTERNALLY-MANAGED"))
        self._read_patches()
        self.folders = self._scheme_folders()
        self.sites = self._find_sites()
        self.shared = self._find_shared()

    def _read_config(self) -> str | None:
        """Set `config`, `home` and `system_sites` from pyvenv.cfg. Return the prefix; None without this file."""
        here = os.path.dirname(self.executable)
        above = os.path.dirname(here)
        for folder in (here, above) if self.minor < 14 else (above, here):
            path = os.path.join(folder, "pyvenv.cfg")
            text = self.root.text(path) if self.root.is_file(path) else None
            if text is None:
                continue
            self.config = path
            system = "true"  # the default of Python itself
            for line in text.splitlines():
                key, equals, value = line.partition("=")
                name = key.strip().lower()
                if equals and name == "home" and self.home is None:
                    self.home = value.strip()
                elif equals and name == "include-system-site-packages":
                    system = value.strip().lower()
            self.system_sites = system == "true"
            return above if self.minor < 14 else folder  # before Python 3.14 the prefix was always the folder above
        return None

    def _below(self, prefix: str, library_folder: str) -> str:
        """Return the folder of Python's modules below a prefix, for example `/usr/lib/python3.11`."""
        if self.windows:
            return os.path.join(prefix, "Lib")
        return os.path.join(prefix, library_folder, self.library)

    def _find_library(self, start: str) -> tuple[str, str, str] | None:
        """Search for the standard library in `start` and in the folders above it.

        Return the prefix, the name of the library folder (for example `lib64`), and the folder of the standard library.
        Return None if no folder has the standard library.
        """
        folder = os.path.normpath(start)
        while True:
            for name in LIBRARY_FOLDERS:
                library = self._below(folder, name)
                if any(self.root.is_file(os.path.join(library, landmark)) for landmark in LANDMARKS):
                    return folder, name, library
            above = os.path.dirname(folder)
            if above == folder:
                return None
            folder = above

    def landmark(self, start: str) -> str | None:
        """Return the path of the file with which a Python in the folder `start` would find its standard library.

        The name of this file is in LANDMARKS, and every link in its path is resolved. Return None if neither `start`
        nor a folder above it has the standard library.
        """
        found = self._find_library(start)
        if found is None:
            return None
        paths = [os.path.join(found[2], name) for name in LANDMARKS]
        return next((self.root.real(path) for path in paths if self.root.is_file(path)), None)

    def _parent(self, path: str) -> str:
        folder = os.path.dirname(path)
        return folder if self.windows else os.path.dirname(folder)

    def _read_patches(self) -> None:
        """Find out from the standard library's sources whether Debian or Fedora changed the folders of this Python.

        Debian has its own folders `dist-packages`, and pip installs below /usr/local. On Fedora, too, pip installs
        below /usr/local. Also find out whether this Python ignores .pth files with a hidden name.
        """
        schemes = self.root.text(os.path.join(self.stdlib, "sysconfig.py"))
        if schemes is None:
            schemes = self.root.text(os.path.join(self.stdlib, "sysconfig", "__init__.py")) or ""
        site = self.root.text(os.path.join(self.stdlib, "site.py"))
        self.debian = '"dist-packages"' in (site or "")
        # Python 3.13 ignores .pth files with a hidden name. So do later patch releases of Python 3.8 to 3.12.
        self.ignores_hidden = self.minor >= 13 if site is None else 'not name.startswith(".")' in site
        self.debian_local = "posix_local" in schemes
        self.fedora_local = "rpm_prefix" in schemes and self.base_prefix == "/usr"

    def local_sites(self) -> list[str]:
        """Return the site folders of Debian's Python that pip uses and apt does not; an empty list outside Debian."""
        if not self.debian_local:
            return []
        return [os.path.join(self.base_prefix, "local/lib", self.library.rstrip("t"), "dist-packages")]

    def _scheme_folders(self) -> dict[str, str]:
        """Return a dict from names such as `purelib` to the folders into which installers install by default."""
        prefix = self.prefix
        if self.debian_local and not self.venv:
            pure = plat = self.local_sites()[0]
            prefix = os.path.join(prefix, "local")
        else:
            if self.fedora_local and not self.venv:
                prefix = os.path.join(prefix, "local")
            pure = os.path.join(self._below(prefix, "lib"), "site-packages")
            plat = os.path.join(self._below(prefix, self.library_folder), "site-packages")
        scripts = os.path.join(prefix, "Scripts" if self.windows else "bin")
        return {"purelib": pure, "platlib": plat, "scripts": scripts, "data": prefix, "stdlib": self.stdlib}

    def _find_sites(self) -> list[str]:
        """Return the existing site folders. If two paths lead to the same folder, return only the first path."""
        prefixes = [self.prefix]
        if self.venv and self.system_sites:
            prefixes.append(self.base_prefix)
        if self.fedora_local and self.base_prefix in prefixes:
            prefixes.insert(prefixes.index(self.base_prefix), "/usr/local")
        folders = [self.folders["purelib"], self.folders["platlib"]]
        for one in dict.fromkeys(prefixes):
            folders += self._sites_of(one)
        seen: set[str] = set()
        found: list[str] = []
        for folder in map(os.path.normpath, folders):
            real = self.root.real(folder)
            if real not in seen and self.root.is_folder(folder):
                seen.add(real)
                found.append(folder)
        return found

    def _find_shared(self) -> list[str]:
        """Return those of `sites` that belong to the base Python; an empty list outside a virtual environment."""
        own = [self.folders["purelib"], self.folders["platlib"], *self._sites_of(self.prefix)]
        real = {self.root.real(os.path.normpath(folder)) for folder in own}
        return [folder for folder in self.sites if self.venv and self.root.real(folder) not in real]

    def _sites_of(self, prefix: str) -> list[str]:
        """Return the folders that Python's module `site` would try below a prefix, in the order of `site`."""
        if self.windows:
            # Python also tries the prefix itself, but no installer uses this folder.
            return [os.path.join(prefix, "Lib", "site-packages")]
        folders = [self._below(prefix, name) for name in dict.fromkeys((self.library_folder, "lib"))]
        if not self.debian:
            return [os.path.join(folder, "site-packages") for folder in folders]
        # On Debian, all versions of Python 3 share the folder `lib/python3/dist-packages`. PyPy has such a folder, too.
        shared = os.path.join(prefix, "lib", self.library.partition(".")[0])
        found = [os.path.join(self._below(prefix, "lib"), "site-packages")] if self.venv else []
        found += [
            os.path.join(folder, "dist-packages")
            for folder in (os.path.join(prefix, "local/lib", self.library), shared, *folders)
        ]
        return found

    def user_site(self, user_base: str) -> str:
        """Return the site folder of the user whose base folder for installations is `user_base`."""
        if self.windows:
            return os.path.join(user_base, f"Python{self.series.replace('.', '')}", "site-packages")
        library = "python" if self.framework() else self.library
        return os.path.join(user_base, "lib", library, "site-packages")

    def framework(self) -> bool:
        """Return whether the Python is a framework build of macOS."""
        return ".framework/Versions/" in self.base_prefix

    def path_entries(self) -> list[str]:
        """Return the entries that .pth files add to sys.path: the existing paths that their lines name, in order.

        Leave out site folders and zip files. A line of code in a .pth file may add entries too. The probe does not run
        this code, so its entries are unknown.
        """
        found: dict[str, None] = {}
        sites = {self.root.real(site) for site in self.sites}
        for site in self.sites:
            for name in self.path_files(site):
                for line in path_lines(self.lines_of(self.root.text(os.path.join(site, name)) or "")):
                    path = os.path.normpath(os.path.join(site, line))
                    if not path.endswith(".zip") and self.root.exists(path) and self.root.real(path) not in sites:
                        found[path] = None
        return list(found)

    def lines_of(self, text: str) -> list[str]:
        """Return the lines of a .pth file, as the environment's version of Python separates them."""
        return text.splitlines() if self.minor >= 13 else text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def path_files(self, site: str) -> list[str]:
        """Return the names of those .pth files in a site folder that Python reads, in Python's order."""
        return sorted(
            name
            for name in self.root.names(site)
            if name.endswith(".pth") and not (self.ignores_hidden and name[0] == ".")
        )


def path_lines(lines: Iterable[str]) -> list[str]:
    """Return those lines of a .pth file that name a folder or a file for sys.path."""
    named = (line.rstrip() for line in lines if not line.startswith(("#", "import ", "import\t")))
    return [line for line in named if line and "\0" not in line]
