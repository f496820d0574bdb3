"""Run mutations by seed, each in a copy that is restored after it, and tell what was caught."""

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import dev.quality.mutation.kinds  # noqa: F401 - enters the kinds
from dev.quality.mutation.expectation import KINDS, Kind, complaints
from dev.quality.mutation.scene import Scene
from dev.quality.mutation.world import World, make_world
from envparity.errors import EnvparityError
from envparity.project.config import Config

RESTORED_EVERY = 20  # mutations after which the copy's snapshot is held against the clean one


@dataclass(frozen=True)
class Job:
    """One mutation, told apart by kind and number; chance comes from these and the seed alone."""

    kind: Kind
    number: int
    world: str


@dataclass(frozen=True)
class MutationOutcome:
    """What came of a mutation; `complaints` is empty where it was caught, and nothing else told."""

    job: Job
    did: str
    complaints: tuple[str, ...]
    codes: tuple[str, ...] = ()


def choose_jobs(
    count: int, kinds: Sequence[str] = (), track: str | None = None, number: int | None = None
) -> list[Job]:
    """So many mutations, the kinds in turn; with `number`, that one of each kind."""
    chosen = [KINDS[name] for name in kinds or KINDS]
    # What two providers of one module can show is shown where both are.
    chosen = [one for one in chosen if track is None or track in one.worlds]
    if number is not None:
        return [Job(one, number, track or one.worlds[number % len(one.worlds)]) for one in chosen]
    jobs: list[Job] = []
    for index in range(count if chosen else 0):
        one, turn = chosen[index % len(chosen)], index // len(chosen)
        jobs.append(Job(one, turn, track or one.worlds[turn % len(one.worlds)]))
    return jobs


def mutate(job: Job, world: World, seed: str) -> MutationOutcome:
    """Apply one mutation, look, judge, and take it back."""
    scene = Scene(world, random.Random(f"{seed}:{job.kind.name}:{job.number}"))  # noqa: S311 - chance to be repeated
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
    """The outcomes, one environment after the other; a copy that is not restored is an outcome of its own."""
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
                        yield MutationOutcome(job, did, ("the copy is not as before: one of these was not taken back",))
                        return
                    since = []
