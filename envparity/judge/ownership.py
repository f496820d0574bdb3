"""The ownership family: paths and import names that several distributions claim, or that no distribution should claim.

A family is a group of related checks, and a finding is one problem or difference that a check reports. A distribution
claims each path that its RECORD lists.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from envparity.judge.family import Family
from envparity.judge.findings import Finding, some
from envparity.judge.rules import Rules, Severity
from envparity.judge.subject import Subject, folder_of
from envparity.snapshot.types import File, Place
from envparity.text import listed

RULES = Rules("ownership")
PATH_CONTESTED = RULES.error(
    "path-contested",
    title="two distributions claim one path",
    meaning="The RECORDs of two distributions list the same path with different bytes. The file holds the bytes of "
    "the distribution that was written last. The installer, its version and its threads decide which distribution is "
    "written last. Two RECORDs that list identical bytes for one path are not a finding.",
    fix="Keep one of the two distributions: uninstall the other one, and then install the kept one again, because "
    "the uninstall deletes its files too. `envparity why NAME` shows which distributions require NAME. If other "
    "distributions require both, pin them to their last releases that did not.",
)
PACKAGE_TORN = RULES.error(
    "package-torn",
    title="one package, mixed from two distributions",
    meaning="Two distributions claim the same paths in this package. Some of these files hold the bytes of one "
    "distribution, and some hold the bytes of the other. Nobody has tested this mixture.",
    fix="Uninstall one of the two distributions, and then install the other distribution again.",
)
NAME_SHADOWED = RULES.error(
    "name-shadowed",
    title="an import name that hides another",
    meaning="Two modules have the same import name, or a module has the name of one of Python's own modules, for "
    "example json. Python imports only one of the two modules and never the other. The finding is a note if the "
    "modules are in different site folders.",
    fix="Uninstall the distribution whose module you do not need.",
)
NAME_SHARED = RULES.note(
    "name-shared",
    title="one package with files of several distributions",
    meaning="Several distributions have files in one regular package, at different paths. The package may work only "
    "while all these distributions are installed. This code does not apply to namespace packages.",
    fix="You need not do anything. If you uninstall one distribution, the files of the others stay.",
)
TOP_LEVEL_SQUATTER = RULES.note(
    "top-level-squatter",
    title="a common name at the top level",
    meaning="The distribution installs a top-level folder or module with a name that any project may use for its own "
    "files, for example tests or docs. If your project uses that name too, the order of sys.path decides whether "
    "Python imports your module or this one.",
    fix="Do not give that name to a folder or module that you import. Report the problem to the distribution's "
    "maintainers.",
)
EDITABLE = RULES.note(
    "editable",
    title="code outside the environment",
    meaning="The distribution is installed as editable. Its code is in a folder outside the environment, and "
    "envparity does not check it.",
    fix="In environments that you compare, install the distribution from a wheel.",
)
PTH_CODE = RULES.note(
    "pth-code",
    title="code that runs whenever Python starts",
    meaning="A .pth file has a line that begins with import. Python executes this line whenever it starts.",
    fix="Find out which distribution the file belongs to. If you trust that distribution, you need not do anything.",
)
# Any project may use these names for its own files. A distribution that installs one of them at top level can hide
# these files, or be hidden by them.
_COMMON = frozenset(
    "bench benchmark benchmarks bin build ci conf config contrib data demo demos dist doc docs etc example examples "
    "fixtures interop lib misc newsfragments notebooks sample samples script scripts setup share src stubs test "
    "testing tests tool tools util utils".split()
)
_CODE = ("module", "extension", "package")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield findings about contested paths and names, shared packages, editable installs and code in .pth files."""
    yield from _contested(subject)
    yield from _names(subject)
    yield from _shared(subject)
    for one in subject.judged:
        if one.editable:
            message = f"{one.label} is editable: its code is outside the environment, and envparity does not judge it"
            yield subject.finding(EDITABLE, message, of=one)
    for path, file in subject.notable.items():
        if file.pth == "code" and file.role is None:
            whose = some(subject.labels(file.claims)) or "no distribution"
            message = f"{path} ({whose}) runs code whenever this Python starts"
            yield subject.finding(PTH_CODE, message, paths=[path], distributions=file.claims)


def winner(file: File) -> tuple[str, ...]:
    """Return the ids of the distributions whose RECORD matches the bytes of the file."""
    return tuple(owner for owner, verdict in file.claims.items() if verdict == "match")


def is_contested(file: File) -> bool:
    """Return whether RECORDs list different bytes for one path; two RECORDs with the same bytes do no harm."""
    if len(file.claims) < 2:
        return False
    wanted = {verdict for verdict in file.claims.values() if verdict not in ("unhashed", "missing", "unread")}
    return len(wanted) > 1


def _contested(subject: Subject) -> Iterator[Finding]:
    contests: dict[tuple[str, ...], dict[str, File]] = defaultdict(dict)
    for path, file in subject.notable.items():
        if is_contested(file):
            contests[tuple(sorted(file.claims))][path] = file
    for owners, files in sorted(contests.items()):
        paths, all_owners = sorted(files), listed(subject.labels(owners))
        winners = {path: winner(files[path]) for path in paths}
        lines = [
            f"{path}: the bytes of {some(subject.labels(won))}" if won else f"{path}: the bytes of no distribution"
            for path, won in winners.items()
        ]
        yield subject.finding(
            PATH_CONTESTED,
            f"{all_owners} claim {some(paths)} with different bytes; {_shares(subject, winners)}",
            paths=paths,
            distributions=owners,
            details=lines,
        )
        # The winners of a path are the distributions whose RECORD has the bytes of the file. Two winners have the same
        # bytes in their RECORDs. A package is torn, or mixed, if its paths have different winners.
        torn = sorted(folder for folder in {folder_of(path) for path in paths} if _is_torn(folder, winners))
        if torn:
            within = {path: won for path, won in winners.items() if folder_of(path) in torn}
            whose = "; ".join(
                f"{some([path for path in within if one in within[path]])} from {subject.snapshot.label(one)}"
                for one in owners
                if any(one in won for won in within.values())
            )
            yield subject.finding(
                PACKAGE_TORN,
                f"{some(torn)} {'is' if len(torn) == 1 else 'are'} put together from {all_owners}: {whose}",
                paths=list(within),
                distributions=owners,
                details=[line for line, path in zip(lines, paths, strict=True) if path in within],
            )


def _is_torn(folder: str, winners: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether paths of a folder, for example a package, have different winners."""
    return len({won for path, won in winners.items() if folder_of(path) == folder} - {()}) > 1


def _shares(subject: Subject, winners: Mapping[str, tuple[str, ...]]) -> str:
    """Return a text with the number of contested paths that hold the bytes of each winner: `2 have the bytes of a`."""
    counts = Counter(winners.values())
    return ", ".join(
        f"{'it has' if len(winners) == 1 else f'{count:,} have'} the bytes of "
        f"{some(subject.labels(won)) if won else 'no distribution'}"
        for won, count in counts.most_common()
    )


def _names(subject: Subject) -> Iterator[Finding]:
    squatting: dict[str, list[str]] = defaultdict(list)
    for name, found in subject.snapshot.names.items():
        code = [place for place in found.places if place.kind in _CODE]
        paths = [place.path for place in code]
        providers = {place.providers for place in code}
        distributions = sorted({owner for owners in providers for owner in owners})
        hides_python = found.stdlib and bool(code)
        if hides_python:
            message = f"{some([_whose(subject, place) for place in code])} has the name of Python's own module {name}"
            yield subject.finding(NAME_SHADOWED, message, paths=paths, distributions=distributions)
        several = len(code) > 1 and len(providers) > 1
        if several:
            sites = {path.partition("/")[0] for path in paths}
            yield subject.finding(
                NAME_SHADOWED,
                f"{name} is {' and '.join(_whose(subject, place) for place in code)}: only one of them is imported",
                paths=paths,
                distributions=distributions,
                severity=Severity.NOTE if len(sites) == len(code) else Severity.ERROR,
            )
        if name.lower() in _COMMON and not hides_python and not several:
            for owner, path in {(owner, place.path) for place in found.places for owner in place.providers}:
                squatting[owner].append(path)
    for owner, paths in sorted(squatting.items()):
        names = "a name" if len(paths) == 1 else "names"
        message = f"{subject.snapshot.label(owner)} installs {listed(sorted(paths))}, {names} that any project may use"
        yield subject.finding(TOP_LEVEL_SQUATTER, message, paths=sorted(paths), distributions=[owner])


def _whose(subject: Subject, place: Place) -> str:
    owners = some(subject.labels(place.providers))
    if not owners:
        managed = place.path.partition("/")[0] in subject.snapshot.interpreter.managed_sites
        owners = "the system" if managed else "no distribution"
    return f"{place.path} ({place.kind} of {owners})"


def _shared(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each regular package of several distributions, except old-style namespace packages."""
    for name, found in subject.snapshot.names.items():
        for place in found.places:
            if place.kind != "package" or len(place.providers) < 2 or name.lower() in _COMMON:
                continue
            starts = [
                file
                for path, file in subject.snapshot.files.items()
                if path.startswith(f"{place.path}/__init__.") and file.bytecode is None
            ]
            agreed = {owner for file in starts for owner in winner(file)}
            if agreed == set(place.providers):
                continue  # every distribution brings the same __init__ file: an old-style namespace package
            message = f"the package {name} has files of {' and '.join(subject.labels(place.providers))}"
            yield subject.finding(NAME_SHARED, message, paths=[place.path], distributions=place.providers)


FAMILY = Family(RULES, check)
