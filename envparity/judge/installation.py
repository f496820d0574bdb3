"""Compares the installations of Python behind doors: the interpreters and their standard libraries.

A door is a way to reach an environment. Only doors with the same build of Python are compared. Two interpreters are the
same build if their files have the same GNU build ID, which the linker writes, or the same bytes.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator

from envparity.judge.comparison import Comparison
from envparity.judge.findings import Finding
from envparity.judge.rules import Rules
from envparity.judge.subject import Subject
from envparity.text import some

RULES = Rules("interpreter")
# Names of modules and folders that one installation may have and another of the same build may lack.
_STANDARD = sys.stdlib_module_names | {"test", "tests", "distutils", "lib2to3", "idlelib", "turtledemo", "xxlimited"}
_SEVERAL = "missing in some doors, or different bytes"
STDLIB_DIFFERS = RULES.error(
    "stdlib-differs",
    title="a different file in the same build of Python",
    meaning="The doors run the same build of Python, but a file of the interpreter or of its standard library has "
    "different bytes, or a door has an additional module. Somebody changed the installation in one of the doors.",
    fix="Reinstall the Python of that door, or create the door again.",
    compared=True,
)
STDLIB_PARTLY = RULES.note(
    "stdlib-partly",
    title="files of the standard library in some doors only",
    meaning="The doors run the same build of Python, and the files that all of them have are the same. But some doors "
    "do not have every file. For example, Debian has a separate package for tkinter. Bytecode may also differ, because "
    "Python writes the bytecode of a module only when it first imports the module.",
    fix="You need not do anything. `envparity check --bytecode` compares the bytecode with its source.",
    compared=True,
)
INTERPRETER_BUILD = RULES.note(
    "interpreter-build",
    title="different builds of the same Python",
    meaning="The doors run the same version of Python, but the interpreters were built separately, for example by "
    "Debian and by Nix. Their files differ for that reason, so envparity does not compare them.",
    fix="You need not do anything. If the bytes must be the same, use one build of Python in all doors.",
    compared=True,
)


def compare(doors: Comparison) -> Iterator[Finding]:
    """Yield findings about files that differ between installations of one build of Python.

    Also yield a note if doors have different builds of one version of Python.
    """
    builds: dict[str, list[Subject]] = defaultdict(list)
    versions: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for subject in doors.subjects:
        python = subject.snapshot.interpreter
        if python.binary is None or not subject.snapshot.standard_library:
            continue  # an earlier version of envparity made the snapshot, and did not read the installation
        build = python.build or f"{python.binary} {python.libpython}"
        builds[build].append(subject)
        name = f"{python.implementation} {python.version}"
        versions[name].setdefault(build, []).append(subject.door)
    for same in builds.values():
        yield from _differences(Comparison(same))
    for version, found in versions.items():
        if len(found) > 1:
            groups = "; ".join(" and ".join(names) for names in found.values())
            message = f"the doors run different builds of {version}, so their files are not compared: {groups}"
            yield doors.finding(INTERPRETER_BUILD, message)


def _differences(doors: Comparison) -> Iterator[Finding]:
    """Yield the differences between installations of one build."""
    if len(doors.subjects) < 2:
        return
    changed: dict[str, list[str | None]] = {}
    partly: dict[str, list[str | None]] = {}
    pythons = [subject.snapshot.interpreter for subject in doors.subjects]
    for name, hashes in (
        ("interpreter", [one.binary for one in pythons]),
        ("libpython", [one.libpython for one in pythons]),
    ):
        if len(set(hashes)) > 1:
            changed[f"stdlib/{name}"] = [(one or "none")[:12] for one in hashes]
    libraries = [_Library(subject) for subject in doors.subjects]
    for path in sorted({path for library in libraries for path in library.hashes}):
        found = [library.hashes.get(path) for library in libraries]
        # A file that contains the installation's path has two hashes: of its bytes, and of its bytes without the path.
        present = [one.split("|") for one in found if one is not None]
        same = bool(set(present[0]).intersection(*present))
        if same and None not in found:
            continue
        added = any(library.is_hidden_by(path) for library, one in zip(libraries, found, strict=True) if one is None)
        harmless = "__pycache__" in path.split("/") or (same and not added)
        (partly if harmless else changed)[f"stdlib/{path}"] = found
    for rule, differences, words in (
        (STDLIB_DIFFERS, changed, "expected the same bytes in the same build of Python, found "),
        (STDLIB_PARTLY, partly, ""),
    ):
        if differences:
            paths = list(differences)
            kinds = {doors.difference(values) for values in differences.values()}
            message = f"{some(paths)}: {words}{kinds.pop() if len(kinds) == 1 else _SEVERAL}"
            details = [f"{path}: {doors.by_value(values)}" for path, values in differences.items()]
            yield doors.finding(rule, message, paths=paths, details=details)


class _Library:
    """The standard library behind one door.

    `hashes` maps each path, such as `json/decoder.py`, to a hash, or to two hashes with `|` between them.
    """

    def __init__(self, subject: Subject) -> None:
        self.hashes = {
            f"{folder}/{name}" if folder else name: value
            for folder, names in subject.snapshot.standard_library.items()
            for name, value in names.items()
        }
        # The modules and packages of each folder.
        self._modules: dict[str, set[str]] = defaultdict(set)
        for path in self.hashes:
            folder, _, name = path.rpartition("/")
            self._modules[folder].add(_module(name))
            while folder:
                folder, _, package = folder.rpartition("/")
                self._modules[folder].add(package)

    def is_hidden_by(self, path: str) -> bool:
        """Return whether the additional file `path` would hide a module of this library, or add a new top-level module.

        A module is new if its name is neither in this library nor in _STANDARD.
        """
        folder, _, name = path.rpartition("/")
        if folder == "..":
            return True  # a zip archive that comes before the standard library on sys.path
        if _module(name) in self._modules[folder]:
            return True
        above, _, package = folder.rpartition("/")
        if _module(name) == "__init__" and package in self._modules[above]:
            return True
        top = _module(path.partition("/")[0])
        unknown = top.isidentifier() and not top.startswith("_") and top not in _STANDARD
        return unknown and top not in self._modules[""]


def _module(name: str) -> str:
    """Return the name of the module in the file `name`: `json` for `json.py`.

    If the file is no module, return its whole name.
    """
    stem, _, _ = name.partition(".")
    return stem if name.endswith((".py", ".so", ".pyd", ".pyc")) or "." not in name else name
