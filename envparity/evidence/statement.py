"""A statement about a report: an in-toto statement, version 1, which sigstore, cosign or ssh-keygen can sign.

A report lists what envparity found in environments. The subjects of the statement are the lock and the images that the
report is about. `scripts/docs` makes `envparity/schema/statement.schema.json` from these types. A program that reads a
statement ignores fields that it does not know, as in-toto requires.
"""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

import msgspec

import envparity
from envparity.errors import EnvparityError
from envparity.judge.report import DoorFacts, Report
from envparity.judge.trust import Amount
from envparity.snapshot.types import doc
from envparity.text import visible

TYPE: Literal["https://in-toto.io/Statement/v1"] = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Literal["urn:envparity:envparity-statement-1"] = "urn:envparity:envparity-statement-1"

Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Time = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]


class Digest(msgspec.Struct, frozen=True):
    """A digest, as in-toto writes it."""

    sha256: Annotated[Sha256, doc("The SHA-256, in hex.")]


class Subject(msgspec.Struct, frozen=True):
    """The lock or an image that the statement is about."""

    name: Annotated[str, doc("The name of the lock's file, or the door of the image.")]
    digest: Annotated[
        Digest, doc("The digest of the lock's bytes, or of the configuration (image ID) or the manifest of the image.")
    ]


class AboutReport(msgspec.Struct, frozen=True):
    """The report that the statement is about."""

    digest: Annotated[Digest, doc("The digest of the bytes of the report's file.")]
    schema: Annotated[str, doc("The name and version of the report's format.")]


class Tool(msgspec.Struct, frozen=True):
    """The program that made the statement."""

    name: Annotated[Literal["envparity"], doc("The name of the program.")]
    version: Annotated[str, doc("The version of the program.")]


class Result(msgspec.Struct, frozen=True):
    """The result of the report."""

    status: Annotated[Literal["passed", "failed"], doc("failed: the report has a new error that nobody accepted.")]
    errors: Annotated[int, doc("The number of errors that are new and that nobody accepted.")]
    known: Annotated[int, doc("The number of errors that an earlier report, the baseline, has too.")]
    notes: Annotated[int, doc("The number of all other findings: notes, and declared and explained differences.")]
    accepted: Annotated[int, doc("The number of errors and notes that the project accepts.")]
    closed: Annotated[int, doc("The number of doors that were not opened.")]


class Judged(msgspec.Struct, frozen=True):
    """One environment of the report: how envparity read its files, and which files it judged."""

    door: Annotated[str, doc("The name of its door, as in the report.")]
    level: Annotated[
        Literal["inside", "outside"],
        doc("inside: its own Python read its files. outside: envparity read its files and started no program of it."),
    ]
    artefacts: Annotated[bool, doc("Whether its files were compared with the wheels that the lock names.")]
    judged: Annotated[dict[str, Amount], doc("How many files were judged, by the kind of comparison.")]
    unjudged: Annotated[dict[str, Amount], doc("How many files were not judged, by the kind of file.")]
    contents: Annotated[Digest, doc("The digest of the environment's contents, as `contents` in the report.")]
    snapshot: Annotated[Digest | None, doc("The digest of the bytes of its snapshot; null: unknown.")]
    lock: Annotated[Digest | None, doc("The digest of the environment's lock; null: no lock.")]
    images: Annotated[
        tuple[Digest, ...],
        doc("The digests of its image: of the configuration, and of the manifest if the image is an OCI layout."),
    ]


class Predicate(msgspec.Struct, frozen=True):
    """The facts that the statement gives about its subjects."""

    report: Annotated[AboutReport, doc("The report that the statement is about.")]
    tool: Annotated[Tool, doc("The program that made the statement.")]
    time: Annotated[
        Time, doc("When the report's file was last written, in UTC; or the time in SOURCE_DATE_EPOCH, if that was set.")
    ]
    result: Annotated[Result, doc("The result of the report.")]
    environments: Annotated[tuple[Judged, ...], doc("The environments of the report, in its order.")]


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement about a report, in the format of in-toto, version 1."""

    type: Annotated[Literal["https://in-toto.io/Statement/v1"], doc("The type of the document.")] = msgspec.field(
        name="_type"
    )
    subject: Annotated[
        tuple[Subject, ...], msgspec.Meta(min_length=1, description="The lock and the images that the report is about.")
    ]
    predicate_type: Annotated[
        Literal["urn:envparity:envparity-statement-1"], doc("The name and version of the predicate's format.")
    ] = msgspec.field(name="predicateType")
    predicate: Annotated[Predicate, doc("The facts that the statement gives about its subjects.")]


class Refused(Exception):
    """The error for a wrong signature or statement. The message is one line: what was expected and what was found."""


_STATEMENT = msgspec.json.Decoder(Statement)
_REPORT = msgspec.json.Decoder(Report)


def make_statement(data: bytes, origin: str, time: str) -> Statement:
    """Return the statement about the report in `data`, a JSON document.

    `time` is when the report was written, and `origin` is the name of its file for error messages. Raise EnvparityError
    if the data is not a report with digests, or if the report is about no lock and no image.
    """
    again = "make the report again with: envparity check --report FILE.json"
    try:
        report = _REPORT.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise EnvparityError(
            f"{origin}: expected a report (envparity-report-1), found: {visible(str(error))[:200]}; {again}"
        ) from error
    return Statement(
        type=TYPE,
        subject=_subjects(report, origin, again),
        predicate_type=PREDICATE_TYPE,
        predicate=Predicate(
            report=AboutReport(Digest(sha256(data).hexdigest()), report.schema),
            tool=Tool("envparity", envparity.__version__),
            time=time,
            result=_result(report),
            environments=tuple(_judged(door, origin, again) for door in report.doors),
        ),
    )


def _subjects(report: Report, origin: str, again: str) -> tuple[Subject, ...]:
    found: dict[str, str] = {}
    for door in report.doors:
        if door.digests is not None and door.digests.lock is not None:
            found.setdefault(door.digests.lock, door.lock or "lock")
    for door in report.doors:
        for digest in door.digests.images if door.digests is not None else ():
            found.setdefault(digest, door.name)
    if not found:
        raise EnvparityError(
            f"{origin}: expected a report about an environment with a lock, or about an image that was read from "
            f"outside, found neither; {again} --lock LOCK"
        )
    return tuple(Subject(name, Digest(digest)) for digest, name in found.items())


def _result(report: Report) -> Result:
    accepted = sum(1 for one in report.findings if one.accepted is not None)
    errors = len(report.errors)
    known = sum(1 for one in report.findings if one.known)
    notes = len(report.findings) - errors - known - accepted
    return Result("failed" if errors else "passed", errors, known, notes, accepted, len(report.closed))


def _judged(door: DoorFacts, origin: str, again: str) -> Judged:
    digests = door.digests
    if digests is None:
        raise EnvparityError(f"{origin}: expected a report with digests, found none for {visible(door.name)}; {again}")
    return Judged(
        door.name,
        door.level,
        door.trust.artefacts,
        door.trust.judged,
        door.trust.unjudged,
        Digest(digests.contents),
        Digest(digests.snapshot) if digests.snapshot else None,
        Digest(digests.lock) if digests.lock else None,
        tuple(map(Digest, digests.images)),
    )


def as_bytes(statement: Statement) -> bytes:
    """Return a statement as indented JSON that ends with a newline; equal statements have equal bytes."""
    return msgspec.json.format(msgspec.json.encode(statement), indent=2) + b"\n"


def decode_statement(data: bytes, origin: str) -> Statement:
    """Return the statement in `data`; raise Refused, which names the file `origin`, if `data` is not a statement."""
    try:
        return _STATEMENT.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(
            f"{origin}: expected an in-toto statement of envparity ({PREDICATE_TYPE}), found: "
            f"{visible(str(error))[:200]}"
        ) from error


def time_of(path: Path) -> str:
    """Return the time in SOURCE_DATE_EPOCH, or else the time at which a file was last written, in UTC.

    Raise EnvparityError if SOURCE_DATE_EPOCH is not a number of seconds, or if the file cannot be read.
    """
    text = os.environ.get("SOURCE_DATE_EPOCH") or ""
    try:
        seconds = int(text) if text else int(path.stat().st_mtime)
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OSError as error:
        raise EnvparityError(f"{visible(str(path))}: expected a report, found: {error.strerror}") from error
    except (ValueError, OverflowError) as error:
        raise EnvparityError(
            f"SOURCE_DATE_EPOCH: expected a number of seconds since 1970, found {visible(text)[:50]!r}; unset it"
        ) from error


def differences(statement: Statement, of_report: Statement) -> Iterator[str]:
    """Yield the name of each part in which a statement differs from the statement `of_report`, made from the report.

    The time and the version of envparity may differ.
    """
    parts: tuple[tuple[str, Callable[[Statement], object]], ...] = (
        ("subject", lambda one: one.subject),
        ("report", lambda one: one.predicate.report),
        ("result", lambda one: one.predicate.result),
        ("environments", lambda one: one.predicate.environments),
    )
    yield from (name for name, part in parts if part(statement) != part(of_report))
