"""Checks RECORD and METADATA: whether they can be read, are complete, and agree with the folder and the files."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from packaging.utils import canonicalize_name
from packaging.version import Version

from envparity.judge.findings import Finding
from envparity.judge.integrity.links import broken_links
from envparity.judge.rules import Rules, Severity
from envparity.judge.subject import OTHER_TOOLS, Subject
from envparity.snapshot.types import Distribution, File
from envparity.text import some

RULES = Rules("integrity")
RECORD_MISSING = RULES.note(
    "record-missing",
    title="no RECORD",
    meaning="The distribution has no RECORD, so nothing says which files belong to it. System packages and eggs often "
    "have no RECORD. envparity lists and hashes the files in the site folder, but does not know which of them belong "
    "to this distribution, so it cannot check them. The finding is an error if pip or uv installed the distribution. "
    "Both always write a RECORD, so somebody or an interrupted uninstall deleted it.",
    fix="If you want envparity to check the files, delete the metadata folder and install the distribution from a "
    "wheel. An uninstall does not work, because it needs RECORD.",
)
RECORD_MANAGED = RULES.note(
    "record-managed",
    title="managed by the system's package manager",
    meaning="These distributions are in a folder of the system's own packages (PEP 668). Systems such as Debian "
    "change files after RECORD was written: they strip extension modules and move scripts. So envparity does not check "
    "these files.",
    fix="Check these files with the system's package manager, for example with `dpkg --verify`.",
)
RECORD_UNHASHED = RULES.note(
    "record-unhashed",
    title="a RECORD without hashes",
    meaning="The RECORD of the distribution lists the files without hashes. envparity checks that the files exist, "
    "but cannot check their bytes.",
    fix="If you want envparity to check the bytes, install the distribution from a wheel.",
)
RECORD_INCOMPLETE = RULES.error(
    "record-incomplete",
    title="lines of RECORD without a hash",
    meaning="The RECORD has hashes for other files, but not for these files. The wheel specification requires a hash "
    "for each of these files. Either RECORD is newer than the installation, or envparity cannot tell its "
    "age. So somebody may have removed the hashes.",
    fix="Delete the metadata folder, because an uninstall needs a correct RECORD. Then install the distribution again: "
    "`pip install --ignore-installed --no-deps NAME==VERSION`, or with uv `uv pip install --no-deps NAME==VERSION`.",
)
RECORD_BUILT_WRONG = RULES.note(
    "record-built-wrong",
    title="a RECORD that the wheel's builder wrote wrong",
    meaning="Some lines of the RECORD break the rules of the wheel specification: for example a hash in hexadecimal, "
    "a wrong size, a folder, or a file that the wheel does not contain. The installer copied these lines from the "
    "wheel, so nobody damaged the environment. envparity compared each hash that it could read.",
    fix="You need not do anything. To have the wheel corrected, report the problem to the distribution's maintainers.",
)
RECORD_MALFORMED = RULES.error(
    "record-malformed",
    title="a RECORD that cannot be read",
    meaning="The RECORD is not the table of path, hash and size that the wheel specification describes. envparity "
    "cannot check the files of the distribution.",
    fix="Delete the metadata folder, because an uninstall needs a correct RECORD. Then install the distribution again: "
    "`pip install --ignore-installed --no-deps NAME==VERSION`, or with uv `uv pip install --no-deps NAME==VERSION`.",
)
RECORD_ESCAPES = RULES.error(
    "record-escapes",
    title="a RECORD that points outside the environment",
    meaning="A path in the RECORD leads out of the environment. envparity did not open the file at that path. An "
    "uninstall of the distribution could delete that file.",
    fix="Do not uninstall the distribution with an installer. Delete its metadata folder. Then install it again: `pip "
    "install --ignore-installed --no-deps NAME==VERSION`, or with uv `uv pip install --no-deps NAME==VERSION`.",
)
METADATA_BROKEN = RULES.error(
    "metadata-broken",
    title="metadata that cannot be read",
    meaning="The distribution's metadata is missing or malformed, so its name, version or requirements are unknown. "
    "The finding is a note if METADATA is unchanged since the wheel was built, and has a requirement that only old "
    "releases of pip accept, for example `PyYAML (>=5.1.*)` of omegaconf 2.0.5.",
    fix="Delete the metadata folder, because an uninstall needs correct metadata. Then install the distribution again: "
    "`pip install --ignore-installed --no-deps NAME==VERSION`, or with uv `uv pip install --no-deps NAME==VERSION`.",
)
METADATA_MISMATCH = RULES.error(
    "metadata-mismatch",
    title="METADATA and its folder disagree",
    meaning="The name or version in METADATA differs from the name of the metadata folder. For example, "
    "alpha-1.0.dist-info holds a METADATA with version 1.5. Some installers and programs report the version of "
    "METADATA, others report the version of the folder.",
    fix="Delete the metadata folder, because an uninstall needs correct metadata. Then install the distribution again: "
    "`pip install --ignore-installed --no-deps NAME==VERSION`, or with uv `uv pip install --no-deps NAME==VERSION`.",
)
_ALWAYS_RECORD = ("pip", "uv")  # installers that write a RECORD for every distribution, by their names in INSTALLER
_OF_THE_WHEEL = ("size", "malformed", "unknown")  # verdicts that do not mean that the bytes of a file are wrong
_NO_FAULT = ("match", "unhashed", "missing", "unread")  # verdicts that do not mean that a hash in RECORD is wrong
_ODD = {
    "spelling": (
        "hash in another format than the wheel specification asks for",
        "hashes in another format than the wheel specification asks for",
    ),
    "size": ("wrong size of a file with the right hash", "wrong sizes of files with the right hash"),
    "hash": ("wrong hash of a file", "wrong hashes of files"),
    "unhashed": ("file without a hash", "files without a hash"),
    "malformed": ("hash that cannot be read", "hashes that cannot be read"),
    "unknown": ("hash of an unknown algorithm", "hashes of unknown algorithms"),
    "absent": ("file that the wheel does not contain", "files that the wheel does not contain"),
    "duplicate": ("second hash for one file", "second hashes for one file"),
    "folder": ("folder", "folders"),
    "data": ("path in .data that was never installed", "paths in .data that were never installed"),
    "elsewhere": ("path of another machine", "paths of another machine"),
    "separator": ("path with backslashes", "paths with backslashes"),
}
_SHOWN = 20  # the most paths among a finding's details
# The files that RECORD may list without a hash. The wheel specification asks for no hash of RECORD and its signatures,
# and pip lists bytecode without a hash.
_NO_HASH = re.compile(r"\.dist-info/RECORD(\.jws|\.p7s)?$|\.pyc$")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield findings about RECORDs and metadata that are missing, incomplete or wrong, or that cannot be read."""
    nowhere = broken_links(subject)
    for one in subject.judged:
        if {one.metadata, f"{one.metadata}/METADATA"} & nowhere.keys():
            continue  # another finding says that the metadata is a link that leads nowhere
        record = [f"{one.metadata}/RECORD"]
        escapes = [problem for problem in one.problems if problem.endswith("is outside the environment")]
        for problem in escapes:
            yield subject.finding(RECORD_ESCAPES, f"{one.label}: {problem}", of=one, paths=record)
        others = [problem for problem in one.problems if problem not in escapes]
        if one.record == "malformed":
            line = next((problem for problem in others if problem.startswith("RECORD:")), "RECORD: not readable")
            others = [problem for problem in others if problem != line]
            found = line.removeprefix("RECORD: ").removeprefix("expected path,hash,size, found ")
            message = (
                f"{one.label}: RECORD: expected path,hash,size in each line, found: {found}; "
                "envparity does not check its files"
            )
            yield subject.finding(RECORD_MALFORMED, message, of=one, paths=record)
        elif one.record == "missing" and one.format == "dist-info" and one.installer in _ALWAYS_RECORD:
            message = f"{one.label} has no RECORD, but {one.installer} installed it and always writes a RECORD"
            yield subject.finding(RECORD_MISSING, message, of=one, severity=Severity.ERROR)
        elif one.record == "missing" and not one.editable:
            yield subject.finding(
                RECORD_MISSING, f"{one.label} has no RECORD, so envparity does not check its files", of=one
            )
        elif one.record == "unhashed":
            message = f"{one.label} lists its files without hashes, so envparity does not check their bytes"
            yield subject.finding(RECORD_UNHASHED, message, of=one)
        for problem in others:
            yield subject.finding(METADATA_BROKEN, f"{one.label} ({one.metadata}): {problem}", of=one)
        yield from _folder_name(subject, one)
    if subject.managed:
        labels = sorted(subject.labels(subject.managed))
        message = f"the system's package manager manages {some(labels)}, so envparity does not check their files"
        yield subject.finding(RECORD_MANAGED, message, distributions=sorted(subject.managed))
    yield from _unhashed(subject)
    yield from _built_wrong(subject)


def is_built_wrong(subject: Subject, owner: str, verdict: str, path: str) -> bool:
    """Return whether a file has this verdict only because the RECORD was already wrong in the wheel.

    The verdict is the result of comparing the file with the RECORD of `owner`, as in `claims` of the snapshot. Return
    True for a wrong size, and for a hash that is malformed or of an unknown algorithm. With --artefacts, also return
    True for a wrong hash, if the file has the bytes of the wheel. Return False if RECORD has changed since the
    installation.
    """
    kind = verdict.partition(":")[0]
    wrong = kind in _OF_THE_WHEEL or (kind not in _NO_FAULT and subject.is_of_artefact(path))
    return wrong and owner in subject.untouched


def _built_wrong(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each distribution whose wheel had a RECORD with faults."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    paths: dict[str, list[str]] = defaultdict(list)
    for path, file in subject.notable.items():
        for owner, verdict in file.claims.items():
            kind = verdict.partition(":")[0]
            kind = kind if kind in _ODD or kind in _NO_FAULT else "hash"
            if kind == "absent" or (
                is_built_wrong(subject, owner, verdict, path)
                or (kind == "unhashed" and owner in subject.untouched and _needs_hash(subject, owner, path, file))
            ):
                rows[owner][kind] += 1
                paths[owner].append(path)
    for one in subject.judged:
        found = Counter(one.odd) + rows[one.id]
        if one.id not in subject.untouched:
            del found["duplicate"]  # somebody may have added the second line to RECORD after the installation
        if found:
            kinds = [f"{found[kind]} {words[found[kind] > 1]}" for kind, words in _ODD.items() if found[kind]]
            message = f"{one.label}: the RECORD of its wheel has {', '.join(kinds)}"
            yield subject.finding(
                RECORD_BUILT_WRONG, message, of=one, paths=[f"{one.metadata}/RECORD"], details=paths[one.id][:_SHOWN]
            )


def _folder_name(subject: Subject, one: Distribution) -> Iterator[Finding]:
    """Yield a finding if the name of a dist-info folder differs from the name and version in its METADATA."""
    stem = one.metadata.rpartition("/")[2].removesuffix(".dist-info")
    if one.format != "dist-info" or one.version is None or "-" not in stem:
        return
    name, _, version = stem.partition("-")
    if canonicalize_name(name) != canonicalize_name(one.name) or not _same_version(version, one.version):
        message = f"{one.metadata}: expected {name} {version} in its METADATA, found {one.label}"
        yield subject.finding(METADATA_MISMATCH, message, of=one, paths=[f"{one.metadata}/METADATA"])


def _same_version(escaped: str, version: str) -> bool:
    try:
        return Version(escaped.replace("_", "-")) == Version(version) or Version(escaped) == Version(version)
    except ValueError:  # not a version, or a number with more digits than Python converts
        return re.sub(r"[-_]", "_", escaped) == re.sub(r"[-_]", "_", version)


def _unhashed(subject: Subject) -> Iterator[Finding]:
    """Yield a finding for each RECORD that has hashes, but lacks a hash that the wheel specification asks for.

    Leave out a RECORD that is unchanged since the installation: `_built_wrong` yields the finding about it.
    """
    unhashed: dict[str, list[str]] = defaultdict(list)
    for path, file in subject.notable.items():
        for owner, verdict in file.claims.items():
            if verdict == "unhashed" and owner not in subject.untouched and _needs_hash(subject, owner, path, file):
                unhashed[owner].append(path)
    for owner, paths in sorted(unhashed.items()):
        message = f"{subject.snapshot.label(owner)}: expected a hash in its RECORD for {some(paths)}, found none"
        yield subject.finding(RECORD_INCOMPLETE, message, paths=paths, distributions=[owner])


def _needs_hash(subject: Subject, owner: str, path: str, file: File) -> bool:
    """Return whether RECORD must have a hash of a file. Call this only if RECORD lists the file without a hash."""
    one = subject.snapshot.by_id.get(owner)
    if one is None or one.record != "read" or file.error is not None or _NO_HASH.search(path):
        return False
    if one.installer in OTHER_TOOLS and (file.starts is not None or file.kind == "missing"):
        return False  # conda wrote the script or deleted the file, and does not correct RECORD
    return not _seeded(subject, owner, path)


def _seeded(subject: Subject, owner: str, path: str) -> bool:
    """Return whether virtualenv made a file together with the environment, and so listed the file without a hash."""
    stem = subject.snapshot.by_id[owner].metadata.removesuffix(".dist-info")
    mark = f"{stem}.virtualenv"
    by_virtualenv = owner in subject.snapshot.files[mark].claims if mark in subject.snapshot.files else False
    return by_virtualenv and (path in (mark, f"{stem}.dist-info/INSTALLER") or path.startswith("scripts/"))
