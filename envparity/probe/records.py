"""Reads the claims in each distribution's RECORD (the hash and size that a file should have), and judges each claim.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import hashlib
import os
import re

from envparity.probe.digests import base64_text, decoded, usual_spelling
from envparity.probe.distributions import Distribution
from envparity.probe.editables import note_source
from envparity.probe.reading import HASHED_AT_MOST, read
from envparity.probe.text import SHOWN_AT_MOST, canonical, printable, reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Collection, Tuple

    from envparity.probe.places import Layout
    from envparity.probe.text import Facts

    Claim = Tuple[str, str, str]  # the id of a distribution, and the hash and the size in its RECORD


ISOLATED = re.compile(rb" -[EIPs]+$")  # options that isolate Python, in the first line of a script


class Records:
    """The installed distributions, and in `expected` the claims of their RECORDs on each path."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.distributions: list[Distribution] = []
        self.problems: list[str] = []
        self.expected: dict[str, list[Claim]] = {}
        self.paths: dict[str, str] = {}
        # The distributions whose RECORD is as their installer wrote it: a dict from id to the time of RECORD in ns.
        self.untouched: dict[str, int] = {}
        # By the id of each editable install: its folder, or the first path of its code that does not exist.
        self.projects: dict[str, str] = {}
        for scheme, folder in layout.sites:
            self._find_distributions(scheme, folder)
        self._name_distributions()
        for distribution in self.distributions:
            self._expect(distribution)
            source = note_source(distribution) if distribution.facts.get("editable") else None
            if source is not None:
                self.projects[distribution.facts["id"]] = source

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
        """Add a claim to `expected` for each row of a distribution's RECORD that names a file of the environment."""
        facts, odd = distribution.facts, distribution.odd
        written = distribution.record_time()
        if written:
            self.untouched[facts["id"]] = written
        scheme = distribution.scheme + "/"
        folders = {row[0].rpartition("/")[0] for row in distribution.rows}
        hashed = False
        for path, digest, size in distribution.rows:
            key: str | None
            if path.isascii() and path[0] not in "./" and "/." not in path and "//" not in path and "\\" not in path:
                key = scheme + path
            else:
                key = self._unusual(distribution, path)
            usual = usual_spelling(digest)
            odd["spelling"] += usual != digest
            if path[-1] == "/" or path in folders or (not digest and path.endswith("/__pycache__")):
                odd["folder"] += digest != ""  # virtualenv and some build tools list folders, but without a hash
                key = ""
            elif self._is_packed(distribution, path):
                key = ""
            elif key:
                self._claim(distribution, key, usual, size)
                hashed = hashed or digest != ""
            distribution.row_keys.append(key)
        if distribution.rows and not hashed and facts["record"] == "read":
            facts["record"] = "unhashed"
        if facts["record"] == "read" and any(odd.values()):
            facts["odd"] = {kind: odd[kind] for kind in sorted(odd) if odd[kind]}
        names = distribution.top_level() if facts["record"] == "missing" else []
        if names:
            facts["top_level"] = names

    def _claim(self, distribution: Distribution, key: str, digest: str, size: str) -> None:
        """Add a claim (the hash and size in RECORD) to `expected`, but only once if RECORD has the same row twice."""
        claim = (distribution.facts["id"], digest, size)
        claims = self.expected.setdefault(key, [])
        if claim not in claims:
            if digest and any(owner == claim[0] and other not in ("", digest) for owner, other, _ in claims):
                distribution.odd["duplicate"] += 1
            claims.append(claim)

    def _is_packed(self, distribution: Distribution, path: str) -> bool:
        """Return whether `path`, from a row of RECORD, is in the wheel's folder .data, and no file is at this path.

        Installers move the files of this folder to other folders.
        """
        inside = path.startswith(distribution.packed) and not os.path.lexists(os.path.join(distribution.folder, path))
        distribution.odd["data"] += inside
        return inside

    def _unusual(self, distribution: Distribution, path: str) -> str | None:
        """Return the key of a path with an unusual spelling, for example `../../../bin/tool` or `package\\module.py`.

        A key is the name of a path in the snapshot, for example `scripts/tool`. The result is None for a path outside
        the environment. It is empty for an absolute path outside the environment that does not exist, for example a
        path of the machine that built the wheel.
        """
        absolute = os.path.normpath(os.path.join(distribution.folder, path))
        if not os.path.lexists(absolute):
            others = []
            if path.startswith("../../"):
                # pip --target moves the files that it installed, and leaves their old paths in RECORD.
                others.append(path[6:])
            if "\\" in path:
                others.append(path.replace("\\", "/"))  # a wheel that was built on Windows
            for other in others:
                moved = os.path.normpath(os.path.join(distribution.folder, other))
                if os.path.lexists(moved):
                    absolute = moved
                    distribution.odd["separator"] += other is others[-1] and "\\" in path
        key = self.layout.claimed_key(absolute)
        if key is not None:
            self.paths[key] = absolute
        elif os.path.isabs(path) and not os.path.lexists(absolute):
            distribution.odd["elsewhere"] += 1  # a path of the machine that built the wheel
            return ""
        else:
            distribution.problems.append(f"RECORD: {printable(path)[:SHOWN_AT_MOST]} is outside the environment")
        return key

    def machine_facts(self) -> Facts:
        """Return the facts that depend on this machine, by the names of their fields in `located` of the snapshot."""
        sources = {str(one.facts["id"]): printable(one.source) for one in self.distributions if one.source}
        return {
            "projects": {name: self.projects[name] for name in sorted(self.projects)},
            "sources": {name: sources[name] for name in sorted(sources)},
            "untouched": sorted(self.untouched),
        }

    def never_there(self, owner: str, path: str) -> bool:
        """Return whether a missing file was already missing when its distribution was installed.

        The evidence is the modification time of the file's folder, which changes when a file in it is deleted. So the
        result is True if the folder is older than RECORD. If this folder is missing too, the nearest existing folder
        above it counts. The result is False if `Distribution.record_time` returned None, because RECORD may have
        changed after the installation. A copied environment often has such RECORDs.
        """
        if owner not in self.untouched:
            return False
        while not os.path.lexists(path):
            path = os.path.dirname(path)
        try:
            return os.stat(path).st_mtime_ns < self.untouched[owner]
        except OSError:
            return False


def verdicts(
    wanted: list[Claim], digest: bytes, size: int, path: str, untouched: Collection[str] = ()
) -> dict[str, str]:
    """Return the verdict of each distribution that claims a file, in a dict by the id of the distribution.

    A verdict is `match`, `unhashed` (the claim has no hash), `size:SIZE` (the hash is right, but RECORD has the wrong
    size SIZE), or a result of `wrong_hash`.

    `wanted` are the claims on the file: each has the id of a distribution, and the hash and the size in its RECORD.
    `digest` is the file's SHA-256, and `size` is in bytes. If a distribution claims the file several times with
    different hashes, its first verdict other than `match` counts. `untouched` has the distributions whose RECORD did
    not change after the installation. For them, `match` counts, because the wheel had several rows for the file.
    """
    usual = "sha256=" + base64_text(digest)
    if len(wanted) == 1 and wanted[0][1] == usual and wanted[0][2] in ("", str(size)):
        return {wanted[0][0]: "match"}
    claims: dict[str, str] = {}
    for owner, recorded, recorded_size in wanted:
        verdict = "unhashed"
        if recorded:
            verdict = "match" if recorded == usual else wrong_hash(recorded, path)
            if verdict == "match" and recorded_size and recorded_size != str(size):
                verdict = "size:" + printable(recorded_size)[:40]
        known = claims.get(owner, "unhashed")
        if known == "unhashed" or (verdict != "unhashed" and (known == "match") == (owner not in untouched)):
            claims[owner] = verdict
    return claims


def judge_script(claims: dict[str, str], key: str, data: bytes) -> None:
    """Set a verdict to `match` if the script `data` differs from its RECORD only in the line that starts Python.

    Installers write the path of Python into that line. pip before 20.0 left the hash of the wheel's script in RECORD.
    pipx and pex add options to the line, for example `-E`. These options isolate Python.
    """
    if key[:8] != "scripts/" or data[:2] != b"#!":
        return
    first, newline, rest = data.partition(b"\n")
    for start in (b"#!python", b"#!pythonw", ISOLATED.sub(b"", first)):
        recorded = "sha256:" + hashlib.sha256(start + newline + rest).hexdigest()
        for owner in claims:
            if claims[owner] == recorded:
                claims[owner] = "match"


def wrong_hash(recorded: str, path: str) -> str:
    """Return the verdict for a recorded hash that is not the SHA-256 of the file at `path`.

    The verdict is `match` if the hash has another algorithm and is right. Otherwise it is `ALGORITHM:HEX` with the
    recorded hash, `malformed:TEXT`, `unknown:ALGORITHM`, or `unread` if the file cannot be read.
    """
    algorithm, expected = decoded(recorded)
    if not algorithm:
        return "unknown:" + printable(recorded.partition("=")[0])[:40]
    if not expected:
        return "malformed:" + printable(recorded)[:100]
    if algorithm != "sha256":
        try:
            digest = hashlib.new(algorithm, read(path, HASHED_AT_MOST))
        except OSError:
            return "unread"
        if digest.digest() == expected:
            return "match"
    return f"{algorithm}:{expected.hex()}"
