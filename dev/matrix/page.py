"""Write the results of a matrix as one HTML page that loads nothing: no fonts, and no script except its own."""

import base64
import hashlib
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Template
from markupsafe import Markup, escape

from dev.matrix.endings import COMPARES, Ending, Implementation, PingOutcome, Results
from dev.matrix.maps import LEVELS, ORDER, cells, implementations, maps, pairs, printable
from dev.matrix.strips import readable, strips
from dev.matrix.text import cut, visible
from envparity.render.templates import templates_in
from pingtest.report import Latency

# The number of characters that the page shows at the beginning and at the end of a log. The first pair is for a test
# that passed or did not run, the second pair for all other tests.
_QUIET, _TOLD = (1_000, 3_000), (8_000, 24_000)
# The number of causes that the page shows at once. The page folds the other causes.
_OPEN = 8
_ERRORS = (Ending.FAIL, Ending.UNEXPECTED, Ending.FLAKY)
_OTHERS = (Ending.PASS, Ending.LIMIT, Ending.UNSUPPORTED)
_SIGNS = {
    Ending.PASS: "✓",
    Ending.LIMIT: "◇",
    Ending.UNSUPPORTED: "–",  # noqa: RUF001 - the dash is a sign
    Ending.FLAKY: "≈",
    Ending.UNEXPECTED: "!",
    Ending.FAIL: "✗",
}
_TALLY = (Ending.PASS, Ending.FAIL, Ending.FLAKY, Ending.UNEXPECTED, Ending.LIMIT, Ending.UNSUPPORTED)
_MEANINGS = {
    Ending.PASS: "the ping came back",
    Ending.LIMIT: "a known limit of a library",
    Ending.UNSUPPORTED: "one side does not support the test",
    Ending.FLAKY: "ended as expected only in a later attempt",
    Ending.UNEXPECTED: "passed: remove its limit",
    Ending.FAIL: "the ping did not come back",
}


@dataclass(frozen=True)
class Log:
    """The part of a log that the page shows: `head` is its beginning and `tail` its end.

    `left` is the number of characters left out between the two. `lines` is the number of lines of the whole log.
    """

    head: str
    left: int
    tail: str
    lines: int


def page(results: Results) -> str:
    """Return the HTML of the page."""
    results = printable(results)
    sides = implementations(results)
    every = cells(results.outcomes)
    counts = {status: sum(one.status is status for one in results.outcomes) for status in _TALLY}
    outcome = "none" if not every else "fail" if any(counts[status] for status in _ERRORS) else "pass"
    names = list(sides)
    causes = _causes(results.outcomes)
    script = _beside("page.js")
    return _template().render(
        results=results,
        sides=sides,
        names=names,
        outcome=outcome,
        compares=COMPARES,
        verdict=_verdict(counts, len(every)),
        lasted=_lasted(results.seconds),
        counts=counts,
        pairs=pairs(results.outcomes, names),
        maps=list(maps(every, names)),
        strips=[
            strip
            for strip in (
                ("handshake_plus_one_rtt", strips(every, names, "handshake_plus_one_rtt", _handshake)),
                ("ping_rtt", strips(every, names, "ping_rtt", _ping)),
            )
            if strip[1]
        ],
        causes=[one for one in causes if one[0] is not Ending.UNSUPPORTED],
        lacks=[one for one in causes if one[0] is Ending.UNSUPPORTED],
        most_causes=_OPEN,
        groups=[(status, [cell for cell in every if cell.outcome.status is status]) for status in ORDER],
        total=len(every),
        levels=range(LEVELS),
        signs=_SIGNS,
        meanings=_MEANINGS,
        style=Markup(_beside("page.css")),  # noqa: S704 - a file of this package
        script=Markup(script),  # noqa: S704 - a file of this package
        # The page's security policy lets only the script with this digest run, even if a result contains a script.
        digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def command(outcome: PingOutcome) -> str:
    """Return the command that repeats a test, in another folder, because a new run would clear this run's folder."""
    return f"scripts/matrix --into matrix-again --select {shlex.quote(outcome.test.name)}"


def shown_log(outcome: PingOutcome) -> Log:
    """Return the part of a test's log that the page shows. The part is shorter if the test passed or did not run."""
    sizes = _TOLD if outcome.status in _ERRORS or outcome.status is Ending.LIMIT else _QUIET
    head, left, tail = cut(outcome.log.replace("\r\n", "\n").rstrip("\n"), *sizes)
    lines = outcome.log.count("\n") + (not outcome.log.endswith("\n")) if outcome.log else 0
    return Log(visible(head, keep="\n\t"), left, visible(tail, keep="\n\t"), lines)


def _handshake(latency: Latency) -> float:
    return latency.handshake_plus_one_rtt


def _ping(latency: Latency) -> float:
    return latency.ping_rtt


def _code(text: str) -> Markup:
    """Return a text as HTML, with each part between backticks in an element `code`."""
    shown = (f"<code>{escape(part)}</code>" if odd % 2 else escape(part) for odd, part in enumerate(text.split("`")))
    return Markup("".join(shown))  # noqa: S704 - each part is escaped


def _verdict(counts: Mapping[Ending, int], total: int) -> str:
    if not total:
        return "no test was planned"
    told = [f"{counts[status]:,} {status}" for status in (*_ERRORS, *_OTHERS) if counts[status]]
    return f"{', '.join(told)}; {total:,} test{'' if total == 1 else 's'} in all"


def _lasted(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def _causes(outcomes: Sequence[PingOutcome]) -> list[tuple[Ending, str, int]]:
    """Return each pair of a status and a cause or error, with its number of tests, the worst status first."""
    found = Counter((one.status, one.cause or one.error) for one in outcomes if one.cause or one.error)
    return sorted(
        ((status, why, count) for (status, why), count in found.items()),
        key=lambda one: (ORDER.index(one[0]), -one[2], one[1]),
    )


def _side(side: Implementation) -> str:
    return f"{side.library} {side.version}".strip()


@cache
def _beside(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    environment = templates_in(Path(__file__).parent)
    environment.filters |= {
        "readable": readable,
        "command": command,
        "shown_log": shown_log,
        "side": _side,
        "code": _code,
    }
    return environment.get_template("page.html.j2")
