"""Checks whether a statement is about a given report, a given lock or a given environment.

A statement says which lock, environments and images a report is about, and what the report found. A door is a way to
reach an environment, and a snapshot is a document with the facts about an environment.
"""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from envparity.errors import EnvparityError
from envparity.evidence.statement import (
    Judged,
    Refused,
    Statement,
    differences,
    make_statement,
)
from envparity.files import read_whole
from envparity.judge.digests import contents_digest
from envparity.project.config import Config
from envparity.snapshot.doors import Look, Opened, find_door, open_doors
from envparity.snapshot.types import decode_snapshot, read_bytes
from envparity.text import listed, visible


def check_report(statement: Statement, path: Path) -> str:
    """Return a text that says that the statement is about the report in a file.

    Raise Refused if the statement is about another report, or if it says something else than its report. Raise
    EnvparityError if the file cannot be read.
    """
    data, name = read_whole(path, "the report of the statement"), visible(str(path))
    wanted, found = statement.predicate.report.digest.sha256, sha256(data).hexdigest()
    if found != wanted:
        raise Refused(f"{name}: expected the report with the SHA-256 {wanted}, found {found}")
    try:
        of_report = make_statement(data, name, statement.predicate.time)
    except EnvparityError as error:
        raise Refused(str(error)) from error
    if parts := list(differences(statement, of_report)):
        raise Refused(f"{name}: expected the statement to say what its report says, found another {listed(parts)}")
    return f"{name} is its report"


def check_lock(statement: Statement, path: Path) -> str:
    """Return a text that says that the statement is about the lock in a file; otherwise raise Refused.

    Raise EnvparityError if the file cannot be read.
    """
    found, name = sha256(read_whole(path, "the lock of the statement")).hexdigest(), visible(str(path))
    locks = sorted({one.lock.sha256 for one in statement.predicate.environments if one.lock is not None})
    if found not in locks:
        raise Refused(f"{name}: expected the lock with the SHA-256 {' or '.join(locks) or 'none'}, found {found}")
    return f"{name} is its lock"


def check_door(statement: Statement, text: str, config: Config, track: str | None, look: Look) -> str:
    """Return a text that says which environment of the statement is behind a door.

    `text` names the door, and `track` is the track for which the door is opened. A saved snapshot must have the same
    bytes as the snapshot that was judged. Raise Refused if the statement is not about this environment or image, and
    EnvparityError if the door does not open.
    """
    door = find_door(text, config, track, look.outside)
    if door.saved is not None:
        return _check_saved(statement, door.saved)
    opened = open_doors([door], config, track, look)
    found = [_check_opened(statement, one) for one in opened]
    return f"{visible(text)} has its environment {listed([_described(one) for one in found])}"


def _check_saved(statement: Statement, path: Path) -> str:
    data, name = read_bytes(path), visible(str(path))
    found = sha256(data).hexdigest()
    for one in statement.predicate.environments:
        if one.snapshot is not None and one.snapshot.sha256 == found:
            return f"{name} is the snapshot of its environment {_described(one)}"
    try:
        contents = contents_digest(decode_snapshot(data, name))
    except EnvparityError:
        contents = ""
    same = any(one.contents.sha256 == contents for one in statement.predicate.environments)
    wanted = listed([one.snapshot.sha256 for one in statement.predicate.environments if one.snapshot], 3)
    raise Refused(
        f"{name}: expected a snapshot with the SHA-256 {wanted}, found {found}"
        + ("; its environment has the same contents, so name the environment, not the snapshot" if same else "")
    )


def _check_opened(statement: Statement, opened: Opened) -> Judged:
    environments = statement.predicate.environments
    images = {digest.sha256 for one in environments for digest in one.images}
    if images and opened.images and not images.intersection(opened.images):
        raise Refused(
            f"{opened.name}: expected the image {listed(sorted(images))}, found {listed(sorted(opened.images))}"
        )
    contents = contents_digest(opened.snapshot)
    fitting = [one for one in environments if one.contents.sha256 == contents]
    if not fitting:
        files = sum(1 for file in opened.snapshot.files.values() if file.kind != "missing")
        raise Refused(
            f"{opened.name}: expected the contents {_wanted(environments)}, found {contents} with {files:,} files; a "
            "Python that ran there may have added bytecode"
        )
    return next((one for one in fitting if one.door == opened.name), fitting[0])


def _described(one: Judged) -> str:
    """Return the door of an environment, its level, and `artefacts` if its files were compared with wheels."""
    return f"{visible(one.door)} ({one.level}{', artefacts' if one.artefacts else ''})"


def _wanted(environments: Sequence[Judged]) -> str:
    return listed([f"{one.contents.sha256} ({visible(one.door)})" for one in environments], 3)
