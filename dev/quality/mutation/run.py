"""Runs mutations: each is one change to a copy of an environment, and envparity must report it.

A seed determines the changes. After each mutation the copy, which is called a world, is restored. The name of a world
is a track (a pinned version of libp2p, such as v0.4) or `collision`, where two distributions provide one module.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import dev.quality.mutation.kinds  # noqa: F401 - importing this package registers the kinds
from dev.quality.mutation.expectation import KINDS, Kind, complaints
from dev.quality.mutation.scene import Scene
from dev.quality.mutation.world import World, make_world
from envparity.errors import EnvparityError
from envparity.project.config import Config

RESTORED_EVERY = 20  # The number of mutations after which the copy's snapshot is compared with the clean snapshot.


@dataclass(frozen=True)
class Job:
    """One mutation in the environment `world`; its kind, its number and the seed determine its random choices."""

    kind: Kind
    number: int
    world: str


@dataclass(frozen=True)
class MutationOutcome:
    """The outcome of a mutation; `complaints` is empty if envparity reported the mutation and nothing else.

    `did` says what was changed, and `codes` has the codes of the expected findings.
    """

    job: Job
    did: str
    complaints: tuple[str, ...]
    codes: tuple[str, ...] = ()


def choose_jobs(
    count: int, kinds: Sequence[str] = (), track: str | None = None, number: int | None = None
) -> list[Job]:
    """Return `count` mutations, which cycle through the kinds that `kinds` names, or through all kinds.

    With `number`, instead return one mutation of each kind: the mutation with this number. With `track`, all mutations
    are in the environment of this name, and kinds that cannot run there are left out.
    """
    chosen = [KINDS[name] for name in kinds or KINDS]
    # Some kinds need two distributions that provide one module, so they run only in the world with both distributions.
    chosen = [one for one in chosen if track is None or track in one.worlds]
    if number is not None:
        return [Job(one, number, track or one.worlds[number % len(one.worlds)]) for one in chosen]
    jobs: list[Job] = []
    for index in range(count if chosen else 0):
        one, turn = chosen[index % len(chosen)], index // len(chosen)
        jobs.append(Job(one, turn, track or one.worlds[turn % len(one.worlds)]))
    return jobs


def mutate(job: Job, world: World, seed: str) -> MutationOutcome:
    """Make one change, let envparity look at the environment, undo the change, and return the outcome."""
    scene = Scene(world, random.Random(f"{seed}:{job.kind.name}:{job.number}"))  # noqa: S311 - must be repeatable
    try:
        done = job.kind.apply(scene)
        try:
            seen = world.judge(world.look(job.kind.how, done.command))
        except EnvparityError as error:
            return MutationOutcome(job, done.did, (f"no snapshot: {error}",))
        codes = tuple(dict.fromkeys(one.rule.code for one in done.expected))
        return MutationOutcome(job, done.did, tuple(complaints(job.kind.how, done, seen)), codes)
    finally:
        world.journal.undo()


def run(
    jobs: Iterable[Job], seed: str, config: Config, *, lean: bool = False, registry: bool = False
) -> Iterator[MutationOutcome]:
    """Run the jobs, one environment after the other, and yield their outcomes.

    If an environment is not restored, yield this fault as one more outcome, and stop. `lean` leaves the largest
    distributions out of the copies. With `registry`, the second distribution of the environment `collision` comes
    from the package index.
    """
    by_world: dict[str, list[Job]] = {}
    for job in jobs:
        by_world.setdefault(job.world, []).append(job)
    for name, mine in by_world.items():
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="mutation-")))
            world = make_world(name, folder, config, lean=lean, registry=registry)
            since: list[Job] = []
            for job in mine:
                yield mutate(job, world, seed)
                since.append(job)
                if len(since) == RESTORED_EVERY or job is mine[-1]:
                    if not world.is_restored():
                        did = ", ".join(f"{one.kind.name} {one.number}" for one in since)
                        why = "expected the copy to be restored, found that one of these changes was not undone"
                        yield MutationOutcome(job, did, (why,))
                        return
                    since = []
