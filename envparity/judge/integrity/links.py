"""Checks links in the place of installed files and folders: a link may lead to a cache, to another folder or nowhere.

A finding is one problem that a check reports. A distribution claims each path that its RECORD lists.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator

from envparity.judge.findings import Finding
from envparity.judge.rules import Rules
from envparity.judge.subject import Subject, folders_above
from envparity.text import some

RULES = Rules("integrity")
LINK_BROKEN = RULES.error(
    "link-broken",
    title="a link that leads nowhere",
    meaning="An installed file or folder is a link, and the file to which the link leads does not exist. For example, "
    "`uv pip install --link-mode symlink` made links into uv's cache, and later `uv cache clean` removed the files in "
    "the cache. Python cannot import such a file.",
    fix="Reinstall the distribution with copies: `uv pip install --reinstall --link-mode copy NAME==VERSION`, or `pip "
    "install --force-reinstall --no-deps NAME==VERSION`.",
)
FILE_LINK = RULES.error(
    "file-link",
    title="a link in the place of an installed file",
    meaning="Wheels contain no links, and most files of this distribution are regular files. So somebody replaced "
    "this file or folder with a link. The files to which the link leads can change although nobody changes the "
    "environment.",
    fix="Delete the link first, because an uninstall would delete the files in a folder to which a link leads. Then "
    "install the distribution again: `pip install --force-reinstall --no-deps NAME==VERSION`, or with uv `uv pip "
    "install --reinstall --no-deps NAME==VERSION`.",
)
INSTALLED_AS_LINKS = RULES.note(
    "installed-as-links",
    title="installed as links into a cache",
    meaning="The installer linked the files of these distributions instead of copying them, as `uv pip install "
    "--link-mode symlink` does. envparity checks the files that the links lead to.",
    fix="If the environment must work without the cache, install again with copies: `uv pip install --reinstall "
    "--no-deps --link-mode copy NAME==VERSION`.",
)
# The files that installers write into the metadata folder.
_NOTE = re.compile(r"\.dist-info/(INSTALLER|RECORD|REQUESTED|[a-z_]+\.json)$")
# If at least this share of a distribution's files are links, its installer linked them. If fewer files are links,
# somebody replaced single files.
MOSTLY = 0.5


def check(subject: Subject) -> Iterator[Finding]:
    """Yield findings about links that take the place of installed files or folders."""
    nowhere = broken_links(subject)
    yield from _broken(subject, nowhere)
    yield from _links(subject, linked_folders(subject), nowhere)


def broken_links(subject: Subject) -> dict[str, list[str]]:
    """Return the links that lead nowhere, each with the ids of the distributions whose files the link replaces.

    Such a link takes the place of a file, of a folder, or of a metadata folder. Any other link belongs to no
    distribution and is left out. The links of an editable install are left out, because the family `ownership` reports
    an editable install whose code is gone.
    """
    editable = {one.id for one in subject.snapshot.distributions if one.editable}
    links = [path for path, file in subject.notable.items() if file.kind == "link" and file.dangling]
    found: dict[str, set[str]] = {path: subject.snapshot.files[path].claims.keys() - editable for path in links}
    for path, file in subject.notable.items() if links else ():
        folder = next((folder for folder in folders_above(path) if folder in found), None)
        if folder and file.kind == "missing":
            found[folder] |= file.claims.keys()
    for path in links:
        found[path] |= {subject.metadata[path].id} if path in subject.metadata else set()
    return {path: sorted(owners) for path, owners in found.items() if owners}


def is_behind(path: str, links: Collection[str]) -> bool:
    """Return whether one of the folders above a path is a link in `links`."""
    return any(folder in links for folder in folders_above(path)) if links else False


def _broken(subject: Subject, nowhere: dict[str, list[str]]) -> Iterator[Finding]:
    """Yield one finding about all links in `nowhere`, if there are any."""
    if not nowhere:
        return
    owners = sorted({owner for claimed in nowhere.values() for owner in claimed})
    paths = sorted(nowhere)
    target = subject.snapshot.located.links.get(paths[0])
    number = "a file is a link that leads" if len(paths) == 1 else f"{len(paths)} files are links that lead"
    message = f"{some(subject.labels(owners))}: {number} nowhere: {some(paths)}"
    yield subject.finding(
        LINK_BROKEN,
        f"{message}; {paths[0]} leads to {target}" if target else message,
        paths=paths,
        distributions=owners,
    )


def linked_folders(subject: Subject) -> dict[str, list[str]]:
    """Return the links that replace an installed folder, each with the installed files in the linked folder."""
    links = {path for path, file in subject.notable.items() if file.kind == "link" and not file.claims}
    found: dict[str, list[str]] = defaultdict(list)
    for path, file in subject.notable.items() if links else ():
        if file.claims and file.kind != "missing":
            folder = next((folder for folder in folders_above(path) if folder in links), None)
            if folder:
                found[folder].append(path)
    return found


def _links(subject: Subject, folders: dict[str, list[str]], nowhere: dict[str, list[str]]) -> Iterator[Finding]:
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
    reported = {path for behind in folders.values() for path in behind} | set(nowhere)
    for path, file in subject.notable.items():
        if file.kind == "link" and path not in reported:
            for owner in file.claims:
                # flit links the package of an editable install into the site folder.
                if not subject.snapshot.by_id[owner].editable:
                    linked[owner].append(path)
    broken: dict[str, int] = defaultdict(int)
    for owner in (owner for owners in nowhere.values() for owner in owners):
        broken[owner] += 1
    total = _files_of(subject, linked)
    whole = [owner for owner in sorted(linked) if len(linked[owner]) >= MOSTLY * (total[owner] - broken[owner])]
    if whole:
        paths = sorted({path for owner in whole for path in linked[owner]})
        message = f"{some(subject.labels(whole))}: {len(paths)} files are links"
        yield subject.finding(INSTALLED_AS_LINKS, message, paths=paths, distributions=whole)
    for owner in sorted(linked.keys() - set(whole)):
        message = f"{subject.snapshot.label(owner)}: expected regular files, found links: {some(linked[owner])}"
        yield subject.finding(FILE_LINK, message, paths=linked[owner], distributions=[owner])


def _files_of(subject: Subject, owners: Collection[str]) -> dict[str, int]:
    """Return a dict from distribution id to the number of files that the distribution claims.

    Do not count files that an installer writes itself. Return an empty dict if `owners` is empty.
    """
    total: dict[str, int] = defaultdict(int)
    for path, file in subject.snapshot.files.items() if owners else ():
        if not is_written(path):
            for owner in file.claims:
                total[owner] += 1
    return total


def is_written(path: str) -> bool:
    """Return whether an installer writes a file itself, so that the file is never a link to a file of the wheel."""
    return path.startswith("scripts/") or path.endswith(".pyc") or _NOTE.search(path) is not None
