"""Finds where an installed file comes from: the distributions whose RECORD lists it, and their lines in the lock."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.utils import canonicalize_name

from envparity.judge.subject import Subject
from envparity.project.locks.places import best_place, shown_path
from envparity.snapshot.types import Snapshot
from envparity.text import visible

_SUFFIXES = (".py", "/__init__.py", ".so", ".pyi")


@dataclass(frozen=True)
class Claim:
    """A distribution whose RECORD lists a file. `verdict` is `match` if the file has the hash in this RECORD."""

    label: str
    verdict: str
    pinned: str | None
    """Where the lock pins the distribution, as FILE:LINE; None if no lock pins the distribution."""


@dataclass(frozen=True)
class Origin:
    """A file: its path in the snapshot and on the machine of the door, its kind and SHA-256, and its claims.

    If no RECORD lists the file, `unlisted` says where the file comes from.
    """

    path: str
    place: str | None
    kind: str
    sha256: str | None
    claims: tuple[Claim, ...]
    unlisted: str = "no distribution installed it"


def find_file(snapshot: Snapshot, name: str) -> str | None:
    """Return the path in the snapshot of the file that a person names; None if the snapshot has no such file.

    A person may write the path in the snapshot, the path below a site folder, or the path on the machine of the door,
    also relative to the current folder. A person may also write the name of a module in a package, such as
    `requests.sessions`.
    """
    below = (f"{scheme}/{name}" for scheme in snapshot.located.sites)
    if (known := next((key for key in (name, *below) if key in snapshot.files), None)) is not None:
        return known
    if os.sep in name:
        whole = Path(os.path.abspath(name))  # noqa: PTH100 - a link in the environment stays a link
        places = [(os.path.realpath(place), scheme) for scheme, place in _folders(snapshot).items()]
        for folder in whole.parents:  # the environment's folder may be a link, for example .venv
            real, rest = os.path.realpath(folder), whole.relative_to(folder).as_posix()
            keys = [f"{scheme}/{rest}" for place, scheme in places if place == real]
            if (known := next((key for key in keys if key in snapshot.files), None)) is not None:
                return known
        return None
    top, _, rest = name.partition(".")
    found = snapshot.names.get(top)
    stems = [f"{place.path}/{rest.replace('.', '/')}" for place in found.places] if found and rest else []
    return next((stem + end for stem in stems for end in _SUFFIXES if stem + end in snapshot.files), None)


def origin_of(subject: Subject, path: str) -> Origin:
    """Return where the file at a path of the snapshot comes from."""
    file = subject.snapshot.files[path]
    scheme, _, rest = path.partition("/")
    folder = _folders(subject.snapshot).get(scheme)
    claims = tuple(
        Claim(subject.snapshot.label(owner), visible(verdict), _pinned(subject, owner))
        for owner, verdict in file.claims.items()
    )
    place = visible(f"{folder}/{rest}") if folder else None
    origin = Origin(visible(path), place, file.kind, subject.hashes.get(path), claims)
    if file.role == "venv":
        return replace(origin, unlisted="it was made together with the environment")
    return replace(origin, unlisted="it is bytecode, which Python makes from a source") if file.bytecode else origin


def _folders(snapshot: Snapshot) -> dict[str, str]:
    """Return a dict from the first part of a snapshot's path, such as `site`, to the folder on the door's machine."""
    prefix = snapshot.located.prefix
    own = {"data": prefix, "scripts": f"{prefix}/bin"} if snapshot.interpreter.venv else {}
    return own | dict(snapshot.located.sites)


def _pinned(subject: Subject, owner: str) -> str | None:
    name = canonicalize_name(subject.snapshot.by_id[owner].name)
    pin = subject.pins.get(name)
    if subject.lock is None or pin is None:
        return None
    place = best_place(tuple(subject.lock.find_places()), name, pin.version)
    return visible(f"{shown_path(place.path)}:{place.line}") if place else None
