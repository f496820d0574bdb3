"""Checks each installed file against the RECORD that lists it, and reports files that no RECORD lists.

A finding is one problem that a check reports. A distribution claims each path that its RECORD lists.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator

from envparity.judge.findings import Finding
from envparity.judge.integrity.links import broken_links, is_behind, linked_folders
from envparity.judge.integrity.records import is_built_wrong
from envparity.judge.rules import Rules, Severity
from envparity.judge.subject import Subject, folder_of, folders_above
from envparity.snapshot.types import File
from envparity.text import some

RULES = Rules("integrity")
FILE_MISSING = RULES.error(
    "file-missing",
    title="in a RECORD, but missing",
    meaning="A distribution's RECORD lists the file, and the file is missing. Perhaps somebody deleted the file. Or "
    "somebody uninstalled another distribution that claims the same path, and the uninstall removed the file.",
    fix="Install the distribution again: `pip install --force-reinstall --no-deps NAME==VERSION`, or with uv `uv pip "
    "install --reinstall --no-deps NAME==VERSION`.",
)
FILE_ALTERED = RULES.error(
    "file-altered",
    title="changed after it was installed",
    meaning="The hash or size of the file differs from the RECORD of the only distribution that claims it. For "
    "example, somebody edited the file in place. The finding is a note for a setting of Jupyter, such as a "
    "kernel.json, because the commands of Jupyter change these files.",
    fix="Install the distribution again: `pip install --force-reinstall --no-deps NAME==VERSION`, or with uv `uv "
    "cache clean NAME` and then `uv pip install --reinstall --no-deps NAME==VERSION`. uv may have linked the file to "
    "its cache, and then the edit is in the cache too. If you want to keep the edit, publish a release that contains "
    "the edit, or install the distribution as editable. If a new installation has the finding too, the RECORD of the "
    "wheel may be wrong: `envparity check --artefacts` compares the file with the wheel.",
)
FILE_EXTRANEOUS = RULES.error(
    "file-extraneous",
    title="in no distribution's RECORD",
    meaning="No RECORD lists this file, although Python can import it. Somebody copied the file into the environment, "
    "an interrupted uninstall left the file, or a running program wrote the file. The finding is a note for a file in "
    "__pycache__ that Python does not import, such as the compiled functions that numba keeps there, and for the file "
    "pipx_shared.pth of pipx.",
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
    meaning="The name of the file in RECORD differs from its name in the file system, but only in upper and lower "
    "case: for example, core.py and Core.py. Imports then work on one kind of file system and fail on another.",
    fix="Give the file or folder its name in RECORD.",
)
FILE_UNREADABLE = RULES.error(
    "file-unreadable",
    title="cannot be read",
    meaning="The user who opened the door has no permission to read the file, or the system could not read it. "
    "envparity cannot check the file, and this user cannot import it.",
    fix="Correct the permissions, or open the door as the user who runs the programs.",
)
# `ipython kernel install --sys-prefix` and `jupyter … enable` write these files, and overwrite the files of wheels.
_SETTINGS = re.compile(r"data/(etc/(jupyter|ipython)|share/jupyter/(kernels|lab/settings))/")
_NOBODYS = "bytes of no distribution"
# The wheel specification says that RECORD does not list the files with the signatures of RECORD.
_SIGNATURE = re.compile(r"\.dist-info/RECORD\.(jws|p7s)$")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield findings about files that are altered, unreadable, missing, renamed, or of no distribution."""
    for problem in subject.snapshot.problems:
        yield subject.finding(FILE_UNREADABLE, problem, paths=[problem.partition(":")[0]])
    yield from _altered(subject)
    for path, file in subject.notable.items():
        if file.error is not None and file.kind in ("file", "folder", "unknown"):
            yield subject.finding(FILE_UNREADABLE, f"{path}: {file.error}", paths=[path])
    folders = linked_folders(subject)
    nowhere = broken_links(subject)
    missing = {path: owners for path, owners in _missing(subject).items() if not is_behind(path, nowhere)}
    extraneous, unowned = _extraneous(subject, {*folders, *nowhere}), _unowned(subject)
    yield from _renamed(subject, missing, extraneous)
    yield from _gone(subject, missing)
    by_folder: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in extraneous:
        reason = _harmless_because(subject, path)
        by_folder["" if reason else folder_of(path), reason].append(path)
    for (_, reason), paths in by_folder.items():
        yield subject.finding(
            FILE_EXTRANEOUS,
            f"{some(paths)}: in no distribution's RECORD{reason}",
            paths=paths,
            holds=_NOBODYS,
            severity=Severity.NOTE if reason else None,
        )
    if unowned:
        yield subject.finding(
            FILE_UNOWNED, f"{some(unowned)}: belongs to no distribution", paths=unowned, holds=_NOBODYS
        )


def _altered(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each distribution with files that do not match its RECORD."""
    altered: dict[tuple[str, bool], dict[str, str]] = defaultdict(dict)
    for path, file in subject.notable.items():
        if file.kind == "special":
            for owner in file.claims:
                altered[owner, False][path] = "is not a regular file"
        elif (reason := _why_altered(subject, path, file)) is not None:
            owner = next(owner for owner, verdict in file.claims.items() if verdict != "unhashed")
            altered[owner, _is_setting(path)][path] = reason
    for (owner, setting), reasons in sorted(altered.items()):
        message = f"{subject.snapshot.label(owner)}: {some(list(reasons))} {next(iter(reasons.values()))}"
        details = [f"{path} {reason}" for path, reason in reasons.items()] if len(reasons) > 1 else []
        severity = Severity.NOTE if setting else None
        yield subject.finding(
            FILE_ALTERED,
            message,
            paths=reasons,
            distributions=[owner],
            details=details,
            holds=f"bytes that the RECORD of {subject.snapshot.label(owner)} does not describe",
            severity=severity,
        )


def _why_altered(subject: Subject, path: str, file: File) -> str | None:
    """Return how a file differs from its RECORD; None if its bytes match a RECORD or cannot be judged.

    Also return None if RECORDs list different bytes for the path: the family `ownership` reports these paths. Ignore a
    RECORD that was already wrong in the wheel.
    """
    if file.kind not in ("file", "link") or file.sha256 is None or file.error is not None:
        return None
    wrong = {
        verdict
        for owner, verdict in file.claims.items()
        if verdict not in ("match", "unhashed") and not is_built_wrong(subject, owner, verdict, path)
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
    """Return whether a path is a settings file that the commands of Jupyter and IPython change."""
    return _SETTINGS.match(path) is not None


def _missing(subject: Subject) -> dict[str, tuple[str, ...]]:
    """Return a dict from each missing path to the ids of the distributions that claim it."""
    return {
        path: tuple(owner for owner, verdict in file.claims.items() if verdict == "missing")
        for path, file in subject.notable.items()
        if file.kind == "missing" and "missing" in file.claims.values()
    }


def _is_stray(file: File) -> bool:
    """Return whether a file is in no RECORD and in no list of conda.

    Return False for bytecode, and for a file such as pyvenv.cfg that was made together with the environment.
    """
    return not (file.claims or file.role or file.conda) and file.bytecode is None


def _extraneous(subject: Subject, folders: Collection[str]) -> list[str]:
    """Return the files in the site folders for which `_is_stray` is true.

    Leave out the links in `folders`, files that cannot be read, and files that may belong to a distribution without a
    readable RECORD. Also leave out harmless files, such as the signature of a RECORD.
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
        if _is_unused_bytecode(subject, path):
            continue
        if path.partition("/")[0] in unsaid and (
            top in theirs or top.partition(".")[0] in theirs or _package(subject, path) not in claimed
        ):
            continue  # the file may belong to a distribution that does not list its files
        if path.endswith("/easy-install.pth") and (editable or subject.snapshot.files[path].pth is None):
            continue  # setuptools leaves an empty file when it removes the last line
        found.append(path)
    return found


def _is_unused_bytecode(subject: Subject, path: str) -> bool:
    """Return whether a file is bytecode next to its source, where `compileall -b` puts it. Python does not use it."""
    source = subject.snapshot.files.get(path[:-1]) if path.endswith(".pyc") else None
    return source is not None and source.kind != "missing"


def _harmless_because(subject: Subject, path: str) -> str:
    """Return the reason why the finding about a file of no distribution is a note; an empty text if it is an error."""
    if "/__pycache__/" in path and not path.endswith((".py", ".pyc", ".so", ".pyd")):
        return ", kept by a program in __pycache__"  # for example by numba
    if path == "site/pipx_shared.pth" and subject.snapshot.files[path].pth == "path":
        return ", written by pipx, so that Python finds pipx's copy of pip"
    return ""


def _claimed_folders(subject: Subject) -> frozenset[str]:
    """Return every folder that contains a claimed file, directly or in a subfolder."""
    folders: set[str] = set()
    for path, file in subject.snapshot.files.items():
        for folder in folders_above(path) if file.claims else ():
            if folder in folders:
                break
            folders.add(folder)
    return frozenset(folders)


def _package(subject: Subject, path: str) -> str:
    """Return the outermost regular package that contains a path, or else the folder that contains the path.

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
    """Return the files outside the site folders for which `_is_stray` is true.

    Return an empty list if a distribution has no readable RECORD, or if the distributions of another Python may own the
    files. Leave out the folders of editable installs, links to other files of the environment, and files that cannot be
    read.
    """
    if subject.unjudged or subject.snapshot.interpreter.other_sites:
        return []
    projects = tuple(f"{folder}/" for folder in subject.projects_inside.values())
    return [
        path
        for path, file in subject.notable.items()
        if not path.startswith(("site", *projects))
        and _is_stray(file)
        and not (file.kind == "link" and (file.target or "").startswith(("data/", "scripts/")))
        and (file.error is None or file.dangling)
    ]


def _renamed(subject: Subject, missing: dict[str, tuple[str, ...]], extraneous: list[str]) -> Iterator[Finding]:
    """Yield a finding for each file whose name differs from its name in RECORD only in upper and lower case.

    Remove the name in RECORD from `missing`, and the name of the file from `extraneous`.
    """
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
        yield subject.finding(
            FILE_MISSING, message, paths=paths, distributions=[owner], holds="no file is there", severity=severity
        )
