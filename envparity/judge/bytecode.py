"""The bytecode family: checks each bytecode file against the source that it was compiled from.

A family is a group of related checks, and a finding is one problem or difference that a check reports.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from envparity.judge.family import Family
from envparity.judge.findings import Finding
from envparity.judge.rules import Rule, Rules, Severity
from envparity.judge.subject import Subject
from envparity.text import some


def _recompiled(subjects: Sequence[Subject]) -> bool:
    return any(subject.snapshot.bytecode == "recompiled" for subject in subjects)


RULES = Rules("bytecode")
BYTECODE_STALE = RULES.note(
    "bytecode-stale",
    title="bytecode that does not belong to its source",
    meaning="The bytecode contains the time and size, or the hash, of the source from which it was compiled. The "
    "installed source has another time, size or hash. Usually Python notices the difference and compiles the source "
    "again, so the finding is a note. For example, a wheel contains bytecode, and the installer gave the source "
    "another time. If the bytecode is marked `unchecked-hash`, Python does not look at the source and runs the "
    "bytecode, so the finding is an error.",
    fix="Delete the `__pycache__` folder.",
)
BYTECODE_ALTERED = RULES.error(
    "bytecode-altered",
    title="bytecode that does not match its source",
    meaning="The bytecode claims to belong to the installed source, but this interpreter compiles that source to "
    "different bytecode. Python runs the bytecode, and not the source. envparity makes this check only with "
    "--bytecode.",
    fix="Delete the `__pycache__` folder, and find out which program wrote the bytecode.",
    possible=_recompiled,
)
BYTECODE_ORPHAN = RULES.note(
    "bytecode-orphan",
    title="bytecode without its source",
    meaning="The source of this file in `__pycache__` is missing. Python ignores the file.",
    fix="Delete the file.",
)
BYTECODE_BROKEN = RULES.note(
    "bytecode-broken",
    title="bytecode that this interpreter cannot use",
    meaning="The file has the name of this interpreter's bytecode, but it is too short or has another format. Python "
    "compiles the source again.",
    fix="Delete the file.",
)
_STATES: dict[str, tuple[Rule, Severity, str]] = {
    "timestamp:stale": (
        BYTECODE_STALE,
        Severity.NOTE,
        "compiled from a source of another time or size; Python compiles the source again",
    ),
    "checked-hash:stale": (
        BYTECODE_STALE,
        Severity.NOTE,
        "compiled from a different source; Python compiles the source again",
    ),
    "unchecked-hash:stale": (BYTECODE_STALE, Severity.ERROR, "compiled from a different source, and Python runs it"),
    "orphan": (BYTECODE_ORPHAN, Severity.NOTE, "its source is missing"),
    "broken": (BYTECODE_BROKEN, Severity.NOTE, "too short to be bytecode"),
    "other-magic": (BYTECODE_BROKEN, Severity.NOTE, "not in this interpreter's bytecode format"),
}


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each bad state of bytecode, for example `orphan`, with all files in that state.

    Altered bytecode of the standard library is a separate finding.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for path, file in subject.notable.items():
        if file.bytecode is not None and not file.bytecode.endswith(":fresh"):
            found[file.bytecode].append(path)
    for state, paths in sorted(found.items()):
        if state.endswith(":altered"):
            rule, severity, words = BYTECODE_ALTERED, Severity.ERROR, "not what its source compiles to"
        elif state in _STATES:
            rule, severity, words = _STATES[state]
        elif state.startswith("broken"):
            rule, severity, words = BYTECODE_BROKEN, Severity.NOTE, "flags that no Python writes"
        else:
            continue
        yield subject.finding(rule, f"{some(paths)}: {words}", paths=paths, severity=severity)
    library = [
        f"stdlib/{folder}/{name}"
        for folder, names in subject.snapshot.standard_library.items()
        for name, value in names.items()
        if value.startswith("altered:")
    ]
    if library:
        yield subject.finding(BYTECODE_ALTERED, f"{some(library)}: not what its source compiles to", paths=library)


FAMILY = Family(RULES, check)
