"""The ownership family: paths and import names that several distributions claim, or that no distribution should claim.

A family is a group of related checks, and a finding is one problem or difference that a check reports. A distribution
claims each path that its RECORD lists.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from packaging.utils import canonicalize_name
from packaging.version import Version

from envparity.judge.family import Family
from envparity.judge.findings import Finding
from envparity.judge.rules import Rules, Severity
from envparity.judge.subject import Subject, folder_of, folders_above
from envparity.snapshot.types import Distribution, File, Place, Source
from envparity.text import listed, some

RULES = Rules("ownership")
PATH_CONTESTED = RULES.error(
    "path-contested",
    title="several distributions claim one path",
    meaning="The RECORDs of several distributions list the same path with different bytes. The file holds the bytes of "
    "the distribution that was written last. The installer, its version and its threads decide which distribution is "
    "written last. RECORDs that list identical bytes for one path are not a finding, and neither is an __init__.py "
    "that only makes a namespace package. The finding is a note for a document such as README.md, because no program "
    "uses it.",
    fix="Keep one of the two distributions: uninstall the other one, and then install the kept one again, because "
    "the uninstall deletes its files too. `envparity why NAME` shows which distributions require NAME. If other "
    "distributions require both, pin them to their last releases that did not.",
)
PACKAGE_TORN = RULES.error(
    "package-torn",
    title="one package, mixed from several distributions",
    meaning="Several distributions claim the same paths in this package. Some of these files hold the bytes of one "
    "distribution, and some hold the bytes of another. Nobody has tested this mixture.",
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
EDITABLE_GONE = RULES.error(
    "editable-gone",
    title="an editable install whose code is gone",
    meaning="The distribution is installed as editable: the environment has only the path of its code. The path no "
    "longer exists, because somebody moved or deleted the folder. Python cannot import the distribution.",
    fix="Install the distribution again from the folder where its code is now: `pip install -e FOLDER`. Or uninstall "
    "it: `pip uninstall NAME`.",
)
EDITABLE_VERSION = RULES.error(
    "editable-version",
    title="an editable install whose folder has another version",
    meaning="The distribution is installed as editable. Its metadata in the environment says one version, and the "
    "folder with its code declares another version or another name. For example, somebody checked out another branch. "
    "Python imports the code of the folder, and pip reports the version and the requirements of the metadata.",
    fix="Install the folder again, so that the metadata describes its code: `pip install -e FOLDER`.",
)
CASE_CLASH = RULES.note(
    "case-clash",
    title="names that differ only in upper and lower case",
    meaning="Two files or folders have names that differ only in upper and lower case, for example Crypto and crypto. "
    "On a file system that ignores case, as on macOS and Windows, both are one name: the files of one distribution "
    "replace those of the other.",
    fix="If the environment must work on such a file system, uninstall one of the two distributions.",
)
# Any project may use these names for its own files. A distribution that installs one of them at top level can hide
# these files, or be hidden by them.
_COMMON = frozenset(
    "bench benchmark benchmarks bin build ci conf config contrib data demo demos dist doc docs etc example examples "
    "fixtures interop lib misc newsfragments notebooks sample samples script scripts setup share src stubs test "
    "testing tests tool tools util utils".split()
)
# Documents for people, which some wheels install directly into the site folder. No program reads them there.
_DOCUMENT = re.compile(
    r"site[-\d]*/(authors|changelog|changes|code_of_conduct|contributing|contributors|copying|credits|history|install"
    r"|licen[cs]e|maintainers|news|notice|readme|release[-_]?notes|security|thanks|todo|upgrad\w*)([-_.][\w.-]*)?"
    r"(?<!\.py)(?<!\.so)(?<!\.pyd)(?<!\.pyc)(?<!\.pth)",
    re.IGNORECASE,
)
_CODE = ("module", "extension", "package")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield findings about contested paths and names, shared packages and editable installs."""
    yield from _contested(subject)
    yield from _names(subject)
    yield from _shared(subject)
    for one in subject.judged:
        if one.editable:
            yield _editable(subject, one)
    yield from _clashes(subject)


def _editable(subject: Subject, one: Distribution) -> Finding:
    """Return the finding about an editable install: a note, or an error if its folder does not belong to it."""
    folder = subject.snapshot.located.projects.get(one.id, "a folder outside the environment")
    source = one.source
    if source and source.state == "gone":
        message = f"{one.label} is editable: expected its code in {folder}, found nothing there"
        return subject.finding(EDITABLE_GONE, message, of=one)
    if source and _other_project(one, source):
        found = f"{source.name or one.name} {source.version or ''}".rstrip()
        message = f"{one.label} is editable: expected {one.label} in {folder}, found {found}"
        return subject.finding(EDITABLE_VERSION, message, of=one)
    message = f"{one.label} is editable: its code is outside the environment, and envparity does not judge it"
    return subject.finding(EDITABLE, message, of=one)


def _other_project(one: Distribution, source: Source) -> bool:
    """Return whether a folder declares another name or version than an editable install has."""
    if source.name and canonicalize_name(source.name) != canonicalize_name(one.name):
        return True
    if source.version is None or one.version is None:
        return False
    try:
        return Version(Version(source.version).public) != Version(Version(one.version).public)
    except ValueError:  # the folder may declare a text that its build turns into a version
        return False


def _clashes(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each two names in one folder that differ only in upper and lower case."""
    managed = subject.snapshot.interpreter.managed_sites
    spellings: dict[str, list[str]] = {}
    for path, file in subject.snapshot.files.items():
        if file.kind == "missing" or file.bytecode is not None or path.partition("/")[0] in managed:
            continue
        for one in (path, *folders_above(path)):
            known = spellings.setdefault(one.casefold(), [])
            if one in known:
                break
            known.append(one)
    clashing = {folded: sorted(paths) for folded, paths in spellings.items() if len(paths) > 1}
    for folded, paths in sorted(clashing.items()):
        if folded.rpartition("/")[0] in clashing:
            continue  # the folders clash, so everything in them does
        owners = sorted({owner for path in paths for owner in _owners(subject, path)})
        whose = f" ({listed(subject.labels(owners), 4)})" if owners else ""
        message = f"{listed(paths, 4)}{whose} differ only in upper and lower case"
        yield subject.finding(CASE_CLASH, message, paths=paths, distributions=owners)


def _owners(subject: Subject, path: str) -> set[str]:
    """Return the ids of the distributions that claim a file, or files below a folder."""
    files = subject.snapshot.files
    if path in files:
        return set(files[path].claims)
    return {owner for one, file in files.items() if one.startswith(f"{path}/") for owner in file.claims}


def winner(file: File) -> tuple[str, ...]:
    """Return the ids of the distributions whose RECORD matches the bytes of the file."""
    return tuple(owner for owner, verdict in file.claims.items() if verdict == "match")


def is_contested(file: File) -> bool:
    """Return whether RECORDs list different bytes for one path; RECORDs with the same bytes do no harm.

    An `__init__.py` that only makes a namespace package may have another wording in each distribution: each wording
    does the same.
    """
    if len(file.claims) < 2 or (file.namespace == "only" and winner(file)):
        return False
    wanted = {verdict for verdict in file.claims.values() if verdict not in ("unhashed", "missing", "absent", "unread")}
    return len(wanted) > 1


def _contested(subject: Subject) -> Iterator[Finding]:
    contests: dict[tuple[str, ...], dict[str, File]] = defaultdict(dict)
    for path, file in subject.notable.items():
        if is_contested(file):
            contests[tuple(sorted(file.claims))][path] = file
    for owners, files in sorted(contests.items()):
        paths, all_owners = sorted(files), listed(subject.labels(owners), 4)
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
            severity=Severity.NOTE if all(map(_DOCUMENT.fullmatch, paths)) else None,
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
                f"{name} is {listed([_whose(subject, place) for place in code], 4)}: only one of them is imported",
                paths=paths,
                distributions=distributions,
                severity=Severity.NOTE if len(sites) == len(code) else Severity.ERROR,
            )
        if name.lower() in _COMMON and not hides_python and not several:
            for owner, path in {(owner, place.path) for place in found.places for owner in place.providers}:
                squatting[owner].append(path)
    for owner, paths in sorted(squatting.items()):
        names = "a name" if len(paths) == 1 else "names"
        message = (
            f"{subject.snapshot.label(owner)} installs {listed(sorted(paths), 4)}, {names} that any project may use"
        )
        yield subject.finding(TOP_LEVEL_SQUATTER, message, paths=sorted(paths), distributions=[owner])


def _whose(subject: Subject, place: Place) -> str:
    owners = some(subject.labels(place.providers))
    if not owners:
        managed = place.path.partition("/")[0] in subject.snapshot.interpreter.managed_sites
        owners = "the system" if managed else "no distribution"
    return f"{place.path} ({place.kind} of {owners})"


def _shared(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each regular package of several distributions, except namespace packages of any style."""
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
            if agreed == set(place.providers) or any(file.namespace for file in starts):
                continue  # a namespace package: every distribution has the same __init__ file, or the file makes one
            message = f"the package {name} has files of {listed(subject.labels(place.providers), 4)}"
            yield subject.finding(NAME_SHARED, message, paths=[place.path], distributions=place.providers)


FAMILY = Family(RULES, check)
