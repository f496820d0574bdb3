"""The artefacts family: compares installed files with the bytes of the wheels that the lock names.

A family is a group of related checks, and a finding is one problem or difference that a check reports. An artefact is
the wheel of one pin of the lock. The checks of this family run only with --artefacts.
"""

from collections.abc import Iterator, Sequence

from envparity.artefacts.artefact import Artefact
from envparity.judge.family import Family
from envparity.judge.findings import Finding
from envparity.judge.rules import Rules
from envparity.judge.subject import Subject
from envparity.judge.tracing import Tracing, reasons
from envparity.snapshot.types import Distribution
from envparity.text import some


def _with_artefacts(subjects: Sequence[Subject]) -> bool:
    return any(subject.artefacts is not None for subject in subjects)


RULES = Rules("artefacts")
_REINSTALL = (
    "Reinstall the distribution, for example with `pip install --force-reinstall --no-deps NAME==VERSION`, and find "
    "out which program changed the files."
)
ARTEFACT_DIFFERS = RULES.error(
    "artefact-differs",
    title="not the bytes of the wheel that the lock names",
    meaning="The installed file matches RECORD, but has other bytes than the file in the wheel. For example, somebody "
    "edited the file and wrote its new hash into RECORD. If the file is `.dist-info/WHEEL`, the distribution was "
    "perhaps built from source, although the lock names a wheel for this system.",
    fix=f"{_REINSTALL} If you build the distribution from source on purpose, add a line `--no-binary NAME` to the "
    "lock.",
    possible=_with_artefacts,
)
ARTEFACT_LACKING = RULES.error(
    "artefact-lacking",
    title="in the wheel that the lock names, but not installed",
    meaning="The wheel has this file. The file is missing from the environment, and RECORD does not list it. For "
    "example, somebody deleted the file together with its line in RECORD.",
    fix=_REINSTALL,
    possible=_with_artefacts,
)
ARTEFACT_FOREIGN = RULES.error(
    "artefact-foreign",
    title="in a RECORD, but in no wheel that the lock names",
    meaning="A RECORD lists this file as part of the distribution, but the wheel of the distribution does not have "
    "it, and no installer makes such a file. For example, somebody added a file together with a line in RECORD. If the "
    "RECORD of another distribution cannot be read, the finding also names files that no RECORD lists.",
    fix="Recreate the environment. Or delete the file and install the distribution again: `pip install "
    "--force-reinstall --no-deps NAME==VERSION`. Then find out which program added the file.",
    possible=_with_artefacts,
)
ARTEFACT_UNTRACED = RULES.note(
    "artefact-untraced",
    title="no wheel to compare with",
    meaning="envparity has no wheel to compare with, for example because the distribution was built from source or is "
    "editable. So it compared the files only with RECORD, and does not notice if somebody changed a file together with "
    "its hash in RECORD.",
    fix="Build the distribution again with the same Python, compiler and build requirements, and name the folder of "
    "the wheels with `--artefacts-from FOLDER`. Or write into [tool.envparity.rebuild] the command that builds the "
    "wheels.",
    possible=_with_artefacts,
)
ARTEFACT_UNHASHED = RULES.note(
    "artefact-unhashed",
    title="compared with a wheel that the lock has no hash of",
    meaning="The lock pins a version or a URL without a hash. envparity compared the files with the wheel that the "
    "package index or the URL offers now. So you must trust the index or the server.",
    fix="Make a lock with hashes, for example with `uv pip compile --generate-hashes`.",
    possible=_with_artefacts,
)


def check(subject: Subject) -> Iterator[Finding]:
    """Yield findings about files that do not match the artefacts, and about distributions without an artefact.

    Also yield findings about artefacts whose hash is not in the lock.
    """
    if subject.artefacts is None:
        return
    tracing = subject.tracing
    swapped: set[str] = set()
    for owner, paths in sorted(tracing.differs.items()):
        one, artefact = _of(subject, owner)
        if f"{one.metadata}/WHEEL" in paths and artefact.wheel.tags != one.tags:
            swapped.add(owner)
            yield _swapped(subject, tracing, one, artefact)
        else:
            message = (
                f"{one.label}: {some(paths)}: not the bytes in {_named(artefact)}, although the bytes match RECORD"
            )
            holds = f"not the bytes in {_named(artefact)}"
            yield subject.finding(ARTEFACT_DIFFERS, message, paths=paths, distributions=[owner], holds=holds)
    for owner, paths in sorted(tracing.lacking.items()):
        if owner not in swapped:
            one, artefact = _of(subject, owner)
            message = f"{one.label}: {some(paths)}: in {_named(artefact)}, but neither installed nor in RECORD"
            yield subject.finding(ARTEFACT_LACKING, message, paths=paths, distributions=[owner])
    for owner, paths in sorted(tracing.foreign.items()):
        if owner not in swapped:
            one, artefact = _of(subject, owner)
            message = f"{one.label}: {some(paths)}: in RECORD, but not in {_named(artefact)}"
            yield subject.finding(ARTEFACT_FOREIGN, message, paths=paths, distributions=[owner])
    if tracing.loose:
        message = f"{some(tracing.loose)}: in no wheel that the lock names"
        yield subject.finding(ARTEFACT_FOREIGN, message, paths=tracing.loose)
    yield from _untraced(subject)
    yield from _unhashed(subject)


def _of(subject: Subject, owner: str) -> tuple[Distribution, Artefact]:
    assert subject.artefacts is not None  # noqa: S101 - for mypy: `check` has tested this
    one = subject.snapshot.by_id[owner]
    return one, subject.artefacts.found[owner]


def _named(artefact: Artefact) -> str:
    return {
        "lock": "the wheel that the lock names",
        "built": "the wheel that was built again",
        "url": "the wheel at the URL in the lock",
        "index": "the wheel that the package index offers",
    }[artefact.basis]


def _swapped(subject: Subject, tracing: Tracing, one: Distribution, artefact: Artefact) -> Finding:
    """Return the finding about a distribution whose installed wheel has other compatibility tags than the artefact."""
    found = [*tracing.differs[one.id], *tracing.foreign.get(one.id, ()), *tracing.lacking.get(one.id, ())]
    message = (
        f"{one.label}: expected the wheel for {some(artefact.wheel.tags)} that the lock names, found a wheel for "
        f"{some(one.tags) or 'no tag'}; files that differ: {len(found)}"
    )
    return subject.finding(ARTEFACT_DIFFERS, message, paths=found, distributions=[one.id])


def _untraced(subject: Subject) -> Iterator[Finding]:
    assert subject.artefacts is not None  # noqa: S101 - for mypy: `check` has tested this
    for reason, found in sorted(reasons(subject.snapshot, subject.artefacts).items()):
        names = ", ".join(one.label for one in found)
        yield subject.finding(
            ARTEFACT_UNTRACED,
            f"{names}: files compared with RECORD only, because {reason}",
            paths=[one.metadata for one in found],
            distributions=[one.id for one in found],
        )


def _unhashed(subject: Subject) -> Iterator[Finding]:
    assert subject.artefacts is not None  # noqa: S101 - for mypy: `check` has tested this
    for basis, what in (("index", "the package index offers"), ("url", "the URL in the lock offers")):
        owners = [name for name, artefact in subject.artefacts.found.items() if artefact.basis == basis]
        found = [subject.snapshot.by_name[name] for name in sorted(owners)]
        if found:
            yield subject.finding(
                ARTEFACT_UNHASHED,
                f"{', '.join(one.label for one in found)}: the lock has no hash, so files were compared with the "
                f"wheel that {what}",
                paths=[one.metadata for one in found],
                distributions=[one.id for one in found],
            )


FAMILY = Family(RULES, check)
