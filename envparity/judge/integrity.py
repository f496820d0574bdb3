"""Each installed file against the RECORD that claims it, and each file that none claims."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator

from packaging.utils import canonicalize_name
from packaging.version import Version

from envparity.judge.codes import Code
from envparity.judge.findings import Finding, finding, some
from envparity.judge.subject import Subject, folder_of
from envparity.snapshot.types import Distribution, File

# The wheel specification exempts these from having a hash; bytecode is listed by pip without.
_NO_HASH = re.compile(r"\.dist-info/RECORD(\.jws|\.p7s)?$|\.pyc$")
# A distribution whose files are links is linked by its installer, one of whose files is a link was tampered with.
_MOSTLY = 0.5


def check(subject: Subject) -> Iterator[Finding]:
    """All of this family for one environment."""
    for problem in subject.snapshot.problems:
        yield finding(Code.FILE_UNREADABLE, problem, paths=[problem.partition(":")[0]], doors=[subject.door])
    yield from _metadata(subject)
    yield from _altered(subject)
    yield from _unhashed(subject)
    yield from _unread(subject)
    folders = _linked_folders(subject)
    yield from _links(subject, folders)
    missing, extraneous, unowned = _missing(subject), _extraneous(subject, folders), _unowned(subject)
    yield from _renamed(subject, missing, extraneous)
    yield from _gone(subject, missing)
    by_folder: dict[str, list[str]] = defaultdict(list)
    for path in extraneous:
        by_folder[folder_of(path)].append(path)
    for paths in by_folder.values():
        yield finding(
            Code.FILE_EXTRANEOUS, f"{some(paths)}: in no distribution's RECORD", paths=paths, doors=[subject.door]
        )
    if unowned:
        yield finding(Code.FILE_UNOWNED, f"{some(unowned)}: of no distribution", paths=unowned, doors=[subject.door])


def _metadata(subject: Subject) -> Iterator[Finding]:
    """What the distributions' metadata can and cannot tell."""
    without: list[Distribution] = []
    for one in subject.judged:
        name = [canonicalize_name(one.name)]
        escapes = [problem for problem in one.problems if problem.endswith("is outside the environment")]
        for problem in escapes:
            yield finding(
                Code.RECORD_ESCAPES,
                f"{one.label}: {problem}",
                paths=[f"{one.metadata}/RECORD"],
                distributions=name,
                doors=[subject.door],
            )
        others = [problem for problem in one.problems if problem not in escapes]
        if one.record == "malformed":
            said = next((problem for problem in others if problem.startswith("RECORD:")), "RECORD: cannot be read")
            others = [problem for problem in others if problem != said]
            yield finding(
                Code.RECORD_MALFORMED,
                f"{one.label}: expected path,hash,size in {said}; its files are not judged",
                paths=[f"{one.metadata}/RECORD"],
                distributions=name,
                doors=[subject.door],
            )
        elif one.record == "missing" and not one.editable:
            without.append(one)
        elif one.record == "unhashed":
            yield finding(
                Code.RECORD_UNHASHED,
                f"{one.label} lists its files without hashes: their bytes are not judged",
                paths=[one.metadata],
                distributions=name,
                doors=[subject.door],
            )
        for problem in others:
            yield finding(
                Code.METADATA_BROKEN,
                f"{one.label} ({one.metadata}): {problem}",
                paths=[one.metadata],
                distributions=name,
                doors=[subject.door],
            )
        if one.editable:
            yield finding(
                Code.EDITABLE,
                f"{one.label} is editable: its code is outside the environment and is not judged",
                paths=[one.metadata],
                distributions=name,
                doors=[subject.door],
            )
        yield from _folder_name(subject, one)
    if subject.managed:
        labels = sorted(subject.snapshot.label(one) for one in subject.managed)
        yield finding(
            Code.RECORD_MANAGED,
            f"the system's package manager looks after {some(labels)}: not judged",
            distributions=sorted(subject.managed),
            doors=[subject.door],
        )
    for one in without:
        yield finding(
            Code.RECORD_MISSING,
            f"{one.label} has no RECORD: its files are not judged",
            paths=[one.metadata],
            distributions=[canonicalize_name(one.name)],
            doors=[subject.door],
        )


def _folder_name(subject: Subject, one: Distribution) -> Iterator[Finding]:
    """A dist-info folder is named after the name and version in its METADATA."""
    stem = one.metadata.rpartition("/")[2].removesuffix(".dist-info")
    if one.format != "dist-info" or one.version is None or "-" not in stem:
        return
    name, _, version = stem.partition("-")
    if canonicalize_name(name) != canonicalize_name(one.name) or not _same_version(version, one.version):
        yield finding(
            Code.METADATA_MISMATCH,
            f"{one.metadata}: expected {name} {version} in its METADATA, found {one.label}",
            paths=[f"{one.metadata}/METADATA"],
            distributions=[canonicalize_name(one.name)],
            doors=[subject.door],
        )


def _same_version(escaped: str, version: str) -> bool:
    try:
        return Version(escaped.replace("_", "-")) == Version(version) or Version(escaped) == Version(version)
    except ValueError:  # no version, or of more digits than Python reads
        return re.sub(r"[-_]", "_", escaped) == re.sub(r"[-_]", "_", version)


def _altered(subject: Subject) -> Iterator[Finding]:
    """Files that are there and are not what the RECORD of their one distribution says."""
    altered: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path, file in subject.notable.items():
        if file.kind == "special":
            for owner in file.claims:
                altered[owner].append((path, "is no regular file"))
        elif (said := _why_altered(file)) is not None:
            owner = next(owner for owner, verdict in file.claims.items() if verdict != "unhashed")
            altered[owner].append((path, said))
    for owner, found in sorted(altered.items()):
        yield finding(
            Code.FILE_ALTERED,
            f"{subject.snapshot.label(owner)}: {some([path for path, _ in found])} {found[0][1]}",
            paths=[path for path, _ in found],
            distributions=[owner],
            doors=[subject.door],
        )


def _seeded(subject: Subject, owner: str, path: str) -> bool:
    """Whether virtualenv put it there with what it seeds an environment with: of that it never knows the hash."""
    stem = subject.snapshot.by_id[owner].metadata.removesuffix(".dist-info")
    mark = f"{stem}.virtualenv"
    by_virtualenv = owner in subject.snapshot.files[mark].claims if mark in subject.snapshot.files else False
    return by_virtualenv and (path in (mark, f"{stem}.dist-info/INSTALLER") or path.startswith("scripts/"))


def _unhashed(subject: Subject) -> Iterator[Finding]:
    """Lines without a hash in a RECORD that has hashes."""
    read = {one.id for one in subject.snapshot.distributions if one.record == "read"}
    unhashed: dict[str, list[str]] = defaultdict(list)
    for path, file in subject.notable.items():
        for owner, verdict in file.claims.items():
            judged = verdict == "unhashed" and owner in read and file.error is None and not _NO_HASH.search(path)
            if judged and not _seeded(subject, owner, path):
                unhashed[owner].append(path)
    for owner, paths in sorted(unhashed.items()):
        yield finding(
            Code.RECORD_INCOMPLETE,
            f"{subject.snapshot.label(owner)}: expected a hash in its RECORD for {some(paths)}, found none",
            paths=paths,
            distributions=[owner],
            doors=[subject.door],
        )


def _unread(subject: Subject) -> Iterator[Finding]:
    """Files and folders that could not be read."""
    for path, file in subject.notable.items():
        if file.error is not None and file.kind in ("file", "folder", "unknown"):
            yield finding(Code.FILE_UNREADABLE, f"{path}: {file.error}", paths=[path], doors=[subject.door])


def _why_altered(file: File) -> str | None:
    """What is wrong with a file's bytes if nobody claims them, else None; contested paths are ownership's."""
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
    """Links where folders were installed -> the installed files behind each."""
    links = {path for path, file in subject.notable.items() if file.kind == "link" and not file.claims}
    found: dict[str, list[str]] = defaultdict(list)
    for path, file in subject.notable.items() if links else ():
        if not file.claims or file.kind == "missing":
            continue
        folder = path.rpartition("/")[0]
        while folder and folder not in links:
            folder = folder.rpartition("/")[0]
        if folder:
            found[folder].append(path)
    return found


def _links(subject: Subject, folders: dict[str, list[str]]) -> Iterator[Finding]:
    """Links where files were installed: all of a distribution by its installer, or one by somebody."""
    for folder, behind in sorted(folders.items()):
        owners = sorted({owner for path in behind for owner in subject.snapshot.files[path].claims})
        yield finding(
            Code.FILE_LINK,
            f"{some([subject.snapshot.label(owner) for owner in owners])}: expected a folder as installed, found a "
            f"link: {folder}, with {len(behind)} of their files behind it",
            paths=[folder],
            distributions=owners,
            doors=[subject.door],
        )
    linked: dict[str, list[str]] = defaultdict(list)
    told = {path for behind in folders.values() for path in behind}
    for path, file in subject.notable.items():
        if file.kind == "link" and path not in told:
            for owner in file.claims:
                linked[owner].append(path)
    total = _files_of(subject, linked)
    whole = [owner for owner in sorted(linked) if len(linked[owner]) >= _MOSTLY * total[owner]]
    if whole:
        paths = sorted({path for owner in whole for path in linked[owner]})
        yield finding(
            Code.INSTALLED_AS_LINKS,
            f"{some([subject.snapshot.label(owner) for owner in whole])}: {len(paths)} files are links",
            paths=paths,
            distributions=whole,
            doors=[subject.door],
        )
    for owner in sorted(linked.keys() - set(whole)):
        yield finding(
            Code.FILE_LINK,
            f"{subject.snapshot.label(owner)}: expected files as installed, found links: {some(linked[owner])}",
            paths=linked[owner],
            distributions=[owner],
            doors=[subject.door],
        )


def _files_of(subject: Subject, owners: Collection[str]) -> dict[str, int]:
    """How many files each of some distributions claims."""
    total: dict[str, int] = defaultdict(int)
    for file in subject.snapshot.files.values() if owners else ():
        for owner in file.claims:
            total[owner] += 1
    return total


def _missing(subject: Subject) -> dict[str, tuple[str, ...]]:
    """Path -> who claims it, for what is not there."""
    return {
        path: tuple(owner for owner, verdict in file.claims.items() if verdict == "missing")
        for path, file in subject.notable.items()
        if file.kind == "missing" and "missing" in file.claims.values()
    }


def _extraneous(subject: Subject, folders: Collection[str]) -> list[str]:
    """Importable files that nobody owns, as far as somebody would say so; `folders` are links told already."""
    candidates = [
        path
        for path, file in subject.notable.items()
        if path.startswith("site")
        and not file.claims
        and file.role is None
        and file.bytecode is None
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
    """The folders that a claimed file lies in, at any depth."""
    folders: set[str] = set()
    for path, file in subject.snapshot.files.items():
        if not file.claims:
            continue
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return frozenset(folders)


def _package(subject: Subject, path: str) -> str:
    """The outermost regular package that a path lies in, or its folder: a namespace may be anybody's."""
    folder = folder_of(path)
    while path.startswith(f"{folder}/") and f"{folder}/__init__.py" not in subject.snapshot.files:
        further = path[len(folder) + 1 :].partition("/")
        if not further[1]:
            return folder
        folder = f"{folder}/{further[0]}"
    return folder


def _unowned(subject: Subject) -> list[str]:
    """Files beside the importable ones that nothing explains, as far as every distribution says what is its own."""
    if subject.unjudged:
        return []
    return [
        path
        for path, file in subject.notable.items()
        if not path.startswith("site")
        and not file.claims
        and file.role is None
        and file.bytecode is None
        and not (file.kind == "link" and (file.target or "").startswith(("data/", "scripts/")))
        and file.error is None
    ]


def _renamed(subject: Subject, missing: dict[str, tuple[str, ...]], extraneous: list[str]) -> Iterator[Finding]:
    """Pairs that differ in case alone, taken out of both lists."""
    folded = {path.casefold(): path for path in extraneous}
    for path, owners in list(missing.items()):
        other = folded.get(path.casefold())
        if other is not None:
            del missing[path]
            extraneous.remove(other)
            yield finding(
                Code.FILE_RENAMED,
                f"expected {path} ({some([subject.snapshot.label(owner) for owner in owners])}), found {other}",
                paths=[path, other],
                distributions=owners,
                doors=[subject.door],
            )


def _gone(subject: Subject, missing: dict[str, tuple[str, ...]]) -> Iterator[Finding]:
    by_owner: dict[str, list[str]] = defaultdict(list)
    for path, owners in missing.items():
        for owner in owners:
            by_owner[owner].append(path)
    for owner, paths in sorted(by_owner.items()):
        yield finding(
            Code.FILE_MISSING,
            f"{subject.snapshot.label(owner)}: {some(paths)} of its RECORD is not there",
            paths=paths,
            distributions=[owner],
            doors=[subject.door],
        )
