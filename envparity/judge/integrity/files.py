"""Checks each installed file against the RECORD that lists it, and reports files that no RECORD lists.

A finding is one problem that a check reports. A distribution claims each path that its RECORD lists.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator

from envparity.judge.findings import Finding, some
from envparity.judge.integrity.records import is_built_wrong
from envparity.judge.rules import Rules, Severity
from envparity.judge.subject import Subject, folder_of
from envparity.snapshot.types import File

RULES = Rules("integrity")
FILE_MISSING = RULES.error(
    "file-missing",
    title="in a RECORD, but missing",
    meaning="A distribution's RECORD lists the file, and the file is missing. Perhaps somebody deleted the file. Or "
    "somebody uninstalled another distribution that claims the same path, and the uninstall removed the file.",
    fix="Reinstall the distribution, for example with `pip install --force-reinstall --no-deps NAME==VERSION`.",
)
FILE_ALTERED = RULES.error(
    "file-altered",
    title="changed after it was installed",
    meaning="The hash or size of the file differs from the RECORD of the only distribution that claims it. For "
    "example, somebody edited the file in place. The finding is a note for a setting of Jupyter, such as a "
    "kernel.json, because the commands of Jupyter change these files.",
    fix="Reinstall the distribution, for example with `pip install --force-reinstall --no-deps NAME==VERSION`. If you "
    "want to keep the edit, publish a release that contains the edit, or install the distribution as editable.",
)
FILE_EXTRANEOUS = RULES.error(
    "file-extraneous",
    title="in no distribution's RECORD",
    meaning="No RECORD lists this file, although Python can import it. Somebody copied the file into the environment, "
    "an interrupted uninstall left it, or a program wrote it while the program ran.",
    fix="Delete the file, or recreate the environment.",
)
FILE_UNOWNED = RULES.note(
    "file-unowned",
    title="in the environment, but in no distribution",
    meaning="The file is in the environment's folder, but outside the folders from which Python imports. No RECORD "
    "lists the file, and it is not one of the files that come with a new environment.",
    fix="You need not do anything. Keep generated files outside the environment.",
)
FILE_RENAMED = RULES.error(
    "file-renamed",
    title="renamed only in upper and lower case",
    meaning="The RECORD and the file system have the file under names that differ only in upper and lower case, for "
    "example core.py and Core.py. Imports then work on one kind of file system and fail on another.",
    fix="Reinstall the distribution on a case-sensitive file system.",
)
FILE_LINK = RULES.error(
    "file-link",
    title="a link in the place of an installed file",
    meaning="Wheels contain no links, and most files of this distribution are regular files. So somebody replaced "
    "this file with a link. The file to which the link leads can change although nobody changes the environment.",
    fix="Reinstall the distribution, for example with `pip install --force-reinstall --no-deps NAME==VERSION`.",
)
FILE_UNREADABLE = RULES.error(
    "file-unreadable",
    title="cannot be read",
    meaning="The user who opened the door has no permission to read the file, or the system could not read it. "
    "envparity cannot check the file, and this user cannot import it.",
    fix="Correct the permissions, or open the door as the user who runs the programs.",
)
INSTALLED_AS_LINKS = RULES.note(
    "installed-as-links",
    title="installed as links into a cache",
    meaning="The installer linked the files of these distributions instead of copying them, as `uv pip install "
    "--link-mode symlink` does. envparity checks the files that the links lead to.",
    fix="If the environment must outlive the cache, install again with copies, for example `uv pip install "
    "--link-mode copy`.",
)
# The files that installers write into the metadata folder.
_NOTE = re.compile(r"\.dist-info/(INSTALLER|RECORD|REQUESTED|[a-z_]+\.json)$")
# `ipython kernel install --sys-prefix` and `jupyter … enable` write these files, also over those of a wheel.
_SETTINGS = re.compile(r"data/(etc/(jupyter|ipython)|share/jupyter/(kernels|lab/settings))/")
# The wheel specification asks that RECORD does not list its own signatures.
_SIGNATURE = re.compile(r"\.dist-info/RECORD\.(jws|p7s)$")
# If at least this share of a distribution's files are links, its installer linked them. If fewer files are links,
# somebody replaced single files.
MOSTLY = 0.5


def check(subject: Subject) -> Iterator[Finding]:
    """Yield findings about files that are altered, unreadable, links, missing, renamed, or of no distribution."""
    for problem in subject.snapshot.problems:
        yield subject.finding(FILE_UNREADABLE, problem, paths=[problem.partition(":")[0]])
    yield from _altered(subject)
    for path, file in subject.notable.items():
        if file.error is not None and file.kind in ("file", "folder", "unknown"):
            yield subject.finding(FILE_UNREADABLE, f"{path}: {file.error}", paths=[path])
    folders = _linked_folders(subject)
    yield from _links(subject, folders)
    missing, extraneous, unowned = _missing(subject), _extraneous(subject, folders), _unowned(subject)
    yield from _renamed(subject, missing, extraneous)
    yield from _gone(subject, missing)
    by_folder: dict[str, list[str]] = defaultdict(list)
    for path in extraneous:
        by_folder[folder_of(path)].append(path)
    for paths in by_folder.values():
        yield subject.finding(FILE_EXTRANEOUS, f"{some(paths)}: in no distribution's RECORD", paths=paths)
    if unowned:
        yield subject.finding(FILE_UNOWNED, f"{some(unowned)}: belongs to no distribution", paths=unowned)


def _altered(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each distribution with files whose bytes are not the bytes that its RECORD describes."""
    altered: dict[tuple[str, bool], dict[str, str]] = defaultdict(dict)
    for path, file in subject.notable.items():
        if file.kind == "special":
            for owner in file.claims:
                altered[owner, False][path] = "is not a regular file"
        elif (reason := _why_altered(subject, file)) is not None:
            owner = next(owner for owner, verdict in file.claims.items() if verdict != "unhashed")
            altered[owner, _is_setting(path)][path] = reason
    for (owner, setting), reasons in sorted(altered.items()):
        message = f"{subject.snapshot.label(owner)}: {some(list(reasons))} {next(iter(reasons.values()))}"
        yield subject.finding(
            FILE_ALTERED, message, paths=reasons, distributions=[owner], severity=Severity.NOTE if setting else None
        )


def _why_altered(subject: Subject, file: File) -> str | None:
    """Return how a file differs from its RECORD; None if its bytes match a RECORD or cannot be judged.

    Also return None if RECORDs list different bytes for the path: the family `ownership` reports these paths.
    """
    if file.kind not in ("file", "link") or file.sha256 is None or file.error is not None:
        return None
    wrong = {
        verdict
        for owner, verdict in file.claims.items()
        if verdict not in ("match", "unhashed") and not is_built_wrong(subject, owner, verdict)
    }
    if not wrong or "match" in file.claims.values() or len(wrong) > 1 or "unread" in wrong:
        return None
    (verdict,) = wrong
    kind, _, value = verdict.partition(":")
    if kind == "size":
        return f"is {file.size} bytes long, expected {value} (RECORD)"
    if kind in ("malformed", "unknown"):
        return f"cannot be judged by its RECORD, whose hash is {kind}: {value}"
    return (
        f"has {'sha256 ' + file.sha256[:12] if kind == 'sha256' else 'different bytes'}, expected {value[:12]} (RECORD)"
    )


def _is_setting(path: str) -> bool:
    """Return whether a path is a setting of Jupyter, which its own commands change after the installation."""
    return _SETTINGS.match(path) is not None


def _linked_folders(subject: Subject) -> dict[str, list[str]]:
    """Return a dict from each link in the place of an installed folder to the installed files behind the link."""
    links = {path for path, file in subject.notable.items() if file.kind == "link" and not file.claims}
    found: dict[str, list[str]] = defaultdict(list)
    for path, file in subject.notable.items() if links else ():
        if file.claims and file.kind != "missing":
            folder = next((folder for folder in _folders_above(path) if folder in links), None)
            if folder:
                found[folder].append(path)
    return found


def _folders_above(path: str) -> Iterator[str]:
    """Yield the folders that a path lies in, the innermost first."""
    while path := path.rpartition("/")[0]:
        yield path


def _links(subject: Subject, folders: dict[str, list[str]]) -> Iterator[Finding]:
    """Yield findings about links that take the place of installed files or folders.

    If most files of a distribution are links, its installer linked them. Otherwise somebody replaced a file by a link.
    """
    for folder, behind in sorted(folders.items()):
        owners = sorted({owner for path in behind for owner in subject.snapshot.files[path].claims})
        message = (
            f"{some(subject.labels(owners))}: expected a folder, found a link: {folder}; "
            f"{len(behind)} installed files are behind the link"
        )
        yield subject.finding(FILE_LINK, message, paths=[folder], distributions=owners)
    linked: dict[str, list[str]] = defaultdict(list)
    reported = {path for behind in folders.values() for path in behind}
    for path, file in subject.notable.items():
        if file.kind == "link" and path not in reported:
            for owner in file.claims:
                linked[owner].append(path)
    total = _files_of(subject, linked)
    whole = [owner for owner in sorted(linked) if len(linked[owner]) >= MOSTLY * total[owner]]
    if whole:
        paths = sorted({path for owner in whole for path in linked[owner]})
        message = f"{some(subject.labels(whole))}: {len(paths)} files are links"
        yield subject.finding(INSTALLED_AS_LINKS, message, paths=paths, distributions=whole)
    for owner in sorted(linked.keys() - set(whole)):
        message = f"{subject.snapshot.label(owner)}: expected regular files, found links: {some(linked[owner])}"
        yield subject.finding(FILE_LINK, message, paths=linked[owner], distributions=[owner])


def _files_of(subject: Subject, owners: Collection[str]) -> dict[str, int]:
    """Return a dict from the id of each distribution in `owners` to the number of files that it claims."""
    total: dict[str, int] = defaultdict(int)
    for path, file in subject.snapshot.files.items() if owners else ():
        if not is_written(path):
            for owner in file.claims:
                total[owner] += 1
    return total


def is_written(path: str) -> bool:
    """Return whether an installer writes a file itself, so that the file is never a link to a file of the wheel."""
    return path.startswith("scripts/") or path.endswith(".pyc") or _NOTE.search(path) is not None


def _missing(subject: Subject) -> dict[str, tuple[str, ...]]:
    """Return a dict from each missing path to the ids of the distributions that claim it."""
    return {
        path: tuple(owner for owner, verdict in file.claims.items() if verdict == "missing")
        for path, file in subject.notable.items()
        if file.kind == "missing" and "missing" in file.claims.values()
    }


def _is_stray(file: File) -> bool:
    """Return whether a file is unexplained: not in a RECORD, not made with the environment, and not bytecode."""
    return not file.claims and file.role is None and file.bytecode is None


def _extraneous(subject: Subject, folders: Collection[str]) -> list[str]:
    """Return the importable files that no distribution owns, without the links in `folders`.

    A file is left out if it may belong to a distribution that has no readable RECORD.
    """
    candidates = [
        path
        for path, file in subject.notable.items()
        if path.startswith("site")
        and _is_stray(file)
        and not _SIGNATURE.search(path)
        and not (file.error is not None and file.kind != "link")
        and path not in folders
    ]
    if not candidates:
        return []
    unsaid = {one.metadata.partition("/")[0] for one in subject.unjudged}
    theirs = {f"{one.metadata.partition('/')[0]}/{name}" for one in subject.unjudged for name in one.top_level}
    claimed = _claimed_folders(subject) if unsaid else frozenset()
    editable = any(one.editable for one in subject.snapshot.distributions)
    found: list[str] = []
    for path in candidates:
        top = folder_of(path)
        if path in subject.metadata or (top in subject.metadata and subject.metadata[top].record != "read"):
            continue  # the file is metadata of a distribution that does not list its files
        if path.partition("/")[0] in unsaid and (
            top in theirs or top.partition(".")[0] in theirs or _package(subject, path) not in claimed
        ):
            continue  # the file may belong to a distribution that does not list its files
        if editable and path.endswith("/easy-install.pth"):
            continue
        found.append(path)
    return found


def _claimed_folders(subject: Subject) -> frozenset[str]:
    """Return every folder that has a claimed file in it or further below."""
    folders: set[str] = set()
    for path, file in subject.snapshot.files.items():
        for folder in _folders_above(path) if file.claims else ():
            if folder in folders:
                break
            folders.add(folder)
    return frozenset(folders)


def _package(subject: Subject, path: str) -> str:
    """Return the outermost regular package that a path lies in, or the path's own folder if no package contains it.

    This function skips namespace packages, because any distribution may have files in them.
    """
    folder = folder_of(path)
    while path.startswith(f"{folder}/") and f"{folder}/__init__.py" not in subject.snapshot.files:
        further = path[len(folder) + 1 :].partition("/")
        if not further[1]:
            return folder
        folder = f"{folder}/{further[0]}"
    return folder


def _unowned(subject: Subject) -> list[str]:
    """Return unexplained files outside the site folders; empty if a distribution has no readable RECORD."""
    if subject.unjudged:
        return []
    return [
        path
        for path, file in subject.notable.items()
        if not path.startswith("site")
        and _is_stray(file)
        and not (file.kind == "link" and (file.target or "").startswith(("data/", "scripts/")))
        and file.error is None
    ]


def _renamed(subject: Subject, missing: dict[str, tuple[str, ...]], extraneous: list[str]) -> Iterator[Finding]:
    """Yield a finding for each missing file that exists with another case; remove both names from the arguments."""
    folded = {path.casefold(): path for path in extraneous}
    for path, owners in list(missing.items()):
        other = folded.get(path.casefold())
        if other is not None:
            del missing[path]
            extraneous.remove(other)
            message = f"expected {path} ({some(subject.labels(owners))}), found {other}"
            yield subject.finding(FILE_RENAMED, message, paths=[path, other], distributions=owners)


def _gone(subject: Subject, missing: dict[str, tuple[str, ...]]) -> Iterator[Finding]:
    """Yield a finding for each distribution that has missing files."""
    by_owner: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for path, owners in missing.items():
        for owner in owners:
            by_owner[owner, _is_setting(path)].append(path)
    for (owner, setting), paths in sorted(by_owner.items()):
        message = f"{subject.snapshot.label(owner)}: in its RECORD, but missing: {some(paths)}"
        severity = Severity.NOTE if setting else None
        yield subject.finding(FILE_MISSING, message, paths=paths, distributions=[owner], severity=severity)
