"""Write results as a Markdown page with a table of dialers and listeners for each combination.

A combination is a transport, a secure channel and a muxer.
"""

import re
from collections import Counter

from dev.matrix.endings import COMPARES, Ending, PingOutcome, Results


def as_markdown(results: Results, workers: int) -> str:
    """Return the page: the counts, the implementations, a table for each combination, and each cause of a failure once.

    `workers` is the number of tests that ran at the same time.
    """
    causes: list[str] = []
    tables = [line for combination in _combinations(results) for line in _table(results, combination, causes)]
    count = Counter(outcome.status for outcome in results.outcomes)
    told = ", ".join(f"{count[status]} {status}" for status in Ending if count[status])
    lines = [
        "# Matrix",
        "",
        f"{len(results.outcomes)} tests in {results.seconds:.0f} s, {workers} at once, from {results.began}: {told}.",
        "",
        f"A cell of a test that passes has two figures in ms, handshake_plus_one_rtt / ping_rtt. {COMPARES}",
        "",
        "| implementation | library | version |",
        "| --- | --- | --- |",
        *(f"| {one.name} | {one.library} | {_cell(one.version)} |" for one in results.implementations),
        "",
        *tables,
        *(f"{number}. {_cell(cause)}" for number, cause in enumerate(causes, 1)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _combinations(results: Results) -> list[str]:
    """Return the combinations on which at least one test ran."""
    run = [outcome for outcome in results.outcomes if outcome.status is not Ending.UNSUPPORTED]
    return list(dict.fromkeys(_combination(outcome) for outcome in run))


def _table(results: Results, combination: str, causes: list[str]) -> list[str]:
    chosen = [outcome for outcome in results.outcomes if _combination(outcome) == combination]
    cells = {(outcome.test.dialer, outcome.test.listener): outcome for outcome in chosen}
    names = [one.name for one in results.implementations]
    listeners = [name for name in names if any(listener == name for _, listener in cells)]
    dialers = [name for name in names if any(dialer == name for dialer, _ in cells)]
    lines = [f"## {combination}", "", f"| dialer \\ listener | {' | '.join(listeners)} |"]
    lines.append(f"| --- |{' --- |' * len(listeners)}")
    for dialer in dialers:
        row = [_mark(cells.get((dialer, listener)), causes) for listener in listeners]
        lines.append(f"| {dialer} | {' | '.join(row)} |")
    return [*lines, ""]


def _mark(outcome: PingOutcome | None, causes: list[str]) -> str:
    if outcome is None:
        return ""
    if outcome.status is Ending.UNSUPPORTED:
        return "-"
    if outcome.status is Ending.PASS and outcome.latency:
        return f"{outcome.latency.handshake_plus_one_rtt:.1f} / {outcome.latency.ping_rtt:.1f}"
    why = outcome.error if outcome.status in (Ending.FAIL, Ending.FLAKY) else outcome.cause
    causes += [] if why in causes else [why]
    mark = f"{outcome.status} [{causes.index(why) + 1}]"
    return mark if outcome.status is Ending.LIMIT else f"**{mark}**"


def _combination(outcome: PingOutcome) -> str:
    return outcome.test.name.rpartition(" (")[2].rstrip(")")


def _cell(text: str) -> str:
    """Return a text as one line, with Markdown's special characters escaped, so that the text breaks no table."""
    return re.sub(r"([\\|<>*_`\[\]])", r"\\\1", " ".join(text.split()))
