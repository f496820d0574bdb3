"""The interpreter family: checks the Python itself, and the variables that add modules from outside the environment."""

from collections.abc import Iterator

from envparity.judge.comparison import Comparison
from envparity.judge.family import Family
from envparity.judge.findings import Finding
from envparity.judge.rules import Rules
from envparity.judge.subject import Subject

RULES = Rules("interpreter")
INTERPRETER_SERIES = RULES.error(
    "interpreter-series",
    title="another Python",
    meaning="Implementation, minor version, ABI or platform is not the expected one, or not the same in every door. "
    "Wheels are chosen by these, so everything else may differ in consequence.",
    fix="Make the environment with the Python that the toolchain file names.",
)
INTERPRETER_PATCH = RULES.error(
    "interpreter-patch",
    title="another patch level of Python",
    meaning="The doors run different patch levels of one Python. A marker on python_full_version can then select "
    "another set of distributions. A note where the toolchain file declares that the patch level may differ.",
    fix="Use the same interpreter in each door, or declare the difference with its reason in the toolchain file.",
    compared=True,
)
PATH_HIDDEN = RULES.note(
    "path-hidden",
    title="modules from elsewhere",
    meaning="PYTHONPATH, PYTHONHOME or the user's own site folder adds modules that are not in the environment. The "
    "snapshot, taken with -I, does not see them; a program started without -I does.",
    fix="Unset the variable, or start programs with -I or -s.",
)


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if the toolchain file does not allow this Python, and one for each variable that adds modules."""
    python = subject.snapshot.interpreter
    expected = subject.config.tools.get("python")
    if expected and not expected.allows(python.version):
        yield subject.finding(
            INTERPRETER_SERIES,
            f"expected Python {expected.versions} (the toolchain file), found {python.implementation} {python.version}",
        )
    for name, value in subject.snapshot.located.hidden.items():
        message = f"{name} is {value}: what is there is imported unless Python is started with -I"
        yield subject.finding(PATH_HIDDEN, message)


def compare(doors: Comparison) -> Iterator[Finding]:
    """Yield a finding if series or platform differ between doors, and one if patch levels of one series differ."""
    pythons = [subject.snapshot.interpreter for subject in doors.subjects]
    kinds = [f"{one.implementation} {one.series} {one.platform}" for one in pythons]
    if len(set(kinds)) > 1:
        yield doors.unequal(INTERPRETER_SERIES, "expected one Python", kinds)
    if doors.patch_levels_differ:
        yield doors.unequal(INTERPRETER_PATCH, "expected one Python", [one.version for one in pythons], "python")


FAMILY = Family(RULES, check, compare)
