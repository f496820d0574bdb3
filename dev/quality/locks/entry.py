"""One distribution of a lock, in a common form, so that the answers of all tools can be compared."""

import re
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name, canonicalize_version

from envparity.project.locks.lock import Pin

_FOLDER = re.compile(r"[#&]subdirectory=([^&]+)")
_SYSTEM = re.compile(r"^(git|hg|svn|bzr)\+")


@dataclass(frozen=True)
class Entry:
    """A distribution: its canonical name and its source, which is `==VERSION`, `@ URL` or `a folder`.

    `hashes` are texts such as `sha256:HEX`. They are empty if a tool names no hash.
    """

    name: str
    source: str
    hashes: frozenset[str] = field(default=frozenset())

    def __str__(self) -> str:
        return f"{self.name} {self.source}"


def entry(
    name: str,
    *,
    version: str | None = None,
    url: str | None = None,
    local: bool = False,
    hashes: frozenset[str] = frozenset(),
) -> Entry:
    """Return the entry of a distribution; `local` is True for a folder or a file of this machine.

    `version` or `url` is None if the tool does not name it. If `url` is an address of another machine, `local` is
    ignored, because an editable distribution may come from git.
    """
    remote = url is not None and not url.startswith("file:")
    if not remote and (local or url is not None):
        return Entry(canonicalize_name(name), "a folder")
    if url is not None:
        return Entry(canonicalize_name(name), f"@ {_plain_url(url)}", hashes)
    return Entry(canonicalize_name(name), f"=={canonicalize_version(version or '*')}", hashes)


def entry_of_pin(pin: Pin) -> Entry:
    """Return the entry of a pin that envparity has read."""
    return entry(pin.name, version=pin.version, url=pin.url, local=pin.local, hashes=pin.hashes)


def _plain_url(url: str) -> str:
    """Return a URL in a fixed form, because two tools can write the same address in different ways.

    The result has no fragment. For a repository, the result also has no user and no `.git`. If a subdirectory of the
    repository is used, it is at the end, for example `git+https://host/x@COMMIT in FOLDER`.
    """
    address = url.partition("#")[0]
    if not _SYSTEM.match(address):
        return address
    folder = _FOLDER.search(url)
    address = re.sub(r"(://)[^/@]*@", r"\1", address)
    place, _, commit = address.rpartition("@")
    return f"{place.removesuffix('/').removesuffix('.git')}@{commit}{f' in {folder[1]}' if folder else ''}"
