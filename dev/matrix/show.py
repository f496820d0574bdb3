"""Show the results of pings: as a table for people, or as YAML or JSON for programs."""

import json
from collections.abc import Sequence
from statistics import median
from typing import Any

import yaml
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dev.matrix.plan import Test
from dev.matrix.run import Result
from pingtest.report import Latency, document
from pingtest.settings import UNIFIED_TESTING

_WIDE = 75  # a narrower terminal gets a table with less space, so that no value of a row is cut off
_STYLES = {"pass": "green", "fail": "bold red", "limit": "yellow", "unexpected": "bold red"}


def as_table(results: Sequence[Result], console: Console, library: str | None = None) -> None:
    """Print a table with a row for each test, and below the table each cause of a failure once.

    The figures are medians in ms over the runs whose ping came back. `library` is the value of LIBP2P_SOURCE, for the
    title.
    """
    pairs = dict.fromkeys(f"{result.test.dialer} x {result.test.listener}" for result in results)
    title = f"dialer x listener: {', '.join(pairs)}" + (f", with {library}" if library else "")
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    narrow = console.width < _WIDE
    if narrow:
        table.padding = (0, 0)
    names = [_names(result.test) for result in results]
    for number, heading in enumerate(("transport", "secure", "muxer")):
        longest = max(len(heading), *(len(one[number]) for one in names))
        table.add_column(heading, no_wrap=True, min_width=longest)  # these values name the row's test
    table.add_column("result", overflow="fold")
    for heading in ("handshake\n+1RTT", "ping\nRTT") if narrow else ("handshake+1RTT", "ping RTT"):
        table.add_column(heading, justify="right", no_wrap=True, min_width=8 if narrow else None)
    causes: list[str] = []
    for test in dict.fromkeys(result.test for result in results):
        runs = [result for result in results if result.test == test]
        worst = max(runs, key=lambda run: list(_STYLES).index(run.status))
        mark = f" {sum(run.status == 'pass' for run in runs)}/{len(runs)}" if len(runs) > 1 else ""
        if worst.status != "pass":
            cause = test.limit.cause if test.limit and worst.status != "fail" else worst.error
            causes += [] if cause in causes else [cause]
            mark += f" [{causes.index(cause) + 1}]"
        good = [run.latency for run in runs if run.latency]
        table.add_row(
            *_names(test),
            Text(worst.status + mark, _STYLES[worst.status]),
            f"{median(one.handshake_plus_one_rtt for one in good):.1f} ms" if good else "",
            f"{median(one.ping_rtt for one in good):.1f} ms" if good else "",
        )
    console.print(table)
    for number, cause in enumerate(causes, 1):
        console.print(f"[{number}] {cause}", markup=False, highlight=False, soft_wrap=True)


def _names(test: Test) -> list[str]:
    return [str(part or "-") for part in (test.transport, test.secure_channel, test.muxer)]


def as_data(results: Sequence[Result], form: str, *, many: bool = False) -> str:
    """Return the results as YAML or JSON; `form` is `yaml` or `json`.

    Without `many`, a single result that passed becomes the document that unified-testing reads from a dialer. In every
    other case, the results become a list `tests`, as in the results of unified-testing.
    """
    data: dict[str, Any] = {"tests": [_entry(result) for result in results]}
    if len(results) == 1 and not many and (latency := results[0].latency):
        text = document(latency, UNIFIED_TESTING)
        if form == "yaml":
            return text
        data = yaml.safe_load(text)
    return json.dumps(data) + "\n" if form == "json" else yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


def entry(test: Test, status: str, seconds: float, latency: Latency | None, error: str, cause: str) -> dict[str, Any]:
    """Return the entry of one test for the list `tests`, in the format of the harness unified-testing.

    `seconds` is the test's duration. The entry has the latency, `error` and `cause` only if they are not empty.
    """
    shown: dict[str, Any] = {
        "name": test.name,
        "dialer": test.dialer,
        "listener": test.listener,
        "transport": str(test.transport),
        "secureChannel": test.secure_channel and str(test.secure_channel),
        "muxer": test.muxer and str(test.muxer),
        "status": str(status),
        "duration": round(seconds, 3),
    }
    if latency:
        shown |= yaml.safe_load(document(latency, UNIFIED_TESTING))
    return shown | ({"error": error} if error else {}) | ({"cause": cause} if cause else {})


def _entry(result: Result) -> dict[str, Any]:
    cause = result.test.limit.cause if result.test.limit and not result.latency else ""
    return entry(result.test, result.status, result.seconds, result.latency, result.error, cause)
