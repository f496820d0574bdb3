"""A comparison of a reproduced incident with the known facts of the incident of November 2025.

In the incident, a new release of multiaddr brought in py-multihash (INTRUDER). py-multihash writes the same files
(FILES) as pymultihash (OWNER), which libp2p requires.
"""

from collections.abc import Iterator

from dev.incident.facts import Incident, Introduced, Observation

ERROR = "AttributeError: module 'multihash' has no attribute 'Func'"
FILES = ("site/multihash/__init__.py", "site/multihash/multihash.py")
PINS = ("multiaddr==0.1.0", "py-cid==0.3.1", "py-multihash==2.0.1", "pymultihash==0.8.2")
INTRODUCED = Introduced("multiaddr 0.1.0", "2025-10-27T14:22:45Z", "0.0.12")
INTRUDER, OWNER = "py-multihash 2.0.1", "pymultihash 0.8.2"


def unseen(incident: Incident) -> Iterator[str]:
    """Yield one line for each fact that was expected but not observed."""
    missing = [pin for pin in PINS if pin not in incident.resolved]
    if missing:
        yield f"resolution as of {incident.as_of}: expected {', '.join(missing)}, found {len(incident.resolved)} others"
    if incident.introduced != INTRODUCED:
        yield f"introduction: expected {INTRODUCED}, found {incident.introduced}"
    for name, made in (("pip", incident.pip), ("uv", incident.uv)):
        for line in _collided(made.seen):
            yield f"{name}: {line}"
    if incident.pip.seen.winners != (INTRUDER,):
        found = " and ".join(incident.pip.seen.winners) or "no collision"
        yield f"pip: expected the bytes of {INTRUDER}, found {found}"
    for line in _worked_around(incident):
        yield f"workaround: {line}"
    for race in incident.races:
        if sum(race.won.values()) + race.torn != race.runs:
            yield f"uv, {race.at_once} at once: expected {race.runs} outcomes, found {race.won} and {race.torn} torn"
    if len({name for race in incident.races for name, times in race.won.items() if times}) < 2:
        yield "uv: expected each distribution to win at least once, found that one distribution always won"


def _collided(seen: Observation) -> Iterator[str]:
    if seen.importing.value is None:
        yield f"expected `import libp2p` to pass, found {seen.importing.error}"
    for check in seen.checks:
        if check.status != 0:
            yield f"expected `{check.command}` to exit 0, found {check.status}"
    found = tuple(one.path for one in seen.contested)
    if found != FILES:
        yield f"expected {' and '.join(FILES)} to be contested, found {', '.join(found) or 'none'}"
    if not any(one.code == "path-contested" for one in seen.findings):
        yield "expected envparity's finding path-contested, found none"
    if seen.torn != any(one.code == "package-torn" for one in seen.findings):
        expected = "envparity's finding package-torn, found none" if seen.torn else "no finding package-torn, found one"
        yield f"expected {expected}"
    if not any("multiaddr" in path and path.endswith("py-multihash (2.0.1)") for path in seen.paths):
        yield f"expected a requirement path by multiaddr to {INTRUDER}, found {len(seen.paths)} others"
    yield from _called(seen)


def _called(seen: Observation) -> Iterator[str]:
    """Yield a line if the result of `ID.from_pubkey` does not fit the distribution whose bytes the files have.

    With the bytes of OWNER, the call must return a peer ID. With the bytes of INTRUDER, it must raise ERROR. If the
    files are torn (one from each distribution), the call may do anything, so nothing is expected.
    """
    if seen.winners == (OWNER,) and seen.peer_id.value is None:
        yield f"expected a peer ID, because {OWNER} won, found {seen.peer_id.error}"
    if seen.winners == (INTRUDER,):
        there = f"{seen.peer_id.error or seen.peer_id.value}"
        function = seen.peer_id.frame.function if seen.peer_id.frame else "no frame"
        if (there, function) != (ERROR, "from_pubkey"):
            yield f"expected {ERROR} in from_pubkey, found {there} in {function}"


def _worked_around(incident: Incident) -> Iterator[str]:
    seen = incident.workaround.seen
    if seen.peer_id.value is None:
        yield f"expected a peer ID, found {seen.peer_id.error}"
    if seen.contested:
        yield f"expected no contested path, found {len(seen.contested)}"
    for check in seen.checks:
        if check.status == 0 or not any("multiaddr" in line and "py-multihash" in line for line in check.said):
            yield f"expected `{check.command}` to report that py-multihash is missing, found status {check.status}"
    if [stray.name for stray in incident.workaround.strays] != ["=0.8.2"]:
        yield f"expected a file named =0.8.2, found {[stray.name for stray in incident.workaround.strays]}"
    if not seen.findings:
        yield "expected envparity to find the missing py-multihash, found nothing"
