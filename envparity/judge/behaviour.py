"""The behaviour family: compares the results of behaviour checks with pyproject.toml, and between doors.

A family is a group of related checks, and a finding is one problem or difference that a check reports. A behaviour
check is a small program in pyproject.toml that runs in each environment. A door is a way to reach an environment, for
example a container.
"""

from collections.abc import Iterator, Sequence

from envparity.judge.comparison import Comparison
from envparity.judge.family import Family
from envparity.judge.findings import Finding
from envparity.judge.rules import Rules
from envparity.judge.subject import Subject


def _any_asked(subjects: Sequence[Subject]) -> bool:
    return any(subject.snapshot.behaviour for subject in subjects)


def _all_asked(subjects: Sequence[Subject]) -> bool:
    return all(subject.snapshot.behaviour for subject in subjects)


RULES = Rules("behaviour")
BEHAVIOUR_FAILED = RULES.error(
    "behaviour-failed",
    title="a behaviour check failed",
    meaning="One of the behaviour checks that the project declares in pyproject.toml raised an error or ended its "
    "process in this environment.",
    fix="Read the error. The findings of the other families usually show the cause of the error.",
    possible=_any_asked,
)
BEHAVIOUR_UNEXPECTED = RULES.error(
    "behaviour-unexpected",
    title="a behaviour check gave an unexpected result",
    meaning="One of the project's behaviour checks gave a different result than pyproject.toml expects.",
    fix="Find out which distribution computes the result: run `envparity why NAME` with the name that the check "
    "imports.",
    possible=_any_asked,
)
BEHAVIOUR_DIFFERS = RULES.error(
    "behaviour-differs",
    title="a behaviour check gave different results",
    meaning="One of the project's behaviour checks gave different results in the doors.",
    fix="Look at the findings about files and distributions first. These findings usually show the cause.",
    compared=True,
    possible=_all_asked,
)


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each behaviour check that failed or gave an unexpected result."""
    expected = {one.name: one.expected(subject.track) for one in subject.config.behaviour}
    for name, result in subject.snapshot.behaviour.items():
        if result.error is not None:
            yield subject.finding(BEHAVIOUR_FAILED, f"{name}: {result.error}", distributions=[name])
        elif expected.get(name) is not None and result.value != expected[name]:
            message = f"{name}: expected {expected[name]}, found {result.value}"
            yield subject.finding(BEHAVIOUR_UNEXPECTED, message, distributions=[name])


def compare(doors: Comparison) -> Iterator[Finding]:
    """Yield a finding for each behaviour check whose results differ between doors.

    Yield nothing if at least one door did not run the checks.
    """
    if not _all_asked(doors.subjects):
        return
    for name in sorted({name for subject in doors.subjects for name in subject.snapshot.behaviour}):
        results = [subject.snapshot.behaviour.get(name) for subject in doors.subjects]
        values = ["not run" if one is None else one.value or f"error {one.error}" for one in results]
        if len(set(values)) > 1:
            message = f"{name}: expected the same result in each door, found: {doors.by_value(values)}"
            yield doors.finding(BEHAVIOUR_DIFFERS, message, distributions=[name])


FAMILY = Family(RULES, check, compare)
