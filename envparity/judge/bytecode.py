"""Bytecode against the source beside it."""

from collections import defaultdict
from collections.abc import Iterator

from envparity.judge.codes import Code, Severity
from envparity.judge.findings import Finding, finding, some
from envparity.judge.subject import Subject

_STATES: dict[str, tuple[Code, Severity, str]] = {
    "timestamp:stale": (Code.BYTECODE_STALE, Severity.NOTE, "was compiled from other source; Python compiles it again"),
    "checked-hash:stale": (
        Code.BYTECODE_STALE,
        Severity.NOTE,
        "was compiled from other source; Python compiles it again",
    ),
    "unchecked-hash:stale": (Code.BYTECODE_STALE, Severity.ERROR, "was compiled from other source, and Python runs it"),
    "orphan": (Code.BYTECODE_ORPHAN, Severity.NOTE, "has no source beside it"),
    "broken": (Code.BYTECODE_BROKEN, Severity.NOTE, "is cut short"),
    "other-magic": (Code.BYTECODE_BROKEN, Severity.NOTE, "is of another format than this interpreter's"),
}


def check(subject: Subject) -> Iterator[Finding]:
    """Each state of bytecode that is not fresh, with its files."""
    found: dict[str, list[str]] = defaultdict(list)
    for path, file in subject.notable.items():
        if file.bytecode is not None and not file.bytecode.endswith(":fresh"):
            found[file.bytecode].append(path)
    for state, paths in sorted(found.items()):
        if state.endswith(":altered"):
            code, severity, said = Code.BYTECODE_ALTERED, Severity.ERROR, "is not what its source compiles to"
        elif state in _STATES:
            code, severity, said = _STATES[state]
        elif state.startswith("broken"):
            code, severity, said = Code.BYTECODE_BROKEN, Severity.NOTE, "has flags that no Python writes"
        else:
            continue
        yield finding(code, f"{some(paths)} {said}", paths=paths, doors=[subject.door], severity=severity)
