"""Tests of each kind of mutation, in small copies of environments.

A mutation is a change in an environment, such as a flipped byte, that envparity must report. `scripts/quality mutate`
makes hundreds of mutations in copies of whole environments.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from dev.lockenv.project import Project
from dev.quality.mutation.command import COMMAND
from dev.quality.mutation.expectation import KINDS, TRACKS, Expected, How, Mutation, Seen, complaints
from dev.quality.mutation.journal import Journal
from dev.quality.mutation.run import Job, choose_jobs, mutate
from dev.quality.mutation.world import World, make_world
from envparity.judge import integrity, judgement
from envparity.judge.findings import Finding, finding
from envparity.judge.integrity.files import FILE_ALTERED
from envparity.judge.ownership import EDITABLE
from envparity.judge.registry import FAMILIES
from envparity.judge.rules import Severity
from envparity.project.config import find_config

SEED = "tests"


class Worlds:
    """The copies of the environments by name; the first use of a name makes the copy."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.made: dict[str, World] = {}

    def __call__(self, name: str) -> World:
        if name not in self.made:
            folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="mutation-")))
            self.made[name] = make_world(name, folder, find_config(Path(__file__).parent), lean=True)
        return self.made[name]


@pytest.fixture(scope="module")
def worlds() -> Iterator[Worlds]:
    """Yield the copies, and check after the tests that every change was undone."""
    with ExitStack() as stack:
        made = Worlds(stack)
        yield made
        for world in made.made.values():
            assert world.is_restored()


def without_integrity(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turn off the checks of envparity that compare files and metadata with RECORD."""
    left = tuple(family for family in FAMILIES if family is not integrity.FAMILY)
    monkeypatch.setattr(judgement, "FAMILIES", left)


@pytest.mark.parametrize("job", choose_jobs(len(KINDS)), ids=lambda job: job.kind.name)
def test_each_kind_of_mutation_gives_only_its_findings(job: Job, worlds: Worlds) -> None:
    assert mutate(job, worlds(job.world), SEED).complaints == ()


def test_there_are_as_many_kinds_as_the_document_says_and_each_has_a_meaning(project: Project) -> None:
    page = " ".join((project.root / "docs" / "concepts" / "how-envparity-works.md").read_text().split())
    assert "damages copies of real environments in more than a hundred ways." in page
    assert len(KINDS) > 100
    assert {one.how for one in KINDS.values()} == set(How)
    assert all(one.meaning for one in KINDS.values())


def test_a_seed_repeats_one_mutation_alone(worlds: Worlds) -> None:
    (job,) = choose_jobs(1, ["file-truncated"], "v0.4", number=5)
    first, again, other = (mutate(job, worlds("v0.4"), seed) for seed in ("a", "a", "b"))
    assert first == again
    assert first.did != other.did


def test_the_plan_takes_kinds_and_environments_in_turn() -> None:
    jobs = choose_jobs(5, ["byte-flipped", "file-added"])
    assert [(job.kind.name, job.number, job.world) for job in jobs] == [
        ("byte-flipped", 0, TRACKS[0]),
        ("file-added", 0, TRACKS[0]),
        ("byte-flipped", 1, TRACKS[1]),
        ("file-added", 1, TRACKS[1]),
        ("byte-flipped", 2, TRACKS[0]),
    ]


def test_a_mutation_without_its_check_is_a_miss(worlds: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    without_integrity(monkeypatch)
    (job,) = choose_jobs(1, ["byte-flipped"], "v0.4")
    (complaint,) = mutate(job, worlds("v0.4"), SEED).complaints
    assert complaint.startswith("missed: file-altered site/")


def test_a_miss_shows_the_command_that_repeats_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without_integrity(monkeypatch)
    assert COMMAND.main("--seed x --kind file-deleted --number 3 --track v0.4 --lean".split()) == 1
    said = capsys.readouterr().out
    assert "again: scripts/quality mutate --seed x --kind file-deleted --number 3 --track v0.4 --lean\n" in said
    assert "seed x: 1 mutations of 1 kinds, 1 not reported correctly" in said


def test_a_change_that_is_not_undone_is_noticed(worlds: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    world = worlds("v0.4")
    with monkeypatch.context() as patched:
        patched.setattr(Journal, "undo", lambda _: None)
        (job,) = choose_jobs(1, ["made-private"], "v0.4")
        mutate(job, world, SEED)
    assert not world.is_restored()
    world.journal.undo()
    assert world.is_restored()


ALTERED = finding(FILE_ALTERED, "a.py is altered", paths=["site/a.py"])
MUTATION = Mutation("", (Expected(FILE_ALTERED, ("site/a.py",), Severity.ERROR, says="altered"),))


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        ([], "missed: file-altered site/a.py saying 'altered'"),
        ([replace(ALTERED, paths=("site/b.py",))], "missed: file-altered site/a.py saying 'altered'"),
        ([replace(ALTERED, severity=Severity.NOTE)], "missed: file-altered site/a.py saying 'altered'"),
        ([replace(ALTERED, message="b")], "missed: file-altered site/a.py saying 'altered'"),
        ([ALTERED, replace(ALTERED, paths=("site/b.py",))], "unrelated paths site/b.py: error file-altered"),
        ([ALTERED, finding(EDITABLE, "x")], "unrelated: note editable x"),
    ],
)
def test_only_the_expected_findings_are_accepted(told: list[Finding], complaint: str) -> None:
    said = complaints(How.CHECK, MUTATION, Seen(told, []))
    assert said[0].startswith(complaint)


def test_a_finding_of_a_comparison_must_not_come_from_a_check() -> None:
    assert complaints(How.COMPARE, MUTATION, Seen([], [ALTERED])) == []
    (said,) = complaints(How.COMPARE, MUTATION, Seen([ALTERED], [ALTERED]))
    assert said.startswith("reported by check: error file-altered")
