"""The bytecode family: checks each bytecode file against the source that it was compiled from."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from envparity.judge.family import Family
from envparity.judge.findings import Finding, some
from envparity.judge.rules import Rule, Rules, Severity
from envparity.judge.subject import Subject


def _recompiled(subjects: Sequence[Subject]) -> bool:
    return any(subject.snapshot.bytecode == "recompiled" for subject in subjects)


RULES = Rules("bytecode")
BYTECODE_STALE = RULES.note(
    "bytecode-stale",
    title="bytecode of another source",
    meaning="The bytecode says that it was compiled from other source than the source next to it. Python compiles it "
    "again, except for unchecked bytecode, which it runs: that is an error.",
    fix="Delete the `__pycache__` folder.",
)
BYTECODE_ALTERED = RULES.error(
    "bytecode-altered",
    title="bytecode that its source does not compile to",
    meaning="The bytecode says that it belongs to the source next to it, and this interpreter compiles that source to "
    "something else. Python runs the bytecode. Found with --bytecode only.",
    fix="Delete the `__pycache__` folder and find out who wrote there.",
    possible=_recompiled,
)
BYTECODE_ORPHAN = RULES.note(
    "bytecode-orphan",
    title="bytecode without its source",
    meaning="A file in `__pycache__` whose source is gone; Python ignores it.",
    fix="Delete it.",
)
BYTECODE_BROKEN = RULES.note(
    "bytecode-broken",
    title="bytecode that this interpreter cannot use",
    meaning="The file is named as this interpreter's bytecode and is too short or of another format; Python compiles "
    "the source again.",
    fix="Delete it.",
)
_STALE = (BYTECODE_STALE, Severity.NOTE, "was compiled from other source; Python compiles it again")
_STATES: dict[str, tuple[Rule, Severity, str]] = {
    "timestamp:stale": _STALE,
    "checked-hash:stale": _STALE,
    "unchecked-hash:stale": (BYTECODE_STALE, Severity.ERROR, "was compiled from other source, and Python runs it"),
    "orphan": (BYTECODE_ORPHAN, Severity.NOTE, "has no source beside it"),
    "broken": (BYTECODE_BROKEN, Severity.NOTE, "is cut short"),
    "other-magic": (BYTECODE_BROKEN, Severity.NOTE, "is of another format than this interpreter's"),
}


def check(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each state of bytecode other than fresh, with all files in that state."""
    found: dict[str, list[str]] = defaultdict(list)
    for path, file in subject.notable.items():
        if file.bytecode is not None and not file.bytecode.endswith(":fresh"):
            found[file.bytecode].append(path)
    for state, paths in sorted(found.items()):
        if state.endswith(":altered"):
            rule, severity, words = BYTECODE_ALTERED, Severity.ERROR, "is not what its source compiles to"
        elif state in _STATES:
            rule, severity, words = _STATES[state]
        elif state.startswith("broken"):
            rule, severity, words = BYTECODE_BROKEN, Severity.NOTE, "has flags that no Python writes"
        else:
            continue
        yield subject.finding(rule, f"{some(paths)} {words}", paths=paths, severity=severity)


FAMILY = Family(RULES, check)
