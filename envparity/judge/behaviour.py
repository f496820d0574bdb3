"""The project's own checks: what they gave, against what pyproject.toml expects of the track."""

from collections.abc import Iterator

from envparity.judge.codes import Code
from envparity.judge.findings import Finding, finding
from envparity.judge.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Each check that failed or gave something else."""
    expected = {one.name: one.expected(subject.track) for one in subject.config.behaviour}
    for name, result in subject.snapshot.behaviour.items():
        if result.error is not None:
            yield finding(Code.BEHAVIOUR_FAILED, f"{name}: {result.error}", distributions=[name], doors=[subject.door])
        elif expected.get(name) is not None and result.value != expected[name]:
            yield finding(
                Code.BEHAVIOUR_UNEXPECTED,
                f"{name}: expected {expected[name]}, found {result.value}",
                distributions=[name],
                doors=[subject.door],
            )
