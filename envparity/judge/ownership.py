"""The ownership family: paths and import names that several distributions claim, or that no distribution should claim.

A family is a group of related checks, and a finding is one problem or difference that a check reports. A distribution
claims each path that its RECORD lists.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from packaging.utils import canonicalize_name
from packaging.version import Version

from envparity.documents import is_document
from envparity.judge import names
from envparity.judge.family import Family
from envparity.judge.findings import Finding
from envparity.judge.rules import Rules, Severity
from envparity.judge.subject import Subject, folder_of, winner
from envparity.snapshot.types import Distribution, File, Source
from envparity.text import listed, some

RULES = Rules("ownership")
PATH_CONTESTED = RULES.error(
    "path-contested",
    title="several distributions claim one path",
    meaning="The RECORDs of several distributions list the same path with different bytes. The file holds the bytes of "
    "the distribution that was written last. The installer, its version and its threads decide which distribution is "
    "written last. RECORDs that list identical bytes for one path are not a finding, and neither is an __init__.py "
    "that only makes a namespace package. A document such as README.md at the top level is no finding "
    "either. The finding is a note for the top-level folders docs, examples and tests, because no program uses them.",
    fix="Keep one of the two distributions: uninstall the other one, and then install the kept one again, because "
    "the uninstall also deletes the files that both have. `envparity why NAME` shows which distributions require NAME. "
    "If other distributions require both, decide which of the two to uninstall. Then change the version of each "
    "distribution that requires the uninstalled distribution: pin its newest release without this requirement. If your "
    "lock pins both, first remove one of them from your requirements and make the lock again, for example with `uv "
    "remove NAME`. Otherwise the next installation from the lock brings both back.",
)
PACKAGE_TORN = RULES.error(
    "package-torn",
    title="one package, mixed from several distributions",
    meaning="Several distributions claim the same paths in this package. Some of these files hold the bytes of one "
    "distribution, and some hold the bytes of another. Nobody has tested this mixture.",
    fix="Uninstall one of the two distributions, and then install the other distribution again.",
)
EDITABLE = RULES.note(
    "editable",
    title="code outside the environment",
    meaning="The distribution is installed as editable. Its code is in a folder outside the environment, or in a "
    "folder such as src that no RECORD lists, so envparity does not check it.",
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
    meaning="The distribution is installed as editable. The metadata in the environment has one version, and the "
    "folder with the code declares another version or another name. For example, somebody checked out another branch. "
    "Python imports the code of the folder, and pip reports the version and the requirements of the metadata.",
    fix="Install the folder again, so that the metadata describes its code: `pip install -e FOLDER`.",
)
# Top-level folders with documents, tests and examples of a project, which some wheels install by mistake.
_MINOR = re.compile(r"site[-\d]*/(benchmarks?|demos?|docs?|examples?|newsfragments|samples?|tests?)/.+", re.IGNORECASE)


def check(subject: Subject) -> Iterator[Finding]:
    """Yield findings about contested paths and names, shared packages and editable installs."""
    yield from _contested(subject)
    yield from names.check(subject)
    for one in subject.judged:
        if one.editable:
            yield _editable(subject, one)
    yield from names.clashes(subject)


def _editable(subject: Subject, one: Distribution) -> Finding:
    """Return the finding about an editable install: a note, or an error if its code is gone or has another version."""
    folder = subject.snapshot.located.projects.get(one.id, "a folder outside the environment")
    source = one.source
    if source and source.state == "gone":
        message = f"{one.label} is editable: expected its code in {folder}, found nothing there"
        return subject.finding(EDITABLE_GONE, message, of=one)
    if source and _other_project(one, source):
        found = f"{source.name or one.name} {source.version or ''}".rstrip()
        message = f"{one.label} is editable: expected {one.label} in {folder}, found {found}"
        return subject.finding(EDITABLE_VERSION, message, of=one)
    inside = subject.projects_inside.get(one.id)
    where = f"in {inside}, which no RECORD lists" if inside else "outside the environment"
    message = f"{one.label} is editable: its code is {where}, and envparity does not check it"
    return subject.finding(EDITABLE, message, of=one)


def _other_project(one: Distribution, source: Source) -> bool:
    """Return whether `source`, the folder of the editable install `one`, declares another name or version."""
    if source.name and canonicalize_name(source.name) != canonicalize_name(one.name):
        return True
    if source.version is None or one.version is None:
        return False
    try:
        return Version(Version(source.version).public) != Version(Version(one.version).public)
    except ValueError:  # the folder may declare a text that its build turns into a version
        return False


def is_contested(file: File) -> bool:
    """Return whether RECORDs list different bytes for one path.

    An `__init__.py` that only makes a namespace package is not contested if it has the bytes of one of the
    distributions. Its text may differ between the distributions, because all these texts do the same.
    """
    if len(file.claims) < 2 or (file.namespace == "only" and winner(file)):
        return False
    wanted = {verdict for verdict in file.claims.values() if verdict not in ("unhashed", "missing", "absent", "unread")}
    return len(wanted) > 1


def _contested(subject: Subject) -> Iterator[Finding]:
    contests: dict[tuple[str, ...], dict[str, File]] = defaultdict(dict)
    for path, file in subject.notable.items():
        if is_contested(file) and not is_document(path.partition("/")[2]):
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
            holds=_shares(subject, winners),
            paths=paths,
            distributions=owners,
            details=lines,
            severity=Severity.NOTE if all(map(_is_minor, paths)) else None,
        )
        # The winners of a path are the distributions whose RECORD has the bytes of the file. If a path has two winners,
        # their RECORDs have the same hash of it. A package is torn, or mixed, if its paths have different winners.
        folders = {folder_of(path) for path in paths if not _is_minor(path)}
        torn = sorted(folder for folder in folders if _is_torn(folder, winners))
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
                holds=_shares(subject, within),
                paths=list(within),
                distributions=owners,
                details=[line for line, path in zip(lines, paths, strict=True) if path in within],
            )


def _is_minor(path: str) -> bool:
    """Return whether a path is in a top-level folder such as docs or tests, which no program uses."""
    return _MINOR.fullmatch(path) is not None


def _is_torn(folder: str, winners: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether the files in `folder`, for example a package, hold the bytes of different distributions.

    `winners` maps each path to the distributions whose bytes the file holds. Ignore a file with the bytes of no
    distribution.
    """
    return len({won for path, won in winners.items() if folder_of(path) == folder} - {()}) > 1


def _shares(subject: Subject, winners: Mapping[str, tuple[str, ...]]) -> str:
    """Return a text with the number of files that hold the bytes of each distribution: `2 files have the bytes of a`.

    `winners` is as in `_is_torn`.
    """
    counts = Counter(winners.values())
    return ", ".join(
        f"{_number(count, len(winners))} the bytes of {some(subject.labels(won)) if won else 'no distribution'}"
        for won, count in counts.most_common()
    )


def _number(count: int, of: int) -> str:
    if of == 1:
        return "it has"
    return "1 file has" if count == 1 else f"{count:,} files have"


FAMILY = Family(Rules("ownership", [*RULES, *names.RULES]), check)
