"""Compares the source that a distribution was installed from with the source that a lock pins.

An installer notes the source in direct_url.json (PEP 610): an archive, a folder, or a commit of a repository. It notes
nothing for a release from an index or from a folder of wheels (`--find-links`).
"""

import re
from urllib.parse import unquote, urlsplit

from envparity.judge.subject import OTHER_TOOLS, Subject
from envparity.probe.text import without_secrets
from envparity.project.locks.lock import Pin
from envparity.snapshot.types import Distribution

_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_HASH = re.compile(r"(?:^|&)(sha256|sha384|sha512|sha1|md5)=([0-9a-fA-F]+)")


def other_source(found: Distribution, pin: Pin, local: str | None) -> str | None:
    """Return the source of a distribution as a text if the lock does not pin this source, otherwise None.

    `local` is the URL of the local file or folder from which the distribution was installed; None for another source.
    """
    direct = found.direct_url
    if pin.url is None and found.installer in OTHER_TOOLS and str((direct or {}).get("url", "")).startswith("file:"):
        direct = None  # the folder in which the package was built, on another machine
    if pin.local:
        if found.editable or (direct is not None and str(direct.get("url", "")).startswith("file:")):
            return None
        if direct is None:
            return "a release"
    if found.editable:
        return "an editable install"
    if direct is None:
        return "a release" if pin.url is not None else None
    if pin.url is None:
        return None if _is_release_file(found, pin) else shown(found, local)
    matches = _is_commit if "commit" in direct else _is_location
    return None if matches(found, pin.url, local) else shown(found, local)


def pinned_hashes(pin: Pin) -> frozenset[str]:
    """Return the hashes of a pin as `sha256:HEX`: the hashes in its line, and the hash in the fragment of its URL."""
    fragment = urlsplit(pin.url).fragment if pin.url else ""
    return pin.hashes | {f"{name}:{digest.lower()}" for name, digest in _HASH.findall(fragment)}


def strange_hashes(found: Distribution, pin: Pin) -> list[str]:
    """Return the hashes of the installed artefact if the pin lists none of them; otherwise an empty list.

    Ignore a hash if the pin lists no hash of the same algorithm.
    """
    pinned = pinned_hashes(pin)
    kinds = {one.partition(":")[0] for one in pinned}
    comparable = {one.lower() for one in found.artefact_hashes if one.partition(":")[0] in kinds}
    return [] if comparable & pinned else sorted(comparable)


def is_proved(found: Distribution, pin: Pin) -> bool:
    """Return whether the hash of the installed artefact, as the installer noted it, is one of the pinned hashes."""
    return bool({one.lower() for one in found.artefact_hashes} & pinned_hashes(pin))


def compared_facts(subject: Subject) -> str | None:
    """Return a text about the facts that were compared with the lock, and their number; None without a lock.

    Example: `versions of 56 distributions; of 3 also the hash of the wheel or sdist, as direct_url.json has it`.
    """
    if subject.lock is None:
        return None
    installed = subject.snapshot.by_name
    both = [(found, pin) for name, pin in subject.pins.items() if (found := installed.get(name)) is not None]
    versions = sum(pin.version is not None for _, pin in both)
    words = [f"versions of {versions} distribution{'' if versions == 1 else 's'}"]
    commits = sum(found.direct_url is not None and "commit" in found.direct_url for found, pin in both if pin.url)
    if commits:
        words.append(f"commits of {commits}, as direct_url.json has them")
    hashes = [found for found, pin in both if pinned_hashes(pin) and found.artefact_hashes]
    if hashes:
        files = {"provenance_url.json" if found.provenance else "direct_url.json" for found in hashes}
        words.append(f"of {len(hashes)} also the hash of the wheel or sdist, as {' or '.join(sorted(files))} has it")
    elif any(pinned_hashes(pin) for _, pin in both):
        words.append("no hashes of wheels, because the installer noted none")
    else:
        words.append("no hashes of wheels, because the lock has none")
    return "; ".join(words)


def shown(found: Distribution, local: str | None) -> str:
    """Return the source of a distribution as a text, for example `https://host/x.git@COMMIT`.

    The text is `local`, the URL of a local file or folder. If `local` is None, the text is the URL in direct_url.json.
    If the distribution has a commit, the text ends with `@` and the commit.
    """
    direct = found.direct_url or {}
    url, commit = local or str(direct.get("url", "")), direct.get("commit")
    return f"{url}@{commit}" if commit else url


def _is_release_file(found: Distribution, pin: Pin) -> bool:
    """Return whether a distribution was installed from an archive of the release that a lock pins.

    Return True if the hash of the archive is pinned. Also return True for an archive in a local folder: uv notes no
    hash of such an archive, so envparity can compare only the version.
    """
    direct = found.direct_url or {}
    if direct.get("kind") != "archive":
        return False
    return is_proved(found, pin) or direct.get("url") == "file:"


def _is_commit(found: Distribution, pinned: str, local: str | None) -> bool:
    """Return whether the installed commit is the pinned one, which the lock may name by tag, branch or first digits."""
    direct = found.direct_url or {}
    commit, asked = str(direct["commit"]), direct.get("revision")
    parts = urlsplit(pinned)
    folder = re.search(r"(?:^|&)subdirectory=([^&]*)", parts.fragment)
    if "+" not in parts.scheme or (folder[1].strip("/") if folder else "") != str(direct.get("subdirectory", "")):
        return False
    place, _, revision = parts.path.rpartition("@") if "@" in parts.path else (parts.path, "", None)
    if revision and _COMMIT.fullmatch(revision.lower()) and commit.startswith(revision.lower()):
        return True
    url = parts.scheme.partition("+")[2] + "://" + parts.netloc + place
    return revision == asked and _same_place(url, local or str(direct["url"]))


def _is_location(found: Distribution, pinned: str, local: str | None) -> bool:
    """Return whether the installed archive or folder is the pinned one: compare the hash of the archive, or the URL."""
    direct = found.direct_url or {}
    proved = {f"{name}:{digest.lower()}" for name, digest in _HASH.findall(urlsplit(pinned).fragment)}
    if proved & found.artefact_hashes:
        return True
    return _same_place(pinned, local or str(direct.get("url", "")))


def _same_place(one: str, other: str) -> bool:
    return _place(one) == _place(other)


def _place(url: str) -> tuple[str, str]:
    """Return the host and path of a URL, without parts that change nothing: user, query, `.git` and the last slash."""
    try:
        parts = urlsplit(without_secrets(url))
    except ValueError:  # direct_url.json may have any text
        return "", url
    path = unquote(parts.path).rstrip("/").removesuffix(".git")
    return (parts.hostname or "").removeprefix("localhost"), re.sub(r"/+", "/", path)
