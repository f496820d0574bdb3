"""Checks the import names: hidden names, names that several distributions share, and common names.

The checks belong to the family ownership. A finding is one problem or difference that a check reports. A distribution
claims each path that its RECORD lists.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from packaging.utils import canonicalize_name

from envparity.judge.findings import Finding
from envparity.judge.graph import Graph
from envparity.judge.rules import Rules, Severity
from envparity.judge.subject import Subject, folders_above, winner
from envparity.snapshot.types import Place
from envparity.text import listed, some

RULES = Rules("ownership")
NAME_SHADOWED = RULES.error(
    "name-shadowed",
    title="an import name that hides another",
    meaning="Two modules have the same import name, or a module has the name of one of Python's own modules, for "
    "example json. Python imports only one of the two modules and never the other. The finding is a note if the "
    "modules are in different site folders. A module with the name of one of Python's own modules is only a note in "
    "two cases: the lock pins the distribution of the module, or another distribution requires that distribution. For "
    "example, a distribution requires the backport `dataclasses`.",
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
    "files, for example tests or docs, and the distribution has another name. If your project uses that name too, the "
    "order of sys.path decides whether Python imports your module or the module of the distribution.",
    fix="Do not give that name to a folder or module that you import. Report the problem to the distribution's "
    "maintainers.",
)
CASE_CLASH = RULES.note(
    "case-clash",
    title="names that differ only in upper and lower case",
    meaning="Two files or folders have names that differ only in upper and lower case, for example Crypto and crypto. "
    "On a file system that ignores case, as on macOS and Windows, both are one name: the files of one distribution "
    "replace those of the other.",
    fix="If the environment must work on such a file system, uninstall one of the two distributions.",
)
# Any project may use these names for its own files. If a distribution installs one of these names at top level, Python
# imports either the distribution's module or the project's module.
_COMMON = frozenset(
    "bench benchmark benchmarks bin build ci conf config contrib data demo demos dist doc docs etc example examples "
    "fixtures interop lib misc newsfragments notebooks sample samples script scripts setup share src stubs test "
    "testing tests tool tools util utils".split()
)
# `pip install --target` moves the scripts and data files of distributions into these folders.
_MOVED = ("bin", "etc", "share")
_CODE = ("module", "extension", "package")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield findings about names that hide others, names that any project may use, and shared packages."""
    yield from _hidden(subject)
    yield from _shared(subject)


def _hidden(subject: Subject) -> Iterator[Finding]:
    squatting: dict[str, list[str]] = defaultdict(list)
    over_base: dict[str, list[Place]] = {}
    for name, found in subject.snapshot.names.items():
        code = [place for place in found.places if place.kind in _CODE]
        code.sort(key=lambda place: subject.is_of_base(place.path))
        paths = [place.path for place in code]
        providers = {place.providers for place in code}
        distributions = sorted({owner for owners in providers for owner in owners})
        hides_python = found.stdlib and bool(code)
        if hides_python:
            message = f"{some([_whose(subject, place) for place in code])} has the name of Python's own module {name}"
            needed = bool(distributions) and all(_is_needed(subject, one) for one in distributions)
            severity = Severity.NOTE if needed else Severity.ERROR
            yield subject.finding(NAME_SHADOWED, message, paths=paths, distributions=distributions, severity=severity)
        several = len(code) > 1 and len(providers) > 1
        if several and _is_over_base(subject, paths):
            if not _is_copy(subject, code):
                over_base[name] = code
        elif several:
            sites = {path.partition("/")[0] for path in paths}
            yield subject.finding(
                NAME_SHADOWED,
                f"{name} is {listed([_whose(subject, place) for place in code], 4)}: only one of them is imported",
                paths=paths,
                distributions=distributions,
                severity=Severity.NOTE if len(sites) == len(code) else Severity.ERROR,
            )
        if name.lower() in _COMMON and not hides_python and not several:
            for owner, path in _squatters(subject, name, found.places):
                squatting[owner].append(path)
    for owner, paths in sorted(squatting.items()):
        names = "a name" if len(paths) == 1 else "names"
        message = (
            f"{subject.snapshot.label(owner)} installs {listed(sorted(paths), 4)}, {names} that any project may use"
        )
        yield subject.finding(TOP_LEVEL_SQUATTER, message, paths=sorted(paths), distributions=[owner])
    if over_base:
        lines = [f"{name} ({listed([place.path for place in code], 4)})" for name, code in over_base.items()]
        yield subject.finding(
            NAME_SHADOWED,
            f"of {some(lines)} Python imports the first one; the base Python has the other",
            paths=[place.path for code in over_base.values() for place in code],
            distributions=sorted({one for code in over_base.values() for place in code for one in place.providers}),
            details=lines if len(lines) > 1 else [],
            severity=Severity.NOTE,
        )


def _is_needed(subject: Subject, owner: str) -> bool:
    """Return whether the lock pins a distribution, or an installed distribution requires it.

    Such a distribution must stay installed. If its module has the name of a module of the standard library, the module
    does no harm, because Python imports the module of the standard library.
    """
    name = canonicalize_name(_name(subject, owner))
    return name in subject.pins or bool(Graph(subject.snapshot).required_by(name))


def _squatters(subject: Subject, name: str, places: Sequence[Place]) -> set[tuple[str, str]]:
    """Return each module or folder that has the common name `name`, as a pair of a distribution's id and the path.

    Leave out the distribution that has this name itself, for example `build`, and the folders into which `pip install
    --target` moves files.
    """
    used = [place for place in places if place.kind != "data" or name not in _MOVED]
    owners = {(owner, place.path) for place in used for owner in place.providers}
    return {(owner, path) for owner, path in owners if canonicalize_name(_name(subject, owner)) != name.lower()}


def _is_over_base(subject: Subject, paths: Sequence[str]) -> bool:
    """Return whether at most one of the modules at `paths` is outside the base Python's site folders."""
    return len([path for path in paths if not subject.is_of_base(path)]) < 2


def _is_copy(subject: Subject, code: Sequence[Place]) -> bool:
    """Return whether the first module in `code` hides only modules of other copies of its distribution.

    The finding `distribution-twice` names these copies.
    """
    first, *others = ({canonicalize_name(_name(subject, one)) for one in place.providers} for place in code)
    there = {canonicalize_name(one.name) for one in subject.snapshot.distributions if subject.is_of_base(one.metadata)}
    return bool(first & there) and all(not names or names & first for names in others)


def _name(subject: Subject, owner: str) -> str:
    one = subject.snapshot.by_id.get(owner)
    return one.name if one else owner


def _whose(subject: Subject, place: Place) -> str:
    owners = some(subject.labels(place.providers))
    if not owners:
        managed = place.path.partition("/")[0] in subject.snapshot.interpreter.managed_sites
        owners = "the system" if managed else "no distribution"
    return f"{place.path} ({place.kind} of {owners})"


def _shared(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each package of several distributions that is not a namespace package."""
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
                continue  # a namespace package: every distribution has the same __init__ file, or the file declares it
            message = f"the package {name} has files of {listed(subject.labels(place.providers), 4)}"
            yield subject.finding(NAME_SHARED, message, paths=[place.path], distributions=place.providers)


def clashes(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for names in the same folder that differ only in upper and lower case."""
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
            continue  # a finding names the two folders; the files in them need no further finding
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
