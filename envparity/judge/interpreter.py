"""The Python itself, and what would add modules to it unseen."""

from collections.abc import Iterator

from envparity.judge.codes import Code
from envparity.judge.findings import Finding, finding
from envparity.judge.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """The interpreter against the toolchain file, and its hidden ways in."""
    python = subject.snapshot.interpreter
    expected = subject.config.tools.get("python")
    if expected and not expected.allows(python.version):
        yield finding(
            Code.INTERPRETER_SERIES,
            f"expected Python {expected.versions} (the toolchain file), found {python.implementation} {python.version}",
            doors=[subject.door],
        )
    for name, value in subject.snapshot.located.hidden.items():
        yield finding(
            Code.PATH_HIDDEN,
            f"{name} is {value}: what is there is imported unless Python is started with -I",
            doors=[subject.door],
        )
