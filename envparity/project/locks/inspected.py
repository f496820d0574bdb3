"""Reads the output of `pip inspect`: the distributions of one environment are the lock for other environments."""

from collections.abc import Iterator

from envparity.project.locks.document import commit_url, pinned, read_json_lock
from envparity.project.locks.lock import LockFile, LockFormat, Pin, Select, where_applying
from envparity.project.locks.places import places_of_names
from envparity.project.toml import Table


def _read(file: LockFile) -> Select:
    document = read_json_lock(file)
    file.choice.of_groups((), (), file.origin)
    file.choice.of_extras((), file.origin)
    return where_applying(tuple(_pins(Table(document, f"{file.origin}, line 1"))))


def _pins(document: Table) -> Iterator[Pin]:
    for row in document.rows("installed"):
        metadata = row.table("metadata")
        name, version = metadata.text("name"), metadata.text("version")
        if "direct_url" not in row:
            yield pinned(name, version, row.where)
            continue
        direct = row.table("direct_url")
        url = direct.text("url")
        commit = direct.table("vcs_info").optional("commit_id")
        if commit is not None:
            system = direct.table("vcs_info").text("vcs")
            at = commit_url(system, url, commit, direct.optional("subdirectory"))
            yield pinned(name, None, row.where, url=at)
        elif url.startswith("file:"):
            yield pinned(name, version, row.where, local=True)
        else:
            yield pinned(name, None, row.where, url=url)


FORMAT = LockFormat(
    "the output of pip inspect",
    lambda name, text: name.endswith(".json") and '"pip_version"' in text[:500],
    _read,
    places=places_of_names,
)
