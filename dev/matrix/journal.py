"""The journal of a run: a file that records each step, so that a person can resume the run, even after a crash.

The first line of `journal.jsonl` is the plan. Each further line records the beginning of a session, the outcome of a
test, or the names of tests that must run again. A session is one command that runs tests: the first command of the run,
or a later command that resumes the run. A line without a newline at its end does not count.
"""

import fcntl
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from msgspec import convert

from dev.command.errors import CommandError, UsageError
from dev.matrix.endings import Implementation, PingOutcome

NAME = "journal.jsonl"


@dataclass(frozen=True)
class RunPlan:
    """The plan of a run: the choices of the command line, the implementations, and the name of every test.

    `began` is a UTC time in the form `2026-01-31T12:00:00Z`. `timeout` is the time limit of a test in seconds. `shard`
    is the number of this part of the matrix, from 1 to `shards`.
    """

    began: str
    select: str
    ignore: str
    shard: int
    shards: int
    timeout: int
    retries: int
    engine: str
    workers: int
    implementations: tuple[Implementation, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True)
class JournalContents:
    """The content of a journal: the plan, the outcomes by test name (without logs), and the duration.

    `seconds` is the sum of the durations of all sessions.
    """

    plan: RunPlan
    done: dict[str, PingOutcome]
    seconds: float


class Journal:
    """A journal that is open for writing. Only one process can have the journal of a folder open."""

    def __init__(self, folder: Path, plan: RunPlan | None = None) -> None:
        """Open the journal of a folder: with `plan`, start a new one; without `plan`, continue the existing one.

        Raises CommandError if the folder has no journal to continue, or if another process has the journal open. Raises
        UsageError if a new journal would replace an unfinished run.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / NAME
        if plan is None and not self.path.is_file():
            raise CommandError(
                f"{self.path}: expected the journal of a run to continue, found none; run without --resume"
            )
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise CommandError(
                f"{self.path}: expected no other run in this folder, found one; wait for its end, or use another --into"
            ) from error
        if plan is None:
            os.ftruncate(self._file, _whole(self.path.read_bytes()))
            return
        try:
            keep_unfinished(folder)
        except CommandError:
            os.close(self._file)
            raise
        os.ftruncate(self._file, 0)
        self._append("plan", asdict(plan))

    def session(self) -> None:
        """Record that a session begins."""
        self._append("session", {})

    def add(self, outcomes: Iterable[PingOutcome], at: float) -> None:
        """Record the outcomes of tests that ended `at` seconds after the beginning of the session."""
        for outcome in outcomes:
            self._append("done", _outcome_data(outcome) | {"at": round(at, 3)})

    def again(self, names: Iterable[str]) -> None:
        """Record that the tests `names` must run again: their earlier outcomes no longer count."""
        self._append("again", {"tests": list(names)})

    def close(self) -> None:
        """Close the journal, so that another run can use the folder."""
        os.close(self._file)

    def _append(self, kind: str, data: dict[str, Any]) -> None:
        os.write(self._file, (json.dumps({"kind": kind, **data}) + "\n").encode())
        os.fsync(self._file)


def read_journal(folder: Path) -> JournalContents:
    """Return the content of the journal in a folder. Raises CommandError if the file is missing or not a journal.

    An incomplete last line, which a killed process leaves, does not count.
    """
    path = folder / NAME
    try:
        data = path.read_bytes()
        lines = [json.loads(line) for line in data[: _whole(data)].splitlines()]
        plan = convert(lines[0], RunPlan)
        done: dict[str, PingOutcome] = {}
        seconds = latest = 0.0
        for line in lines[1:]:
            if line["kind"] == "session":
                seconds, latest = seconds + latest, 0.0
            elif line["kind"] == "again":
                done = {name: outcome for name, outcome in done.items() if name not in line["tests"]}
            else:
                outcome, latest = convert(line, PingOutcome), line["at"]
                done[outcome.test.name] = outcome
    except FileNotFoundError as error:
        raise CommandError(f"{path}: expected the journal of a run, found none") from error
    except (OSError, ValueError, AttributeError, KeyError, TypeError, IndexError) as error:
        found = "an empty one" if isinstance(error, IndexError) else f"{type(error).__name__}: {error}"
        raise CommandError(f"{path}: expected the journal of a run, found {found}") from error
    return JournalContents(plan, done, seconds + latest)


def keep_unfinished(folder: Path) -> None:
    """Raise UsageError if a folder holds an unfinished run, so that no new run replaces the unfinished run.

    A run in which no test has run yet may be replaced. Raises CommandError if the folder's journal cannot be read.
    """
    path = folder / NAME
    if not path.is_file() or not _whole(path.read_bytes()):
        return
    try:
        record = read_journal(folder)
    except CommandError as error:
        raise CommandError(f"{error}; use another --into") from error
    left = len(record.plan.tests) - len(record.done)
    if left and any(outcome.attempts for outcome in record.done.values()):
        raise UsageError(
            f"{folder}: expected no unfinished run, found a run with {left} of {len(record.plan.tests)} tests to do;"
            f" continue it with --resume, or use another --into"
        )


def without_log(outcome: PingOutcome) -> PingOutcome:
    """Return an outcome without its log, as the journal stores it. The log is in a separate file in `logs`."""
    return replace(outcome, log="")


def _whole(data: bytes) -> int:
    """Return the number of bytes in the complete lines of a journal."""
    return data.rfind(b"\n") + 1


def _outcome_data(outcome: PingOutcome) -> dict[str, Any]:
    return asdict(without_log(outcome)) | {"name": outcome.test.name}
