"""docs/concepts/why-the-environments-differed.md: why libp2p worked in old environments and failed in fresh ones.

The page is generated from recorded runs, which must support each claim. dev/pages/why_evidence.py generates the page
with the evidence from the same values. In a collision, several distributions (the providers) have the same import name.
Here the providers also write the same files. A cure is a change of the requirements that prevents the collision.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial

from dev.command.errors import CommandError
from dev.evidence.cures import CURES, LATER, THEN, Cures
from dev.evidence.record import TRACK
from dev.evidence.runs import Evidence, read_evidence
from dev.incident.expect import ERROR, FILES, INTRUDER, OWNER, unseen
from dev.incident.facts import CallResult
from dev.incident.stages import WORKAROUND
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project
from dev.pages.templates import render_template
from envparity.history.record import Event, History
from envparity.render.history.words import cause, day, minute

PAGE = "docs/concepts/why-the-environments-differed.md"
CAUSE = "multiaddr 0.1.0"
_NAMES = ("multiaddr", "py-cid", "py-multihash", "pymultihash")


def render(project: Project) -> str:
    """Return the text of the page from the recorded runs. Raises CommandError if the runs contradict the page."""
    return why_page(read_evidence(), project)


def why_page(evidence: Evidence, project: Project) -> str:
    """Return the text of the page for `evidence`. Raises CommandError if the runs contradict a sentence of the page."""
    return render_template("why.md.j2", **page_values(evidence, project))


def page_values(evidence: Evidence, project: Project) -> Mapping[str, object]:
    """Return the values of the variables in the templates of both pages: a dict from name to value.

    Raises CommandError if the runs contradict a sentence of a page.
    """
    if wrong := list(contradictions(evidence)):
        raise CommandError(f"{PAGE}: expected recorded runs that support it, found: {'; '.join(wrong)}")
    release = _event(evidence.before, CAUSE)
    today = evidence.cures.today
    return {
        "evidence": evidence,
        "names": _NAMES,
        "release": release,
        "entered": next(change for change in release.changes if change.before is None),
        "event_before": partial(_event, evidence.before),
        "event_after": partial(_event, evidence.after),
        "rows": list(_environments(evidence)),
        "providers": _providers,
        "in_short": _in_short,
        "cures": [evidence.cures.find(one.name, when) for one in CURES for when in (THEN, today)],
        "later": [evidence.cures.find(one.name, today) for one in LATER],
        "today": today[:10],
        "track": TRACK,
        "pins": read_lock(project.lock(TRACK)).pins,
        "error": ERROR,
        "files": [name.removeprefix("site/") for name in FILES],
        "intruder": INTRUDER,
        "owner": OWNER,
        "workaround": WORKAROUND,
    }


def contradictions(evidence: Evidence) -> Iterator[str]:
    """Yield a line for each claim of the page that the runs do not support."""
    yield from unseen(evidence.incident)
    collided = [one for one in evidence.before.events if one.gained]
    if [one.releases for one in collided] != [(CAUSE,)]:
        yield f"expected only {CAUSE} to cause a collision, found {[cause(one) for one in collided]}"
    if not evidence.bisection.found or evidence.bisection.events[0].releases != (CAUSE,):
        yield f"expected the bisection to find {CAUSE}, found {[cause(one) for one in evidence.bisection.events]}"
    if ERROR not in evidence.bisection.trials[1].said:
        yield f"expected the bisected call to fail with {ERROR}, found {evidence.bisection.trials[1].said}"
    if not evidence.after.events[0].begins or not evidence.after.events[0].gained:
        yield "expected a collision on the day of the release of libp2p 0.4.0, found none"
    if any(one.ended for one in evidence.after.events):
        yield "expected the collision of libp2p 0.4.0 to last, found a time without it"
    if not evidence.after.remaining:
        yield "expected a collision today, found none"
    yield from _uncured(evidence.cures)


def _uncured(cures: Cures) -> Iterator[str]:
    """Yield a line for each claim about the cures that the runs do not support."""
    today = cures.today
    if not cures.find("nothing", today).seen.contested or cures.find("nothing", today).seen.peer_id.error:
        yield "expected a collision today in which the call passes, found no collision or a failing call"
    if cures.find("multiaddr pinned", THEN).seen.contested or not cures.find("multiaddr pinned", today).seen.contested:
        found = [
            f"{'a' if cures.find('multiaddr pinned', when).seen.contested else 'no'} collision on {when[:10]}"
            for when in (THEN, today)
        ]
        yield (
            f"expected the pin of multiaddr alone to prevent the collision on {THEN[:10]} but not on {today[:10]}, "
            f"found {' and '.join(found)}"
        )
    if any(cures.find("multiaddr and py-cid pinned", when).seen.findings for when in (THEN, today)):
        yield "expected no errors with both pins, found errors"
    for one in LATER:
        if cures.find(one.name, today).seen.contested:
            yield f"expected one provider of multihash with {one.name}, found two"
    for when in (THEN, today):
        if cures.find("py-multihash overridden", when).seen.checks[0].status == 0:
            yield "expected pip check to report the distribution that was left out, found that it passes"


def _environments(evidence: Evidence) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield rows of a table: when an environment was made, and a dict from each distribution to its version then."""
    before, after = evidence.before, evidence.after
    collided = _event(before, CAUSE).instant
    began = after.events[0].instant
    image = datetime.fromisoformat(THEN)
    moved = _event(before, "multiaddr 0.0.12").instant
    yield f"{minute(moved)} to {minute(collided)}", before.versions_at(collided)
    yield f"just after {minute(collided)}", _just_after(before, collided)
    yield f"{minute(began)}, the release of libp2p 0.4.0", _just_after(after, began)
    yield f"{day(image)}, the image", after.versions_at(image)
    yield f"{evidence.cures.today[:10]}", after.last


def _just_after(history: History, instant: datetime) -> dict[str, str]:
    later = next((one.instant for one in history.events if one.instant > instant), history.until)
    return history.versions_at(later)


def _event(history: History, release: str) -> Event:
    found = next((one for one in history.events if release in one.releases), None)
    if found is None:
        raise CommandError(f"{PAGE}: expected an event of {release} in the recorded history, found none")
    return found


def _providers(versions: dict[str, str]) -> str:
    """Return the distributions that provide the module `multihash`, with their versions, for a cell of a table."""
    return " and ".join(f"{name} {versions[name]}" for name in ("py-multihash", "pymultihash") if name in versions)


def _in_short(seen: CallResult) -> str:
    """Return the result of a call in a few words, for a cell of a table."""
    return "passes" if seen.error is None else f"`{seen.error}`"
