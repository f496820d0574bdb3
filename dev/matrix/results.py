"""The results of one run or of several shards (numbered parts of a matrix), and the files that hold them."""

import platform
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from dev.command.errors import CommandError
from dev.matrix.endings import Ending, PingOutcome, Results
from dev.matrix.journal import JournalContents, read_journal
from dev.matrix.junit import as_junit
from dev.matrix.markdown import as_markdown
from dev.matrix.page import page
from dev.matrix.plan import Test
from dev.matrix.show import entry

FINE = (Ending.PASS, Ending.LIMIT, Ending.UNSUPPORTED)
LOGS = "logs"


def log_path(folder: Path, test: Test) -> Path:
    """Return the path of a test's log. The file's name is the same as in the harness unified-testing."""
    return folder / LOGS / f"{re.sub('[^a-zA-Z0-9-]', '_', test.name)}.log"


def write_log(folder: Path, outcome: PingOutcome) -> None:
    """Write the log of a test, which holds the standard error of the dialer and the listener, to its file."""
    path = log_path(folder, outcome.test)
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{outcome.test.name}: {outcome.status}\n{outcome.log}", encoding="utf-8", errors="replace")


def results_of(folder: Path) -> tuple[Results, JournalContents]:
    """Return the results of the run in a folder, and the content of its journal.

    The results have the logs, and their order is that of the plan. The journal is the file that records each step of a
    run. Raises CommandError if the folder holds no journal.
    """
    record = read_journal(folder)
    outcomes = [record.done[name] for name in record.plan.tests if name in record.done]
    results = Results(
        record.plan.began,
        record.seconds,
        record.plan.implementations,
        tuple(replace(outcome, log=_log(folder, outcome.test)) for outcome in outcomes),
    )
    return results, record


def merge(folders: Sequence[Path]) -> tuple[Results, int]:
    """Return the merged results of all shards of one matrix, and the number of workers of the first shard.

    Each of `folders` holds the run of one shard. Raises CommandError if a shard is missing or not finished, or if the
    shards have different implementations or belong to matrices with different numbers of shards.
    """
    read = [results_of(folder) for folder in folders]
    first = read[0][1].plan
    for folder, (_, record) in zip(folders, read, strict=True):
        if (record.plan.implementations, record.plan.shards) != (first.implementations, first.shards):
            raise CommandError(
                f"{folder}: expected the same implementations and number of shards as in {folders[0]}, found others"
            )
        if left := len(record.plan.tests) - len(record.done):
            raise CommandError(
                f"{folder}: expected a finished run, found {left} tests to do; finish it with: "
                f"scripts/matrix --resume --into {folder}"
            )
    shards = sorted(record.plan.shard for _, record in read)
    if shards != list(range(1, first.shards + 1)):
        raise CommandError(f"--merge: expected each of {first.shards} shards once, found {', '.join(map(str, shards))}")
    merged = Results(
        min(results.began for results, _ in read),
        sum(results.seconds for results, _ in read),
        first.implementations,
        tuple(outcome for results, _ in read for outcome in results.outcomes),
    )
    return merged, first.workers


def write(folder: Path, results: Results, workers: int) -> None:
    """Write every file of the results. Even if the process is killed, no file is incomplete.

    `workers` is the number of tests that ran at the same time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "results.yaml", as_yaml(results, folder.name, workers))
    _write(folder / "results.md", as_markdown(results, workers))
    _write(folder / "junit.xml", as_junit(results))
    _write(folder / "index.html", page(results))


def clear(folder: Path) -> None:
    """Remove the results and logs of an earlier run from its folder. The journal and any other files stay."""
    for name in ("results.yaml", "results.md", "junit.xml", "index.html"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / LOGS, ignore_errors=True)


def as_yaml(results: Results, name: str, workers: int) -> str:
    """Return the results as YAML in the format of the harness unified-testing: metadata, summary, tests.

    `name` is the name of the run. The harness knows only the statuses pass and fail. Other statuses and their counts
    are additions of this repository.
    """
    count = Counter(outcome.status for outcome in results.outcomes)
    document: dict[str, Any] = {
        "metadata": {
            "testPass": name,
            "startedAt": results.began,
            "completedAt": now(),
            "duration": f"{results.seconds:.0f}s",
            "platform": platform.machine(),
            "os": platform.system(),
            "workerCount": workers,
            "implementations": [vars(one) for one in results.implementations],
        },
        "summary": {
            "total": len(results.outcomes),
            "passed": count[Ending.PASS],
            "failed": sum(count[status] for status in Ending if status not in FINE),
            **{str(status): count[status] for status in Ending if status not in (Ending.PASS, Ending.FAIL)},
        },
        "tests": [_entry(outcome) for outcome in results.outcomes],
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)


def now() -> str:
    """Return the present time in UTC, in the form `2026-01-31T12:00:00Z`, which unified-testing uses too."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _entry(outcome: PingOutcome) -> dict[str, Any]:
    shown = entry(outcome.test, outcome.status, outcome.seconds, outcome.latency, outcome.error, outcome.cause)
    return shown | ({"attempts": outcome.attempts} if outcome.attempts > 1 else {})


def _log(folder: Path, test: Test) -> str:
    path = log_path(folder, test)
    return path.read_text(encoding="utf-8", errors="replace").partition("\n")[2] if path.is_file() else ""


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
