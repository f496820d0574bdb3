"""Sentences that say how far a report can be trusted: which files were judged, and by which evidence.

A door is a way to reach an environment. A file is judged if envparity compared its bytes with a RECORD, with a wheel or
with its source.
"""

from envparity.judge.report import DoorFacts, Report
from envparity.judge.tracing import How
from envparity.judge.trust import Amount
from envparity.render.words import number
from envparity.text import listed

_KINDS = {
    How.HEADER: "the code in {} of bytecode (--bytecode judges it{})",
    How.MADE: "{} made together with the environment",
    How.SYSTEM: "{} of the system's package manager",
    How.UNKNOWN: "{} without a hash to compare with",
}


def trust_lines(report: Report) -> list[str]:
    """Return one line for each door of a report, and a line about the plugins if there are any."""
    return [*(f"{door.name}: {_compared(door)} {_unjudged(door)}" for door in report.doors), *plugin_lines(report)]


def plugin_lines(report: Report) -> list[str]:
    """Return a line that names the plugins of a report; an empty list without plugins."""
    return [f"with the plugins of {listed(report.plugins)}, which must be trusted too"] if report.plugins else []


def door_lines(report: Report) -> list[str]:
    """Return one line for each door: the number of distributions that match the lock, and how files were judged."""
    pinned = {one.door: one.pinned for one in report.proof.doors}
    lines: list[str] = []
    for door in report.doors:
        judged = f"{_compared(door)} {_unjudged(door)}"
        if door.lock is not None:
            count = pinned.get(door.name, 0)
            facts = f" ({door.compared})" if door.compared else ""
            said = f"{number(count, 'distribution')} as {door.lock} pins {'it' if count == 1 else 'them'}{facts}"
            judged = f"{said}. {judged[0].upper()}{judged[1:]}"
        lines.append(f"{door.name}: {judged}")
    return lines


def _compared(door: DoorFacts) -> str:
    trust = door.trust
    record = trust.judged.get(How.RECORD, Amount())
    if not trust.artefacts:
        return (
            f"compared {_amount(record)} with RECORD; a change that also rewrites RECORD cannot be found without "
            "--artefacts."
        )
    parts = [f"traced {_amount(trust.traced)} to the hashes in {door.lock}"]
    for how, words in (
        (How.BUILT, "to wheels that the project built again"),
        (How.OFFERED, "to wheels of which the lock has no hash"),
    ):
        if how in trust.judged:
            parts.append(f"of these, {_amount(trust.judged[how])} {words}")
    if record.files:
        parts.append(
            f"compared {_amount(record)} only with RECORD, so a change that also rewrites RECORD cannot be found there"
        )
    return "; ".join(parts) + "."


def _unjudged(door: DoorFacts) -> str:
    # For a door that was read from outside, the Python that runs envparity compiles the sources again.
    condition = f" if envparity runs with {door.python}" if door.level == "outside" else ""
    kinds = [_KINDS[How(how)].format(_amount(amount), condition) for how, amount in door.trust.unjudged.items()]
    return f"Not judged: {listed(kinds)}." if kinds else "Every file was judged."


def _amount(amount: Amount) -> str:
    size = f"{amount.bytes / 1e6:.1f} MB" if amount.bytes >= 100_000 else f"{amount.bytes:,} bytes"
    return f"{number(amount.files, 'file')} ({size})"
