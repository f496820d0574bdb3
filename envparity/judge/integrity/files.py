"""Installed files: each against the RECORD that claims it, and each file that no RECORD claims."""

from collections import defaultdict
from collections.abc import Collection, Iterator

from envparity.judge.findings import Finding, some
from envparity.judge.rules import Rules
from envparity.judge.subject import Subject, folder_of
from envparity.snapshot.types import File

RULES = Rules("integrity")
FILE_MISSING = RULES.error(
    "file-missing",
    title="missing, but in a RECORD",
    meaning="A distribution's RECORD lists the file and it is not there: something deleted it, or it went when another "
    "distribution that claims the same path was uninstalled.",
    fix="Reinstall the distribution.",
)
FILE_ALTERED = RULES.error(
    "file-altered",
    title="not the bytes that were installed",
    meaning="The file's hash or size is not the one in the RECORD of the only distribution that claims it.",
    fix="Reinstall the distribution; if you meant the edit, install it as a release or as editable.",
)
FILE_EXTRANEOUS = RULES.error(
    "file-extraneous",
    title="belongs to nobody",
    meaning="An importable file that no RECORD lists: someone copied it in, an interrupted uninstall left it, or a "
    "program wrote it while it ran.",
    fix="Delete it, or make the environment again.",
)
FILE_UNOWNED = RULES.note(
    "file-unowned",
    title="in the environment, of no distribution",
    meaning="A file in the environment's folder, outside its importable folders, that no RECORD lists and that "
    "creating an environment does not explain.",
    fix="You need not do anything; keep generated files elsewhere.",
)
FILE_RENAMED = RULES.error(
    "file-renamed",
    title="renamed in case alone",
    meaning="A file of a RECORD is there under a name that differs in upper and lower case only: imports work on one "
    "kind of file system and fail on another.",
    fix="Reinstall the distribution on a case-sensitive file system.",
)
FILE_LINK = RULES.error(
    "file-link",
    title="a link where a file was installed",
    meaning="Wheels hold no links, and the rest of this distribution is files: somebody replaced this one. What it "
    "leads to can change without the environment being touched.",
    fix="Reinstall the distribution.",
)
FILE_UNREADABLE = RULES.error(
    "file-unreadable",
    title="cannot be read",
    meaning="The user that the probe ran as may not read it, or reading failed: it cannot be judged, nor imported.",
    fix="Fix the permissions, or open the door as the user that runs the programs.",
)
INSTALLED_AS_LINKS = RULES.note(
    "installed-as-links",
    title="installed as links into a cache",
    meaning="The installer linked these distributions' files instead of copying them (uv --link-mode symlink). They "
    "are judged by the bytes that the links lead to.",
    fix="Install with copies if the environment must outlive the cache.",
)
# If the files of a distribution are links, its installer linked them; if one file is a link, somebody replaced it.
_MOSTLY = 0.5


def check(subject: Subject) -> Iterator[Finding]:
    """Yield files that are altered, unreadable, links, missing, renamed, or of no distribution."""
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
        yield subject.finding(FILE_UNOWNED, f"{some(unowned)}: of no distribution", paths=unowned)


def _altered(subject: Subject) -> Iterator[Finding]:
    """Yield files that are there and are not what the RECORD of their one distribution says."""
    altered: dict[str, dict[str, str]] = defaultdict(dict)
    for path, file in subject.notable.items():
        if file.kind == "special":
            for owner in file.claims:
                altered[owner][path] = "is no regular file"
        elif (reason := _why_altered(file)) is not None:
            owner = next(owner for owner, verdict in file.claims.items() if verdict != "unhashed")
            altered[owner][path] = reason
    for owner, reasons in sorted(altered.items()):
        message = f"{subject.snapshot.label(owner)}: {some(list(reasons))} {next(iter(reasons.values()))}"
        yield subject.finding(FILE_ALTERED, message, paths=reasons, distributions=[owner])


def _why_altered(file: File) -> str | None:
    """Return what is wrong with a file's bytes if they are nobody's, else None; `ownership` judges contested paths."""
    if file.kind not in ("file", "link") or file.sha256 is None or file.error is not None:
        return None
    wrong = {verdict for verdict in file.claims.values() if verdict not in ("match", "unhashed")}
    if not wrong or "match" in file.claims.values() or len(wrong) > 1 or "unread" in wrong:
        return None
    (verdict,) = wrong
    kind, _, value = verdict.partition(":")
    if kind == "size":
        return f"is {file.size} bytes long, expected {value} (RECORD)"
    if kind in ("malformed", "unknown"):
        return f"cannot be judged by its RECORD, whose hash is {kind}: {value}"
    return f"has {'sha256 ' + file.sha256[:12] if kind == 'sha256' else 'other bytes'}, expected {value[:12]} (RECORD)"


def _linked_folders(subject: Subject) -> dict[str, list[str]]:
    """Return links where folders were installed -> the installed files behind each."""
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
    """Yield links where files were installed: all of a distribution by its installer, or one by somebody."""
    for folder, behind in sorted(folders.items()):
        owners = sorted({owner for path in behind for owner in subject.snapshot.files[path].claims})
        message = (
            f"{some(subject.labels(owners))}: expected a folder as installed, found a link: {folder}, "
            f"with {len(behind)} of their files behind it"
        )
        yield subject.finding(FILE_LINK, message, paths=[folder], distributions=owners)
    linked: dict[str, list[str]] = defaultdict(list)
    reported = {path for behind in folders.values() for path in behind}
    for path, file in subject.notable.items():
        if file.kind == "link" and path not in reported:
            for owner in file.claims:
                linked[owner].append(path)
    total = _files_of(subject, linked)
    whole = [owner for owner in sorted(linked) if len(linked[owner]) >= _MOSTLY * total[owner]]
    if whole:
        paths = sorted({path for owner in whole for path in linked[owner]})
        message = f"{some(subject.labels(whole))}: {len(paths)} files are links"
        yield subject.finding(INSTALLED_AS_LINKS, message, paths=paths, distributions=whole)
    for owner in sorted(linked.keys() - set(whole)):
        message = f"{subject.snapshot.label(owner)}: expected files as installed, found links: {some(linked[owner])}"
        yield subject.finding(FILE_LINK, message, paths=linked[owner], distributions=[owner])


def _files_of(subject: Subject, owners: Collection[str]) -> dict[str, int]:
    """Count the files that each of some distributions claims."""
    total: dict[str, int] = defaultdict(int)
    for file in subject.snapshot.files.values() if owners else ():
        for owner in file.claims:
            total[owner] += 1
    return total


def _missing(subject: Subject) -> dict[str, tuple[str, ...]]:
    """Return each path that is not there -> who claims it."""
    return {
        path: tuple(owner for owner, verdict in file.claims.items() if verdict == "missing")
        for path, file in subject.notable.items()
        if file.kind == "missing" and "missing" in file.claims.values()
    }


def _is_stray(file: File) -> bool:
    """Tell whether neither a RECORD nor the making of the environment nor a source explains a file."""
    return not file.claims and file.role is None and file.bytecode is None


def _extraneous(subject: Subject, folders: Collection[str]) -> list[str]:
    """Return importable files that nobody owns, as far as an owner would say so, without the links in `folders`."""
    candidates = [
        path
        for path, file in subject.notable.items()
        if path.startswith("site")
        and _is_stray(file)
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
            continue  # metadata of a distribution that lists no files
        if path.partition("/")[0] in unsaid and (
            top in theirs or top.partition(".")[0] in theirs or _package(subject, path) not in claimed
        ):
            continue  # it may belong to a distribution that does not say what is its own
        if editable and path.endswith("/easy-install.pth"):
            continue
        found.append(path)
    return found


def _claimed_folders(subject: Subject) -> frozenset[str]:
    """Return the folders that a claimed file lies in, at any depth."""
    folders: set[str] = set()
    for path, file in subject.snapshot.files.items():
        for folder in _folders_above(path) if file.claims else ():
            if folder in folders:
                break
            folders.add(folder)
    return frozenset(folders)


def _package(subject: Subject, path: str) -> str:
    """Return the outermost regular package that a path lies in, or its folder: a namespace may be anybody's."""
    folder = folder_of(path)
    while path.startswith(f"{folder}/") and f"{folder}/__init__.py" not in subject.snapshot.files:
        further = path[len(folder) + 1 :].partition("/")
        if not further[1]:
            return folder
        folder = f"{folder}/{further[0]}"
    return folder


def _unowned(subject: Subject) -> list[str]:
    """Return files next to the importable ones that nothing explains, if every distribution says what is its own."""
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
    """Yield pairs that differ in case alone, and remove them from both lists."""
    folded = {path.casefold(): path for path in extraneous}
    for path, owners in list(missing.items()):
        other = folded.get(path.casefold())
        if other is not None:
            del missing[path]
            extraneous.remove(other)
            message = f"expected {path} ({some(subject.labels(owners))}), found {other}"
            yield subject.finding(FILE_RENAMED, message, paths=[path, other], distributions=owners)


def _gone(subject: Subject, missing: dict[str, tuple[str, ...]]) -> Iterator[Finding]:
    """Yield what is missing of each distribution."""
    by_owner: dict[str, list[str]] = defaultdict(list)
    for path, owners in missing.items():
        for owner in owners:
            by_owner[owner].append(path)
    for owner, paths in sorted(by_owner.items()):
        message = f"{subject.snapshot.label(owner)}: {some(paths)} of its RECORD is not there"
        yield subject.finding(FILE_MISSING, message, paths=paths, distributions=[owner])
