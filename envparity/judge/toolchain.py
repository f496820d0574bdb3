"""The tools against the ranges of the toolchain file."""

import re
from collections.abc import Iterator

from packaging.version import Version

from envparity.judge.codes import Code
from envparity.judge.findings import Finding, finding
from envparity.judge.subject import Subject

_NUMBER = re.compile(r"\d+(?:\.\d+)+")


def check(subject: Subject) -> Iterator[Finding]:
    """Each tool that the toolchain file names, Python apart."""
    for name, tool in sorted(subject.config.tools.items()):
        if name not in subject.snapshot.toolchain:
            continue
        found = subject.snapshot.toolchain[name]
        if found is None:
            yield finding(
                Code.TOOLCHAIN_MISSING,
                f"expected {name} {tool.versions or ''}".rstrip() + " (the toolchain file), found none",
                distributions=[name],
                doors=[subject.door],
            )
        elif not tool.allows(number(found)):
            yield finding(
                Code.TOOLCHAIN_RANGE,
                f"expected {name} {tool.versions} (the toolchain file), found {found}",
                distributions=[name],
                doors=[subject.door],
            )


def number(said: str) -> str:
    """The version in what a tool says of itself: the last number with a dot (`gcc (Debian 12.2.0-14) 12.2.0`)."""
    found = _NUMBER.findall(said)
    try:
        return str(Version(found[-1])) if found else "0"
    except ValueError:  # no version, or of more digits than Python reads
        return "0"
