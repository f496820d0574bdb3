"""What a run has done so far, on disk line by line, so that it can be gone on with after any end.

`journal.jsonl` begins with the plan. Each further line is the beginning of a session, a test that is done, or tests
that are to be done again; a line counts once its newline is there.
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
    """What a run is to do: the command line's choices, who takes part, every test's name."""

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
    """A journal as read: outcomes by the test's name, without logs; seconds of running, over all sessions."""

    plan: RunPlan
    done: dict[str, PingOutcome]
    seconds: float


class Journal:
    """A journal that is open to be written, by this process alone."""

    def __init__(self, folder: Path, plan: RunPlan | None = None) -> None:
        """Start again with a plan, in place of a run that is finished; without one, go on with the journal there."""
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / NAME
        if plan is None and not self.path.is_file():
            raise CommandError(
                f"{self.path}: expected the journal of a run to go on with, found none; run without --resume"
            )
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise CommandError(
                f"{self.path}: expected no other run in this folder, found one; wait for it, or use --into"
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
        """A run, or a further one after a kill, begins."""
        self._append("session", {})

    def add(self, outcomes: Iterable[PingOutcome], at: float) -> None:
        """Tests that are done, `at` seconds into the session."""
        for outcome in outcomes:
            self._append("done", _outcome_data(outcome) | {"at": round(at, 3)})

    def again(self, names: Iterable[str]) -> None:
        """Tests that are to be done again: what they had before no longer counts."""
        self._append("again", {"tests": list(names)})

    def close(self) -> None:
        """Let another run have the folder."""
        os.close(self._file)

    def _append(self, kind: str, data: dict[str, Any]) -> None:
        os.write(self._file, (json.dumps({"kind": kind, **data}) + "\n").encode())
        os.fsync(self._file)


def read_journal(folder: Path) -> JournalContents:
    """What a journal holds; a line that a kill has torn is none."""
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
    """UsageError where a folder holds a run that has begun and has tests to do: no other may take its place."""
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
            f"{folder}: expected no unfinished run, found one with {left} of {len(record.plan.tests)} tests to do;"
            f" go on with it by --resume, or use another --into"
        )


def without_log(outcome: PingOutcome) -> PingOutcome:
    """An outcome as the journal holds it: logs have files of their own."""
    return replace(outcome, log="")


def _whole(data: bytes) -> int:
    """How many bytes of a journal are whole lines."""
    return data.rfind(b"\n") + 1


def _outcome_data(outcome: PingOutcome) -> dict[str, Any]:
    return asdict(without_log(outcome)) | {"name": outcome.test.name}
