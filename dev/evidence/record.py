"""All recorded runs, made anew: histories with an empty cache, the incident, the bisection, cures, builds."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from dev.command.errors import CommandError
from dev.doors.bases import BASE
from dev.doors.engine import find_engine
from dev.evidence.builds import Builds, try_builds
from dev.evidence.cures import try_cures
from dev.evidence.fresh import compare_fresh
from dev.evidence.runs import Evidence
from dev.incident.clients import Clients
from dev.incident.run import run_incident
from dev.lockenv.project import Project
from dev.matrix.dialing import Dialing
from dev.quality.bench_peers import AMONG, dial_all
from envparity.history.bisect import bisect
from envparity.history.instant import stamp
from envparity.history.run import Asked, history
from envparity.project.config import Config

TRACK = "v0.4"
_DIALS = 15  # of each pair
# An import alone passes where libp2p 0.4.0 is torn; what fails is the call.
CALL = (
    "from libp2p.peer.id import ID; from libp2p.crypto.secp256k1 import create_new_key_pair; "
    "ID.from_pubkey(create_new_key_pair().public_key)"
)


def record(project: Project, clients: Clients, folder: Path, runs: int, tell: Callable[[str], None]) -> Evidence:
    """Make every run within `folder`; `runs` is how often uv installs at each concurrency."""
    today = stamp(datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0))
    nowhere, cache = Config(root=folder), str(folder / "cache")

    def asked(requirement: str, since: str | None, until: str) -> Asked:
        return Asked((requirement,), python=project.toolchain.python_series, since=since, until=until, cache=cache)

    def of(what: str) -> Callable[[str], None]:
        return lambda text: tell(f"{what}: {text}")

    builds = record_builds(project, of("builds"))
    before = history(nowhere, asked("libp2p==0.3.0", "2025-10-20", "2025-12-31"), of("history of libp2p 0.3.0"))
    after = history(nowhere, asked("libp2p==0.4.0", None, today), of("history of libp2p 0.4.0"))
    found = bisect(
        nowhere,
        asked("libp2p", "2025-10-20", "2025-11-08T00:00Z"),
        ["python", "-c", CALL],
        installer="pip",
        again=2,
        timeout=120,
        tell=of("bisection"),
    )
    (folder / "incident").mkdir()
    seen = run_incident(clients, folder / "incident", runs, of("incident"))
    cures = try_cures(clients, folder / "cures", today, of("cures"))
    tell("comparing the track's environment with a fresh one")
    fresh = compare_fresh(project, TRACK, clients, folder / "fresh", today)
    return Evidence(before, after, seen, found, cures, fresh, builds, record_performance(project, of("dials")))


def record_builds(project: Project, tell: Callable[[str], None]) -> Builds:
    """Who needs which piece of the toolchain: always on the stand-in, for its Python has its headers apart."""
    engine = find_engine()
    if engine.image(BASE.stand_in) is None:
        raise CommandError(
            f"builds: expected the image {BASE.stand_in}, found none; make it with: scripts/offline images"
        )
    return try_builds(engine, project, BASE.stand_in, tell)


def record_performance(project: Project, tell: Callable[[str], None]) -> Dialing:
    """What a dial costs each implementation; CommandError where a peer is not built or a pair fails."""

    def turns(numbers: Sequence[int]) -> Iterator[int]:
        for number in numbers:
            tell(f"{number} of {len(numbers)}")
            yield number

    return dial_all(project, AMONG, _DIALS, turns)
