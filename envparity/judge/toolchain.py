"""The toolchain family: compares tools with the ranges of the toolchain file, and between doors.

A family is a group of related checks, and a finding is one problem or difference that a check reports. A door is a way
to reach an environment, for example a container. The toolchain file lists which versions of each tool the project
allows, and which tools may differ between doors.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from packaging.version import Version

from envparity.judge.comparison import Comparison
from envparity.judge.family import Family
from envparity.judge.findings import Finding
from envparity.judge.rules import Rules, Severity
from envparity.judge.subject import Subject

RULES = Rules("toolchain")
TOOLCHAIN_RANGE = RULES.error(
    "toolchain-range",
    title="a tool outside its range",
    meaning="The tool's version is not in the range that the toolchain file allows.",
    fix="Install a version in the range, or change the range in the toolchain file and give the reason.",
)
TOOLCHAIN_MISSING = RULES.note(
    "toolchain-missing",
    title="a tool that is not installed",
    meaning="The toolchain file names a tool that this door does not have. If a build needs this tool, this door "
    "cannot run the build. A tool in the list `without` of the door's table in the toolchain file is no finding.",
    fix="If you build something with the Python of this door, install the tool. If the door is not meant to have the "
    "tool, add the tool to the list `without` of the table `[doors.NAME]` in the toolchain file.",
)
TOOLCHAIN_EXTRA = RULES.note(
    "toolchain-extra",
    title="a tool that the door is not meant to have",
    meaning="The toolchain file says that this door is without the tool, but the door has the tool. For example, the "
    "image of a release contains the compiler of its build.",
    fix="Remove the tool from the door, or remove its name from the list `without` in the toolchain file.",
)
TOOLCHAIN_DIFFERS = RULES.error(
    "toolchain-differs",
    title="different versions of a tool",
    meaning="A tool of the toolchain file has different versions in the doors, or some doors do not have it. The "
    "finding is a note if the toolchain file declares that the tool may differ. For a tool that the toolchain file "
    "does not name, different versions are a note, and a door without the tool is no finding.",
    fix="Install the same version in each door, or declare in the toolchain file that the tool may differ, with a "
    "reason.",
    compared=True,
)
_NUMBER = re.compile(r"\d+(?:\.\d+)+")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each tool of the toolchain file that is missing or out of range.

    Also yield a finding for each tool that the door has, but is not meant to have.
    """
    without = subject.config.without(subject.door)
    for name, tool in sorted(subject.config.tools.items()):
        if name not in subject.snapshot.toolchain:
            continue
        found = subject.snapshot.toolchain[name]
        if name in without:
            if found is not None:
                message = f"expected no {name} behind this door (the toolchain file), found {found}"
                yield subject.finding(TOOLCHAIN_EXTRA, message, distributions=[name])
        elif found is None:
            message = f"expected {name} {tool.versions or ''}".rstrip() + " (the toolchain file), found none"
            yield subject.finding(TOOLCHAIN_MISSING, message, distributions=[name])
        elif not tool.allows(version_in(found)):
            message = f"expected {name} {tool.versions} (the toolchain file), found {found}"
            yield subject.finding(TOOLCHAIN_RANGE, message, distributions=[name])


def compare(doors: Comparison) -> Iterator[Finding]:
    """Yield a finding for each tool whose version differs between the doors that are meant to have the tool.

    Doors whose Python did not run do not count, because their tools are unknown. A tool without an entry in the
    toolchain file may be missing in a door: for example, a runtime image has no compiler.
    """
    doors = doors.running
    tools = doors.subjects[0].config.tools if doors.subjects else {}
    for name in sorted({name for subject in doors.subjects for name in subject.snapshot.toolchain}):
        versions = [subject.snapshot.toolchain.get(name) for subject in doors.subjects]
        meant = [
            version
            for subject, version in zip(doors.subjects, versions, strict=True)
            if name not in subject.config.without(subject.door) and (name in tools or version is not None)
        ]
        if len(set(meant)) > 1:
            found = doors.unequal(TOOLCHAIN_DIFFERS, f"expected the same {name}", versions, name, distributions=[name])
            yield found if name in tools else replace(found, severity=Severity.NOTE)


def version_in(text: str) -> str:
    """Return the version in a tool's output: the last number with a dot; `0` if the output has no such number.

    For example, return `12.2.0` for `gcc (Debian 12.2.0-14) 12.2.0`.
    """
    found = _NUMBER.findall(text)
    try:
        return str(Version(found[-1])) if found else "0"
    except ValueError:  # not a version, or a number with more digits than Python converts
        return "0"


FAMILY = Family(RULES, check, compare)
