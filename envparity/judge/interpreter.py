"""The interpreter family: checks the Python itself, and the variables that add modules from outside the environment.

A family is a group of related checks, and a finding is one problem or difference that a check reports. A door is a way
to reach an environment, for example a container. The toolchain file lists which versions of each tool the project
allows, and which tools may differ between doors.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from envparity.judge import installation
from envparity.judge.comparison import Comparison
from envparity.judge.family import Family
from envparity.judge.findings import Finding
from envparity.judge.rules import Rules, Severity
from envparity.judge.subject import Subject
from envparity.snapshot.types import Interpreter
from envparity.text import some

RULES = Rules("interpreter")
INTERPRETER_SERIES = RULES.error(
    "interpreter-series",
    title="a different Python",
    meaning="The version of Python is outside the range that pyproject.toml or the toolchain file allows. Or the "
    "implementation, minor version or platform of Python differs between doors: for example, one door runs CPython "
    "3.11 and another runs CPython 3.12. CPython 3.13t, which is free-threaded, differs from CPython 3.13, too. "
    "Installers choose wheels by these values, so the difference can cause other findings.",
    fix="Recreate the environment with a Python in the allowed range, and with the same Python in each door.",
)
INTERPRETER_PATCH = RULES.error(
    "interpreter-patch",
    title="a different patch level of Python",
    meaning="The doors run different patch levels of one Python, for example 3.11.2 and 3.11.9. A marker on "
    "python_full_version can then select different distributions. The finding is a note if the toolchain file "
    "declares that the patch level may differ.",
    fix="Use the same interpreter in each door, or declare in the toolchain file that the patch level may differ, "
    "with a reason.",
    compared=True,
)
INTERPRETER_REPLACED = RULES.error(
    "interpreter-replaced",
    title="an environment of another Python version",
    meaning="The virtual environment was made with one minor version of Python, and its bin/python now starts another "
    "minor version. For example, the environment has its distributions in lib/python3.11/site-packages, and an upgrade "
    "of the system replaced Python 3.11 by 3.13. Python 3.13 looks only in lib/python3.13/site-packages, so it cannot "
    "import these distributions. The finding is a note if pyvenv.cfg has the new version, and the site folder of the "
    "new version also has distributions other than pip, setuptools and wheel.",
    fix="Recreate the environment with the Python that you want, for example `python3.13 -m venv --clear FOLDER`. Then "
    "install again from the lock.",
)
NOTHING_INSTALLED = RULES.error(
    "nothing-installed",
    title="an environment in which nothing is installed",
    meaning="envparity found no installed distribution, so it could check nothing. Perhaps the door leads to another "
    "environment than you think. This code does not apply if the lock is empty too.",
    fix="Name the folder of the environment that you use, for example .venv, or install the distributions.",
)
SCRIPT_ELSEWHERE = RULES.error(
    "script-elsewhere",
    title="scripts of another environment",
    meaning="These scripts contain the path of an environment: in their first line, which names the Python that runs "
    "the script, or in the script `activate`. The path leads to another environment, or it does not exist. This "
    "happens if somebody moves or copies a virtual environment.",
    fix="Recreate the environment in its new folder. `uv venv --relocatable` makes an environment that you can move.",
)
PATH_HIDDEN = RULES.note(
    "path-hidden",
    title="modules from outside the environment",
    meaning="PYTHONPATH, PYTHONHOME or the user's site folder adds modules that are not in the environment. envparity "
    "starts Python with -I and does not see these modules. A program that starts without -I imports them.",
    fix="Unset the variable, or start programs with `python -I`. For the user's site folder, `python -s` also helps.",
)
HOME_FOREIGN = RULES.error(
    "home-foreign",
    title="pyvenv.cfg names another installation",
    meaning="In pyvenv.cfg, the entry `home` decides which standard library Python uses. Here `home` names a folder "
    "without a Python, or bin/python leads to another installation. Somebody changed pyvenv.cfg or bin/python "
    "after the environment was made, or the Python that the environment was made from is gone.",
    fix="Recreate the environment.",
)
_ACTIVATE = "scripts/activate"
SEEDS = frozenset({"pip", "setuptools", "wheel"})
"""The distributions that `python -m venv` or virtualenv may put into a new environment."""


def check(subject: Subject) -> Iterator[Finding]:
    """Yield findings about the version of Python, pyvenv.cfg, scripts of another Python, and PYTHONPATH."""
    python = subject.snapshot.interpreter
    expected = subject.config.tool("python", subject.track)
    if expected and not expected.allows(python.version):
        place = "pyproject.toml" if subject.track in subject.config.pythons else "the toolchain file"
        yield subject.finding(
            INTERPRETER_SERIES,
            f"expected Python {expected.versions} ({place}), found {python.implementation} {python.version}",
        )
    replaced = list(_replaced(subject))
    if not replaced and python.home in ("other", "missing"):
        paths = subject.snapshot.located.interpreter
        found = "none" if python.home == "missing" else paths.get("binary")
        message = f"pyvenv.cfg: expected a Python from the folder of the entry home, {paths.get('home')}; found {found}"
        yield subject.finding(HOME_FOREIGN, message, paths=["data/pyvenv.cfg"])
    yield from replaced
    yield from _scripts(subject)
    for name, value in subject.snapshot.located.hidden.items():
        what = "the user's site folder" if name == "user site" else name
        message = f"{what} is '{value}': Python imports modules from there, unless it starts with -I"
        yield subject.finding(PATH_HIDDEN, message)


def _replaced(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if the environment's Python was replaced, or if nothing is installed in the environment."""
    python, snapshot = subject.snapshot.interpreter, subject.snapshot
    made = re.match(r"\d+\.\d+", python.made_for or "")
    other = made is not None and made[0] != python.series
    own = {canonicalize_name(one.name) for one in snapshot.distributions if one.metadata.startswith("site/")}
    if python.other_sites or (other and not own):
        before = f"the environment was made with Python {made[0]}" if made and other else "the Python was replaced"
        there = f", which imports nothing from {some(python.other_sites)}" if python.other_sites else ""
        yield subject.finding(
            INTERPRETER_REPLACED,
            f"{before}, and bin/python is now Python {python.version}{there}",
            severity=Severity.ERROR if other or own <= SEEDS else Severity.NOTE,
        )
    elif not snapshot.distributions and (subject.lock is None or subject.pins):
        site = snapshot.located.sites.get("site", "the site folder")
        yield subject.finding(NOTHING_INSTALLED, f"expected installed distributions, found none in {site}")


def _scripts(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each other environment whose path is in scripts of this environment."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path, file in subject.snapshot.files.items():
        if file.python:
            started = subject.snapshot.located.scripts.get(path, "another Python")
            # An activation script has the path of an environment. The other scripts have the path of a Python in `bin`.
            folder = started if path == _ACTIVATE else started.rpartition("/")[0].rpartition("/")[0]
            groups[folder, file.python].append(path)
    for (folder, state), paths in sorted(groups.items()):
        starting = [path for path in sorted(paths) if path != _ACTIVATE]
        started = subject.snapshot.located.scripts[starting[0]] if starting else folder
        verb = ("start" if len(starting) > 1 else "starts") if starting else "activates"
        there = "does not exist" if state == "gone" else "is not in this environment"
        message = f"{some(starting or paths)} {verb} {started}, which {there}"
        owners = sorted({owner for path in paths for owner in subject.snapshot.files[path].claims})
        yield subject.finding(SCRIPT_ELSEWHERE, message, paths=sorted(paths), distributions=owners)


def compare(doors: Comparison) -> Iterator[Finding]:
    """Yield findings about doors whose Pythons differ in series, platform, patch level or build.

    Also yield findings about files of Python that differ between doors with the same build of Python.
    """
    pythons = [subject.snapshot.interpreter for subject in doors.subjects]
    flags = [_flags(one) for one in pythons]
    known = flags if None not in flags else [""] * len(flags)
    kinds = [
        f"{one.implementation} {one.series}{flag} {one.platform}" for one, flag in zip(pythons, known, strict=True)
    ]
    if len(set(kinds)) > 1:
        yield doors.unequal(INTERPRETER_SERIES, "expected the same Python", kinds)
    if doors.patch_levels_differ:
        yield doors.unequal(INTERPRETER_PATCH, "expected the same Python", [one.version for one in pythons], "python")
    yield from installation.compare(doors)


def _flags(python: Interpreter) -> str | None:
    """Return the flags in CPython's ABI tag, for example `t` (free-threaded) or `d` (debug); None if they are unknown.

    A Python without such a flag cannot import extension modules for a Python of the same series with the flag.
    """
    found = re.match(r"(?:cpython-|cp)\d+([a-z]*)", python.abi or "")
    return found[1] if found else None


FAMILY = Family(Rules("interpreter", [*RULES, *installation.RULES]), check, compare)
