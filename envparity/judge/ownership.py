"""Who owns what: paths and import names that more than one distribution claims, and names that are not theirs."""

from collections import defaultdict
from collections.abc import Iterator

from envparity.judge.codes import Code, Severity
from envparity.judge.findings import Finding, finding, some
from envparity.judge.subject import Subject, folder_of
from envparity.snapshot.types import File, Place

# Names that any project has for its own files. Taken at top level by a distribution, they are in everybody's way.
_COMMON = frozenset(
    "bench benchmark benchmarks bin build ci conf config contrib data demo demos dist doc docs etc example examples "
    "fixtures interop lib misc newsfragments notebooks sample samples script scripts setup share src stubs test "
    "testing tests tool tools util utils".split()
)
_CODE = ("module", "extension", "package")


def check(subject: Subject) -> Iterator[Finding]:
    """All of this family for one environment."""
    yield from _contested(subject)
    yield from _names(subject)
    yield from _shared(subject)
    for path, file in subject.notable.items():
        if file.pth == "code" and file.role is None:
            whose = some([subject.snapshot.label(owner) for owner in file.claims]) if file.claims else "nobody's"
            yield finding(
                Code.PTH_CODE,
                f"{path} ({whose}) runs code whenever this Python starts",
                paths=[path],
                distributions=list(file.claims),
                doors=[subject.door],
            )


def winner(file: File) -> tuple[str, ...]:
    """Of those who claim a path, whose bytes are there."""
    return tuple(owner for owner, verdict in file.claims.items() if verdict == "match")


def is_contested(file: File) -> bool:
    """Whether RECORDs want different bytes at one path; the same bytes twice do no harm."""
    if len(file.claims) < 2:
        return False
    wanted = {verdict for verdict in file.claims.values() if verdict not in ("unhashed", "missing", "unread")}
    return len(wanted) > 1


def _contested(subject: Subject) -> Iterator[Finding]:
    packages: dict[tuple[str, tuple[str, ...]], dict[str, File]] = defaultdict(dict)
    for path, file in subject.notable.items():
        if is_contested(file):
            packages[folder_of(path), tuple(sorted(file.claims))][path] = file
    for (package, owners), files in sorted(packages.items()):
        labels = [subject.snapshot.label(owner) for owner in owners]
        lines: list[str] = []
        winners: dict[str, list[str]] = defaultdict(list)
        for path, file in sorted(files.items()):
            there = winner(file)
            for owner in there or ("",):
                winners[owner].append(path)
            said = (
                f"the bytes of {some([subject.snapshot.label(owner) for owner in there])}"
                if there
                else "nobody's bytes"
            )
            lines.append(f"{path}: {said}")
        yield finding(
            Code.PATH_CONTESTED,
            f"{' and '.join(labels)} both claim {some(sorted(files))}; " + "; ".join(lines[:4]),
            paths=sorted(files),
            distributions=owners,
            doors=[subject.door],
            details=lines,
        )
        # Two that both won a path wrote the same bytes there; torn is when they won different ones.
        sole = {winner(file) for file in files.values()}
        if len(sole - {()}) > 1:
            whose = "; ".join(
                f"{some(paths)} from {subject.snapshot.label(owner)}"
                for owner, paths in sorted(winners.items())
                if owner
            )
            yield finding(
                Code.PACKAGE_TORN,
                f"{package} is put together from {' and '.join(labels)}: {whose}",
                paths=sorted(files),
                distributions=owners,
                doors=[subject.door],
                details=lines,
            )


def _names(subject: Subject) -> Iterator[Finding]:
    for name, found in subject.snapshot.names.items():
        code = [place for place in found.places if place.kind in _CODE]
        shadowed = False
        if found.stdlib and code:
            shadowed = True
            yield finding(
                Code.NAME_SHADOWED,
                f"{some([_whose(subject, place) for place in code])} has the name of Python's own module {name}",
                paths=[place.path for place in code],
                distributions=sorted({owner for place in code for owner in place.providers}),
                doors=[subject.door],
            )
        providers = {place.providers for place in code}
        if len(code) > 1 and len(providers) > 1:
            shadowed = True
            sites = {place.path.partition("/")[0] for place in code}
            yield finding(
                Code.NAME_SHADOWED,
                f"{name} is {' and '.join(_whose(subject, place) for place in code)}: only one of them is imported",
                paths=[place.path for place in code],
                distributions=sorted({owner for owners in providers for owner in owners}),
                doors=[subject.door],
                severity=Severity.NOTE if len(sites) == len(code) else Severity.ERROR,
            )
        if name.lower() in _COMMON and not shadowed:
            for owner in sorted({owner for place in found.places for owner in place.providers}):
                paths = [place.path for place in found.places if owner in place.providers]
                yield finding(
                    Code.TOP_LEVEL_SQUATTER,
                    f"{subject.snapshot.label(owner)} installs {some(paths)}, a name that any project may use",
                    paths=paths,
                    distributions=[owner],
                    doors=[subject.door],
                )


def _whose(subject: Subject, place: Place) -> str:
    owners = some([subject.snapshot.label(owner) for owner in place.providers])
    if not owners:
        managed = place.path.partition("/")[0] in subject.snapshot.interpreter.managed_sites
        owners = "the system" if managed else "nobody"
    return f"{place.path} ({place.kind} of {owners})"


def _shared(subject: Subject) -> Iterator[Finding]:
    """Regular packages with files of several distributions, where it is not the namespace of all of them."""
    for name, found in subject.snapshot.names.items():
        for place in found.places:
            if place.kind != "package" or len(place.providers) < 2 or name.lower() in _COMMON:
                continue
            starts = [
                file
                for path, file in subject.snapshot.files.items()
                if path.startswith(f"{place.path}/__init__.") and file.bytecode is None
            ]
            agreed = {owner for file in starts for owner, verdict in file.claims.items() if verdict == "match"}
            if agreed == set(place.providers):
                continue  # each brings the same __init__: a namespace of the old kind
            yield finding(
                Code.NAME_SHARED,
                f"the package {name} has files of "
                f"{' and '.join(subject.snapshot.label(owner) for owner in place.providers)}",
                paths=[place.path],
                distributions=place.providers,
                doors=[subject.door],
            )
