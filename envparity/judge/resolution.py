"""What is installed, against the lock, against its own requirements, and against being installed twice."""

from collections import defaultdict
from collections.abc import Iterator

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from envparity.judge.codes import Code, Severity
from envparity.judge.findings import Finding, finding
from envparity.judge.graph import holds, parsed
from envparity.judge.subject import Subject
from envparity.project.locks.lock import Pin
from envparity.snapshot.types import Distribution


def check(subject: Subject) -> Iterator[Finding]:
    """All of this family for one environment."""
    if subject.lock is None:
        yield finding(Code.UNLOCKED, "no lock to hold the environment against", doors=[subject.door])
    else:
        yield from _against_lock(subject)
    yield from _twice(subject)
    yield from _requirements(subject)


def _against_lock(subject: Subject) -> Iterator[Finding]:
    installed = subject.snapshot.by_name
    origin = subject.lock.origin.rsplit("/", 1)[-1] if subject.lock else ""
    for name, pin in sorted(subject.pins.items()):
        found = installed.get(name)
        wanted = f"{pin.name} {pin.version}" if pin.version else f"{pin.name} of {pin.url}"
        if found is None:
            yield finding(
                Code.LOCK_MISSING,
                f"expected {wanted} ({origin}), found none",
                distributions=[name],
                doors=[subject.door],
            )
            continue
        if pin.version is not None and not _same(found.version, pin.version):
            yield finding(
                Code.LOCK_VERSION,
                f"expected {wanted} ({origin}), found {found.label}",
                paths=[found.metadata],
                distributions=[name],
                doors=[subject.door],
            )
        yield from _source(subject, found, pin, wanted, origin)
    for name, found in sorted(installed.items()):
        if name not in subject.pins:
            yield finding(
                Code.LOCK_EXTRA,
                f"expected only what {origin} pins for this interpreter, found {found.label}",
                paths=[found.metadata],
                distributions=[name],
                doors=[subject.door],
            )


def _source(subject: Subject, found: Distribution, pin: Pin, wanted: str, origin: str) -> Iterator[Finding]:
    """Where a locked distribution came from."""
    url = str((found.direct_url or {}).get("url", ""))
    commit = str((found.direct_url or {}).get("commit", ""))
    there = f"{url}@{commit}" if commit else url
    if pin.url is not None:
        as_pinned = commit != "" and commit in pin.url
        if not as_pinned:
            yield _other_source(subject, found, wanted, origin, there or "a release")
    elif found.editable or found.direct_url is not None:
        yield _other_source(subject, found, wanted, origin, "an editable install" if found.editable else there)
    strange = sorted(found.artefact_hashes - pin.hashes)
    if pin.hashes and strange:
        yield finding(
            Code.LOCK_ARTEFACT,
            f"expected an artefact of {wanted} that {origin} has the hash of, found {strange[0]}",
            paths=[found.metadata],
            distributions=[pin.name],
            doors=[subject.door],
        )


def _other_source(subject: Subject, found: Distribution, wanted: str, origin: str, said: str) -> Finding:
    return finding(
        Code.LOCK_SOURCE,
        f"expected {wanted} as {origin} pins it, found {found.label} from {said}",
        paths=[found.metadata],
        distributions=[canonicalize_name(found.name)],
        doors=[subject.door],
    )


def _same(found: str | None, wanted: str) -> bool:
    try:
        return found is not None and Version(found) == Version(wanted)
    except ValueError:  # no version, or of more digits than Python reads
        return found == wanted


def _twice(subject: Subject) -> Iterator[Finding]:
    folders: dict[str, list[Distribution]] = defaultdict(list)
    for one in subject.snapshot.distributions:
        folders[canonicalize_name(one.name)].append(one)
    for name, several in sorted(folders.items()):
        # An editable install is an egg-link beside the egg-info that it names.
        places = sorted({one.metadata for one in several if one.format != "egg-link"})
        if len(places) < 2:
            continue
        sites = [place.partition("/")[0] for place in places]
        if set(sites) <= set(subject.snapshot.interpreter.managed_sites):
            continue
        yield finding(
            Code.DISTRIBUTION_TWICE,
            f"expected {name} once, found {', '.join(places)}",
            paths=places,
            distributions=[name],
            doors=[subject.door],
            severity=Severity.ERROR if len(set(sites)) < len(sites) else Severity.NOTE,
        )


def _requirements(subject: Subject) -> Iterator[Finding]:
    """What `pip check` would find, and whether the lock decided it so."""
    environment = subject.snapshot.marker_environment
    installed = subject.snapshot.by_name
    for name, one in sorted(installed.items()):
        if one.requires_python and not _contains(one.requires_python, subject.snapshot.interpreter.version):
            yield finding(
                Code.PYTHON_UNMET,
                f"{one.label} is for Python {one.requires_python}, found {subject.snapshot.interpreter.version}",
                paths=[one.metadata],
                distributions=[name],
                doors=[subject.door],
            )
        for text in one.requires:
            requirement = parsed(text)
            applies = requirement and holds(requirement.marker, environment)
            if requirement is None or applies is None:
                yield finding(
                    Code.METADATA_BROKEN,
                    f"{one.label} requires {text!r}, which is no requirement",
                    paths=[one.metadata],
                    distributions=[name],
                    doors=[subject.door],
                )
                continue
            if not applies:
                continue
            wanted = canonicalize_name(requirement.name)
            other = installed.get(wanted)
            if other is not None and (other.version is None or _contains(str(requirement.specifier), other.version)):
                continue
            locked = all(
                pin is not None and found is not None and _same(found.version, pin.version or "")
                for pin, found in ((subject.pins.get(name), one), (subject.pins.get(wanted), other))
            )
            said = f"found {other.label}" if other else "which is not installed"
            yield finding(
                Code.REQUIREMENT_UNMET,
                f"{one.label} requires {requirement.name}{requirement.specifier}, {said}",
                paths=[one.metadata],
                distributions=[name, wanted],
                doors=[subject.door],
                severity=Severity.NOTE if locked else Severity.ERROR,
            )


def _contains(specifier: str, version: str) -> bool:
    """Whether a version is allowed; what neither side can read is not held against it."""
    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except ValueError:
        return True
