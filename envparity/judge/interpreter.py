"""The interpreter family: checks the Python itself, and the variables that add modules from outside the environment.

A family is a group of related checks, and a finding is one problem or difference that a check reports. A door is a way
to reach an environment, for example a container. The toolchain file lists which versions of each tool the project
allows, and which tools may differ between doors.
"""

from collections.abc import Iterator

from envparity.judge import installation
from envparity.judge.comparison import Comparison
from envparity.judge.family import Family
from envparity.judge.findings import Finding
from envparity.judge.rules import Rules
from envparity.judge.subject import Subject

RULES = Rules("interpreter")
INTERPRETER_SERIES = RULES.error(
    "interpreter-series",
    title="a different Python",
    meaning="The implementation, minor version, ABI or platform of Python is outside the range of the toolchain file, "
    "or differs between doors. For example, one door runs CPython 3.11 and another runs CPython 3.12. Installers "
    "choose wheels by these values, so this difference can cause other findings.",
    fix="Recreate the environment with the Python that the toolchain file names.",
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
PATH_HIDDEN = RULES.note(
    "path-hidden",
    title="modules from outside the environment",
    meaning="PYTHONPATH, PYTHONHOME or the user's site folder adds modules that are not in the environment. envparity "
    "starts Python with -I and does not see these modules. A program that starts without -I imports them.",
    fix="Unset the variable, or start programs with `python -I` or `python -s`.",
)
HOME_FOREIGN = RULES.error(
    "home-foreign",
    title="pyvenv.cfg names another installation",
    meaning="The entry home of pyvenv.cfg chooses the standard library that runs. Here it names a folder without "
    "a Python, or bin/python leads to another installation. Somebody changed pyvenv.cfg or bin/python "
    "after the environment was made, or the Python that the environment was made from is gone.",
    fix="Recreate the environment.",
)


def check(subject: Subject) -> Iterator[Finding]:
    """Yield findings about the version of Python, about pyvenv.cfg, and about variables that add modules."""
    python = subject.snapshot.interpreter
    expected = subject.config.tools.get("python")
    if expected and not expected.allows(python.version):
        yield subject.finding(
            INTERPRETER_SERIES,
            f"expected Python {expected.versions} (the toolchain file), found {python.implementation} {python.version}",
        )
    if python.home in ("other", "missing"):
        paths = subject.snapshot.located.interpreter
        found = "which has no Python" if python.home == "missing" else f"but the executable is {paths.get('binary')}"
        message = (
            f"pyvenv.cfg: expected home to be the folder of the Python that runs, found {paths.get('home')}, {found}"
        )
        yield subject.finding(HOME_FOREIGN, message, paths=["data/pyvenv.cfg"])
    for name, value in subject.snapshot.located.hidden.items():
        message = f"{name} is {value}: Python imports modules from there, unless it starts with -I"
        yield subject.finding(PATH_HIDDEN, message)


def compare(doors: Comparison) -> Iterator[Finding]:
    """Yield a finding if series or platform differ between doors, and another if patch levels of a series differ."""
    pythons = [subject.snapshot.interpreter for subject in doors.subjects]
    kinds = [f"{one.implementation} {one.series} {one.platform}" for one in pythons]
    if len(set(kinds)) > 1:
        yield doors.unequal(INTERPRETER_SERIES, "expected the same Python", kinds)
    if doors.patch_levels_differ:
        yield doors.unequal(INTERPRETER_PATCH, "expected the same Python", [one.version for one in pythons], "python")
    yield from installation.compare(doors)


FAMILY = Family(Rules("interpreter", [*RULES, *installation.RULES]), check, compare)
