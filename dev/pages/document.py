"""The documents and the picture, from the recorded runs; what they say in words is held against them first."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dev.command.errors import CommandError
from dev.doors.bases import pinned_base, pinned_redis
from dev.doors.pins import packages
from dev.evidence.builds import Builds
from dev.evidence.cures import CURES, LATER, THEN, Cures
from dev.evidence.record import CALL, TRACK
from dev.evidence.runs import Evidence
from dev.incident.expect import ERROR, FILES, INTRUDER, OWNER, unseen
from dev.incident.facts import Call
from dev.incident.stages import WORKAROUND
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project
from dev.matrix.dialing import FIGURES, Dialing
from dev.pages.pieces import pieces, read_doors
from envparity.history.record import Event, History
from envparity.render.history.timeline import as_svg
from envparity.render.history.words import cause, day, minute
from envparity.render.words import listed

CAUSE = "multiaddr 0.1.0"
_NAME = "why-the-environments-differed"
# The builds that fail, and of the line that decides what the words of the page rest on.
_FAILS = {
    "coincurve-cffi": "exactly one LICENSE file in cffi",
    "coincurve-debians-cmake": "Could not find CMake with version >=3.26",
    "coincurve-without-cmake": "Could not find CMake with version >=3.26",
    "coincurve-without-pkg-config": "Could NOT find PkgConfig",
    "coincurve-without-source": "FETCHCONTENT_FULLY_DISCONNECTED is set",
    "fastecdsa-import": "libgmp.so.10: cannot open shared object file",
    "fastecdsa-without-gcc": "No such file or directory: 'x86_64-linux-gnu-gcc'",
    "fastecdsa-without-libgmp-dev": "fatal error: gmp.h: No such file or directory",
    "fastecdsa-without-python3.11-dev": "fatal error: Python.h: No such file or directory",
    "git-pip-without": "Cannot find command 'git'",
    "git-uv-without": "Git executable not found",
}
_TOLD = ("libp2p", "multiaddr", "py-cid", "py-multihash", "pymultihash")


def documents(evidence: Evidence, project: Project) -> dict[Path, str]:
    """Each file and its text; CommandError where the document would say what the runs do not."""
    wrong = list(unsupported(evidence))
    if wrong:
        raise CommandError(f"the document: expected the runs to show what it says, found: {'; '.join(wrong)}")
    folder = project.root / "docs"
    return {
        folder / f"{_NAME}.md": _text(evidence, project),
        folder / f"{_NAME}.svg": as_svg(evidence.before),
        folder / "toolchain.md": _toolchain(evidence.toolchain, project),
        folder / "performance.md": _performance(evidence.performance),
    }


def unsupported(evidence: Evidence) -> Iterator[str]:
    """What the document says in words and the runs do not show, a line each."""
    yield from unseen(evidence.incident)
    parted = [one for one in evidence.before.events if one.gained]
    if [one.releases for one in parted] != [(CAUSE,)]:
        yield f"expected {CAUSE} alone to bring a collision, found {[cause(one) for one in parted]}"
    if not evidence.bisection.found or evidence.bisection.events[0].releases != (CAUSE,):
        yield f"expected the bisection to find {CAUSE}, found {[cause(one) for one in evidence.bisection.events]}"
    if ERROR not in evidence.bisection.trials[1].said:
        yield f"expected the bisected call to fail with {ERROR}, found {evidence.bisection.trials[1].said}"
    if not evidence.after.events[0].begins or not evidence.after.events[0].gained:
        yield "expected libp2p 0.4.0 to be torn on the day it came, found that it was not"
    if any(one.ended for one in evidence.after.events):
        yield "expected libp2p 0.4.0 to be torn ever since, found that it was not for a while"
    if not evidence.after.remaining:
        yield "expected the collision to be there still, found none"
    yield from _uncured(evidence.cures)
    yield from _unbuilt(evidence.toolchain)


def _uncured(cures: Cures) -> Iterator[str]:
    """What it says of the cures."""
    today = cures.today
    if not cures.find("nothing", today).seen.contested or cures.find("nothing", today).seen.peer_id.error:
        yield "expected the collision of today not to fail, found otherwise"
    if cures.find("multiaddr pinned", THEN).seen.contested or not cures.find("multiaddr pinned", today).seen.contested:
        yield "expected the pin of multiaddr alone to have cured it and to do so no more, found otherwise"
    if any(cures.find("multiaddr and py-cid pinned", when).seen.findings for when in (THEN, today)):
        yield "expected both pins to cure it, found errors"
    for one in LATER:
        if cures.find(one.name, today).seen.contested:
            yield f"expected {one.name} to have one provider, found another"
    for when in (THEN, today):
        if cures.find("py-multihash overridden", when).seen.checks[0].status == 0:
            yield "expected pip check to miss what was overridden, found nothing"


def _unbuilt(builds: Builds) -> Iterator[str]:
    """What it says of the builds: which failed with which words, and that all the others passed."""
    failed = {one.name: one.said for one in builds.outcomes if one.status != 0}
    for name in sorted({*failed, *_FAILS}):
        if name not in failed or _FAILS.get(name, "\n") not in failed[name]:
            wanted, found = _FAILS.get(name, "no failure"), failed.get(name, "none")
            yield f"expected of the build {name}: {wanted}, found: {found}"


def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=False,  # noqa: S701 - Markdown of our own data
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"minute": minute, "listed": listed, "day": day, "code": _code, "call": _call}
    return environment


def _text(evidence: Evidence, project: Project) -> str:
    parted = _event(evidence.before, CAUSE)
    return (
        _templates()
        .get_template("why.md.j2")
        .render(
            evidence=evidence,
            told=_TOLD,
            parted=parted,
            entered=next(change for change in parted.changes if change.before is None),
            event_before=partial(_event, evidence.before),
            event_after=partial(_event, evidence.after),
            rows=list(_environments(evidence)),
            providers=_providers,
            cures=[evidence.cures.find(one.name, when) for one in CURES for when in (THEN, evidence.cures.today)],
            later=[evidence.cures.find(one.name, evidence.cures.today) for one in LATER],
            then=THEN,
            today=evidence.cures.today[:10],
            track=TRACK,
            pins=read_lock(project.lock(TRACK)).pins,
            call=CALL,
            error=ERROR,
            files=[name.removeprefix("site/") for name in FILES],
            intruder=INTRUDER,
            owner=OWNER,
            workaround=WORKAROUND,
        )
    )


def _toolchain(builds: Builds, project: Project) -> str:
    lock = read_lock(project.lock(project.default_track))
    return (
        _templates()
        .get_template("toolchain.md.j2")
        .render(
            builds=builds,
            doors=read_doors(project),
            pieces=pieces(project),
            base=pinned_base(project),
            redis=pinned_redis(project),
            series=project.toolchain.python_series,
            flags=project.toolchain.build_environment,
            bytecode=project.toolchain.bytecode,
            rest=listed([name for name in lock.built if name != "fastecdsa"]),
            track=project.default_track,
            wheels=builds.find(f"wheels-{project.default_track}").said.split()[1],
            coincurve=lock.pins["coincurve"].version,
            cmake=packages(project)["toolchain"]["cmake"].partition("-")[0],
        )
    )


def _performance(dialing: Dialing) -> str:
    names = [one.name for one in dialing.implementations]
    tracks = [one.name for one in dialing.implementations if one.library == "py-libp2p"]
    return (
        _templates()
        .get_template("performance.md.j2")
        .render(
            dialing=dialing,
            figures=FIGURES,
            names=names,
            tracks=tracks,
            others=[one.library for one in dialing.implementations if one.name not in tracks],
            versions=[f"{one.library} {one.version}" for one in dialing.implementations],
            told=[one for one in dialing.pairs if one.limit or one.failed],
            milliseconds=lambda figure: "" if figure is None else f"{figure:.2f}",
            multiple=lambda ratio: "" if ratio is None else f"{ratio:.1f}",
        )
    )


def _environments(evidence: Evidence) -> Iterator[tuple[str, dict[str, str]]]:
    """What an environment got, by when it was made."""
    before, after = evidence.before, evidence.after
    parted = _event(before, CAUSE).instant
    began = after.events[0].instant
    image = datetime.fromisoformat(THEN)
    moved = _event(before, "multiaddr 0.0.12").instant
    yield f"{minute(moved)} to {minute(parted)}", before.versions_at(parted)
    yield f"just after {minute(parted)}", _just_after(before, parted)
    yield f"{minute(began)}, as it came", _just_after(after, began)
    yield f"{day(image)}, the image", after.versions_at(image)
    yield f"{evidence.cures.today[:10]}", after.last


def _just_after(history: History, instant: datetime) -> dict[str, str]:
    later = next((one.instant for one in history.events if one.instant > instant), history.until)
    return history.versions_at(later)


def _event(history: History, release: str) -> Event:
    found = next((one for one in history.events if release in one.releases), None)
    if found is None:
        raise CommandError(f"the document: expected an event of {release} in the recorded history, found none")
    return found


def _providers(versions: dict[str, str]) -> str:
    """Who provides the module, for the cell of a table."""
    return " and ".join(f"{name} {versions[name]}" for name in ("py-multihash", "pymultihash") if name in versions)


def _code(text: Any) -> str:
    return f"`{text}`"


def _call(seen: Call) -> str:
    """What a call gave, short."""
    return "passes" if seen.error is None else f"`{seen.error}`"
