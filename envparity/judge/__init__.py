"""What one environment can be found to have wrong, a module for each family."""

from collections.abc import Iterator

from envparity.judge import behaviour, built, bytecode, integrity, interpreter, ownership, resolution, toolchain
from envparity.judge.findings import Finding, accept, in_order
from envparity.judge.subject import Subject

CHECKS = (
    interpreter.check,
    resolution.check,
    integrity.check,
    ownership.check,
    bytecode.check,
    built.check,
    toolchain.check,
    behaviour.check,
)


def check(subject: Subject) -> list[Finding]:
    """All findings of one environment, those that the project accepts marked, errors first."""
    return in_order(accept(_all(subject), subject.config.accept))


def _all(subject: Subject) -> Iterator[Finding]:
    for one in CHECKS:
        yield from one(subject)
