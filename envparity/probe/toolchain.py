"""Finds the versions of the programs and libraries that build and run an environment, such as the compiler and libc.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import os
import re
import sysconfig

from envparity.probe.programs import SAID_AT_MOST, Program
from envparity.probe.text import SHOWN_AT_MOST, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envparity.probe.places import Layout
    from envparity.probe.text import Facts

TOOLS_TIMEOUT = 20  # seconds from the start of a tool until the probe kills it
# How to ask each tool for its version. The version is the first group of `pattern`. `Tools` replaces `{cc}` by the name
# of the C compiler.
SEEN_BY_DEFAULT: Facts = {
    "cmake": {"command": ["cmake", "--version"], "pattern": r"cmake version (\S+)"},
    # A compiler prints the name by which it was called, gcc or x86_64-linux-gnu-gcc. The pattern leaves out the prefix.
    "compiler": {"command": ["{cc}", "--version"], "pattern": r"(?:\w+-linux-\w+-)?(.+)"},
    "git": {"command": ["git", "--version"], "pattern": r"git version (\S+)"},
    "gmp": {
        "command": ["{cc}", "-E", "-P", "-"],
        "input": "#include <gmp.h>\nversion __GNU_MP_VERSION.__GNU_MP_VERSION_MINOR.__GNU_MP_VERSION_PATCHLEVEL\n",
        "pattern": r"version ([\d. ]+)",
    },
    "pkg-config": {"command": ["pkg-config", "--version"], "pattern": r"(\S+)"},
    "redis": {"command": ["redis-server", "--version"], "pattern": r"v=(\S+)"},
}


class Tools:
    """The programs of the toolchain, which print their versions while the probe hashes files.

    `wanted` is a dict from the name of each tool to its command and pattern, as in SEEN_BY_DEFAULT. A program in a
    folder of the environment is not started, because any installed distribution may have put the program there.
    `located` has the path of each program that is started.
    """

    def __init__(self, wanted: Facts, layout: Layout) -> None:
        self.inside = layout.own_folders()
        self.located: dict[str, str] = {}
        compilers = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "").split()
        self.running: dict[str, tuple[Program, Facts]] = {}
        self.found: dict[str, str | None] = {}
        folders = [
            folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if self._is_trusted(folder)
        ]
        environ = dict(os.environ, LC_ALL="C", PATH=os.pathsep.join(folders))
        for name, tool in wanted.items():
            self.found[name] = None
            command = [word.replace("{cc}", compilers[0] if compilers else "cc") for word in tool["command"]]
            given = tool.get("input", "").encode()
            program = self._find(command[0], folders)
            if program is None:
                continue
            self.located[name] = printable(program)
            try:
                self.running[name] = Program([program, *command[1:]], given, SAID_AT_MOST, environ), tool
            except (OSError, ValueError):
                continue  # the program does not exist or cannot start

    def _is_trusted(self, path: str) -> bool:
        """Return whether a path is absolute, and neither the path nor its target is in the environment."""
        return os.path.isabs(path) and not any(
            (one + os.sep).startswith(folder + os.sep)
            for one in (os.path.normpath(path), os.path.realpath(path))
            for folder in self.inside
        )

    def _find(self, name: str, folders: list[str]) -> str | None:
        """Return the path of the program `name` outside the environment; None if no folder in `folders` has it."""
        paths = [name] if os.sep in name else [os.path.join(folder, name) for folder in folders]
        if os.name == "nt":
            paths = [path + ending for path in paths for ending in ("", ".exe")]
        return next(
            (path for path in paths if os.path.isfile(path) and os.access(path, os.X_OK) and self._is_trusted(path)),
            None,
        )

    def versions(self) -> dict[str, str | None]:
        """Return a dict from each tool to its version; None if the program is missing or prints no version."""
        for name, (program, tool) in self.running.items():
            if program.status(tool.get("timeout", TOOLS_TIMEOUT)) == 0:
                version = re.search(tool["pattern"], program.said()[:SAID_AT_MOST].decode("utf-8", "replace"))
                if version:
                    said = version.group(1).strip()[:SHOWN_AT_MOST]
                    self.found[name] = said.replace(" ", "") if name == "gmp" else said
        self.found["openssl"] = openssl()
        self.found["libc"] = libc()
        return {name: self.found[name] for name in sorted(self.found)}


def openssl() -> str | None:
    """Return the version of the OpenSSL that this Python is linked with; None without OpenSSL."""
    try:
        import _ssl
    except ImportError:
        return None
    return str(_ssl.OPENSSL_VERSION)


def libc() -> str | None:
    """Return the name and version of the C library; None if the library does not report them."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION")
    except (AttributeError, ValueError, OSError):
        return None
