"""Reads the claims in each distribution's RECORD (the hash and size that a file should have), and judges each claim.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import binascii
import hashlib
import os

from envparity.probe.distributions import Distribution
from envparity.probe.editables import note_source
from envparity.probe.reading import HASHED_AT_MOST, read
from envparity.probe.text import SHOWN_AT_MOST, canonical, printable, reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Tuple

    from envparity.probe.places import Layout

    Claim = Tuple[str, str, str]  # the id of a distribution, and the hash and the size in its RECORD

URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Records:
    """The installed distributions, and in `expected` the claims of their RECORDs on each path."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.distributions: list[Distribution] = []
        self.problems: list[str] = []
        self.expected: dict[str, list[Claim]] = {}
        self.paths: dict[str, str] = {}
        self.sources: dict[str, str] = {}
        for scheme, folder in layout.sites:
            self._find_distributions(scheme, folder)
        self._name_distributions()
        for distribution in self.distributions:
            self._expect(distribution)
            source = note_source(distribution) if distribution.facts.get("editable") else None
            if source is not None:
                self.sources[distribution.facts["id"]] = source

    def _find_distributions(self, scheme: str, folder: str) -> None:
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            self.problems.append(f"{scheme}: {reason(error)}")
            return
        for entry in entries:
            if entry.name.endswith((".dist-info", ".egg-info", ".egg", ".egg-link")) and not entry.name.startswith("~"):
                try:
                    is_folder = entry.is_dir()
                except OSError:
                    is_folder = False
                self.distributions.append(Distribution(scheme, folder, entry.name, is_folder))

    def _name_distributions(self) -> None:
        taken = set()
        for distribution in self.distributions:
            name = canonical(distribution.facts["name"])
            if name in taken:
                name = f"{name}@{distribution.key}"
            taken.add(name)
            distribution.facts["id"] = name

    def _expect(self, distribution: Distribution) -> None:
        """Add a claim to `expected` for each row of a distribution's RECORD."""
        folder, scheme, owner = distribution.folder, distribution.scheme + "/", distribution.facts["id"]
        expected, row_keys = self.expected, distribution.row_keys
        hashed = False
        for path, digest, size in distribution.rows:
            key: str | None
            if path.isascii() and path[0] not in "./" and "/." not in path and "//" not in path and "\\" not in path:
                key = scheme + path
            else:
                absolute = os.path.normpath(os.path.join(folder, path))
                if path.startswith("../../") and not os.path.lexists(absolute):
                    # pip --target moves the files that it installed, and leaves their old paths in RECORD.
                    moved = os.path.normpath(os.path.join(folder, path[6:]))
                    absolute = moved if os.path.lexists(moved) else absolute
                key = self.layout.claimed_key(absolute)
                if key is None:
                    distribution.problems.append(
                        f"RECORD: {printable(path)[:SHOWN_AT_MOST]} is outside the environment"
                    )
                    row_keys.append(None)
                    continue
                self.paths[key] = absolute
            row_keys.append(key)
            if not digest and key.endswith(("/", "/__pycache__")):
                continue  # RECORDs of virtualenv and of some build tools also list folders
            claim = (owner, digest, size)
            if key in expected:
                expected[key].append(claim)
            else:
                expected[key] = [claim]
            hashed = hashed or digest != ""
        if distribution.rows and not hashed and distribution.facts["record"] == "read":
            distribution.facts["record"] = "unhashed"
        if distribution.facts["record"] == "missing":
            names = distribution.top_level()
            if names:
                distribution.facts["top_level"] = names


def verdicts(wanted: list[Claim], digest: bytes, size: int, path: str) -> dict[str, str]:
    """Return a dict from the id of each distribution that claims a file to its verdict: `match`, or what is wrong.

    `wanted` are the claims on the file, `digest` is the file's SHA-256, and `size` is in bytes. If a distribution
    claims the file several times, its first verdict other than `match` counts.
    """
    usual = "sha256=" + binascii.b2a_base64(digest, newline=False)[:-1].translate(URL_SAFE).decode()
    if len(wanted) == 1 and wanted[0][1] == usual and wanted[0][2] in ("", str(size)):
        return {wanted[0][0]: "match"}
    claims: dict[str, str] = {}
    for owner, recorded, recorded_size in wanted:
        verdict = "unhashed"
        if recorded:
            verdict = "match" if recorded == usual else wrong_hash(recorded, path)
            if verdict == "match" and recorded_size and recorded_size != str(size):
                verdict = "size:" + printable(recorded_size)[:40]
        if claims.get(owner, "match") == "match":
            claims[owner] = verdict
    return claims


def wrong_hash(recorded: str, path: str) -> str:
    """Return the verdict for a recorded hash that is not the SHA-256 of the file at `path`.

    The verdict is `match` if the hash has another algorithm and is right. Otherwise it is `ALGORITHM:HEX` with the
    recorded hash, `malformed:TEXT`, `unknown:ALGORITHM`, or `unread` if the file cannot be read.
    """
    algorithm, _, text = recorded.partition("=")
    if algorithm not in hashlib.algorithms_guaranteed or algorithm.startswith("shake"):
        return "unknown:" + printable(algorithm)[:40]
    try:
        expected = binascii.a2b_base64(text.encode("ascii").replace(b"-", b"+").replace(b"_", b"/") + b"==")
        digest = hashlib.new(algorithm)
    except ValueError:
        expected = b""
    if not expected or len(expected) != digest.digest_size:
        return "malformed:" + printable(recorded)[:100]
    if algorithm != "sha256":
        try:
            digest.update(read(path, HASHED_AT_MOST))
        except OSError:
            return "unread"
        if digest.digest() == expected:
            return "match"
    return f"{algorithm}:{expected.hex()}"
