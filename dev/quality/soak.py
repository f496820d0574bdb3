"""`scripts/quality soak`: runs many ping tests in a row, and lets a listener answer pings for a long time.

The command does both on two tracks. A track is one pinned version of libp2p, such as v0.4.
"""

import os
import re
import subprocess
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from dev.command.command import Command, positive
from dev.command.errors import CommandError
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import Project, this_project
from dev.matrix import engines
from dev.matrix.endings import Ending, PingOutcome
from dev.matrix.implementations import find_parties
from dev.matrix.plan import Test, every_test, plain_test
from dev.matrix.pool import run_all
from dev.matrix.progress import with_progress
from dev.matrix.results import FINE
from dev.matrix.run import APPLICATION, role_environment, role_settings

TRACKS = ("v0.4", "v0.8")
MANY_PINGS = Path(__file__).with_name("many_pings.py")
STREAMS, ROUNDS = 5, 10
# A listener's memory may grow during the first fifth of its rounds, because its caches fill up. After these rounds, the
# memory counts as flat if it grows by less than FLAT MB.
FLAT = 1.0
_TIMEOUT = 30  # The seconds that a test may take.


@dataclass(frozen=True)
class Memory:
    """The resident memory of a listener in MB, after each round of pings; `pings` is the number of all pings."""

    track: str
    pings: int
    rounds: tuple[float, ...]

    @property
    def growth(self) -> float:
        """Return by how many MB the memory grew from the first round after the first fifth to the last round."""
        return self.rounds[-1] - self.rounds[len(self.rounds) // 5]


def planned(project: Project, count: int) -> list[Test]:
    """Return `count` tests, which cycle through all pairs of tracks and all combinations that both tracks support.

    Each track dials itself and the other track. A combination is a transport, a secure channel and a muxer.
    """
    parties = {party.name: party for party in find_parties(project, TRACKS)}
    every = [
        test
        for dialer in TRACKS
        for listener in TRACKS
        for test in every_test(dialer, listener)
        if not parties[dialer].lacks(test) and not parties[listener].lacks(test)
    ]
    return list(islice(cycle(every), count))


def answer(track: str, python: Path, pings: int) -> Iterator[float]:
    """Ping one listener `pings` times in ROUNDS rounds, and yield the listener's memory in MB after each round.

    `python` is the Python of the track's environment. Raises CommandError if the dialer fails.
    """
    test = plain_test(track, track)
    read_end, write_end = os.pipe()

    def start(is_dialer: bool, descriptor: int, *command: str | Path) -> subprocess.Popen[bytes]:
        settings = role_settings(test, _TIMEOUT + pings / 10, is_dialer) | {"RENDEZVOUS_FD": str(descriptor)}
        return subprocess.Popen(
            [python, *command],
            env=role_environment(settings),
            pass_fds=[descriptor],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    each = str(max(1, pings // STREAMS // ROUNDS))
    with start(False, write_end, APPLICATION) as listener:
        os.close(write_end)
        try:
            with start(True, read_end, MANY_PINGS, str(STREAMS), each, str(ROUNDS)) as dialer:
                assert dialer.stdout is not None
                try:
                    for _ in dialer.stdout:
                        yield _resident(listener.pid)
                    dialer.wait(_TIMEOUT)
                finally:
                    dialer.kill()
            if dialer.returncode != 0:
                status = dialer.returncode
                raise CommandError(f"{track}: expected {pings} pongs, found that the dialer ended with status {status}")
        finally:
            os.close(read_end)
            listener.terminate()


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


def _soak(options: Namespace) -> int:
    project = this_project()
    maker = EnvironmentMaker(project)
    pythons = {track: maker.track(track, maker.source) for track in TRACKS}
    commands = {track: engines.program_of(python) for track, python in pythons.items()}
    with engines.processes(project, commands, _TIMEOUT) as stage:
        wanted = planned(project, options.tests)
        outcomes = list(with_progress(run_all(wanted, stage, options.workers, retries=0), "testing", len(wanted)))
    memories = []
    for track, python in pythons.items():
        rounds = with_progress(answer(track, python, options.pings), f"pinging {track}", ROUNDS)
        memories.append(Memory(track, options.pings, tuple(rounds)))
    return tell(outcomes, memories)


def _options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--tests", type=positive, default=1000, metavar="N", help="run N tests (default: 1000)")
    pings = "ping each of the two listeners N times (default: 10000)"
    add("--pings", type=positive, default=10_000, metavar="N", help=pings)
    add("--workers", type=positive, default=1, metavar="N", help="run N tests at the same time (default: 1)")


def tell(outcomes: Sequence[PingOutcome], memories: Sequence[Memory]) -> int:
    """Print the results of the tests and of the listeners; return the exit status."""
    count = Counter(outcome.status for outcome in outcomes)
    print(f"{len(outcomes)} tests: {', '.join(f'{count[one]} {one}' for one in Ending if count[one])}")
    for cause, number in Counter(outcome.cause for outcome in outcomes if outcome.status is Ending.LIMIT).items():
        print(f"  {number} x {cause}")
    bad = [outcome for outcome in outcomes if outcome.status not in FINE]
    for outcome in bad:
        print(f"{outcome.status}: {outcome.test.name}: {outcome.error or outcome.cause}")
    for memory in memories:
        rounds = " ".join(f"{one:.1f}" for one in memory.rounds)
        flat = "is flat" if memory.growth < FLAT else "grows"
        print(
            f"{memory.track} listener, {memory.pings} pings: memory {flat}, {memory.growth:+.2f} MB; "
            f"MB after each round: {rounds}"
        )
    return 1 if bad or any(memory.growth >= FLAT for memory in memories) else 0


COMMAND = Command(
    name="quality soak",
    does="Run many tests on every combination of v0.4 and v0.8, then ping the listener of v0.4 and the "
    "listener of v0.8 many times.",
    statuses={
        0: "only tests with a known limit failed, and no listener's memory grew",
        1: "another test failed, or a listener's memory grew",
    },
    run=_soak,
    add=_options,
)
