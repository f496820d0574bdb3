"""Code that repeats the recorded runs from which pages of docs/ are generated, except the commands on a terminal.

Two histories list the versions that libp2p's requirements resolved to over time. The other runs are the incident in
which libp2p failed, the bisection that finds the release that broke libp2p, the cures, a fresh environment, the builds
with and without each tool, the measured dials, and an example of each finding.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from dev.command.errors import CommandError
from dev.doors.bases import base_of
from dev.doors.engines import find_engine
from dev.evidence.builds import Builds, try_builds
from dev.evidence.cures import try_cures
from dev.evidence.faults.examples import record_examples
from dev.evidence.fresh import compare_fresh
from dev.evidence.runs import Evidence
from dev.incident.installers import find_installers
from dev.incident.run import run_incident
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import Project
from dev.matrix.dialing import AMONG, Dialing, dial_all
from envparity.history.bisect import bisect
from envparity.history.instant import stamp
from envparity.history.run import Asked, history
from envparity.project.config import Config

TRACK = "v0.4"
_DIALS = 15  # The number of dials of each pair of implementations.
# With libp2p 0.4.0 and colliding multihash files, `import libp2p` still passes. Only this call fails.
CALL = (
    "from libp2p.peer.id import ID; from libp2p.crypto.secp256k1 import create_new_key_pair; "
    "ID.from_pubkey(create_new_key_pair().public_key)"
)


def record(project: Project, folder: Path, runs: int, tell: Callable[[str], None]) -> Evidence:
    """Make every run in `folder` and return all results.

    The incident repeats one install by uv `runs` times for each number in `AT_ONCE` of `dev.incident.race`. `tell`
    receives a line about each step. Raises CommandError or EnvparityError if a run cannot be made.
    """
    today = stamp(datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0))
    nowhere, cache = Config(root=folder), str(folder / "cache")

    def asked(requirement: str, since: str | None, until: str) -> Asked:
        return Asked((requirement,), python=project.toolchain.python_series, since=since, until=until, cache=cache)

    def of(what: str) -> Callable[[str], None]:
        return lambda text: tell(f"{what}: {text}")

    installers = find_installers(project)
    EnvironmentMaker(project).track(TRACK)
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
    seen = run_incident(installers, folder / "incident", runs, of("incident"))
    cures = try_cures(installers, folder / "cures", today, of("cures"))
    tell("comparing the track's environment with a fresh one")
    fresh = compare_fresh(project, TRACK, installers, folder / "fresh", today)
    dials = record_performance(project, of("dials"))
    examples = record_examples(folder / "examples", of("examples"))
    return Evidence(before, after, seen, found, cures, fresh, builds, dials, examples)


def record_builds(project: Project, tell: Callable[[str], None]) -> Builds:
    """Run the experiments of `builds` on the base image that `scripts/offline images` makes.

    The Python of this image has no C headers, so the experiments show which builds need the headers. Raises
    CommandError if no container engine is found, if the image is missing, or if the setup of an experiment fails.
    """
    engine = find_engine()
    base = base_of(project).stand_in
    if engine.image(base) is None:
        raise CommandError(f"builds: expected the image {base}, found none; make it with: scripts/offline images")
    return try_builds(engine, project, base, tell)


def record_performance(project: Project, tell: Callable[[str], None]) -> Dialing:
    """Measure how long each implementation takes to dial. An implementation is py-libp2p or a peer in another language.

    Raises CommandError if a peer is not built, or if at least half of a pair's dials fail.
    """

    def turns(numbers: Sequence[int]) -> Iterator[int]:
        for number in numbers:
            tell(f"{number} of {len(numbers)}")
            yield number

    return dial_all(project, AMONG, _DIALS, turns)
