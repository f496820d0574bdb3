"""Tests of the trial of repairs, in a small environment: what was repaired, and what was not."""

from collections.abc import Callable, Iterator

import pytest
from small_bench import small_bench

from dev.quality.mutation.expectation import How, Kind, Mutation
from dev.quality.mutation.scene import Scene
from dev.quality.repair.bench import Bench
from dev.quality.repair.trial import Trial


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with small_bench(tmp_path_factory.mktemp("bench")) as made:
        yield made


def edited(scene: Scene) -> Mutation:
    scene.write("site/alpha.py", b"edited = True\n")
    return Mutation("edited alpha.py", ())


def unknown(scene: Scene) -> Mutation:
    scene.install("other", "1.0", {"alpha.py": b"other = True\n"})
    (scene.site / "alpha-1.0.dist-info" / "RECORD").write_text("")
    return Mutation("nothing is left", ())


def noted(scene: Scene) -> Mutation:
    scene.write("site/__pycache__/notes", b"1")
    return Mutation("added a file that Python does not read", ())


def nothing(_scene: Scene) -> Mutation:
    return Mutation("nothing", ())


@pytest.mark.parametrize(
    ("apply", "results"),
    [(edited, {"clean"}), (unknown, {"clean", "refused"}), (noted, {"refused"}), (nothing, {"not found"})],
)
def test_the_outcome_of_a_repair(apply: Callable[[Scene], Mutation], results: set[str], bench: Bench) -> None:
    outcome = Trial(bench, "tests").repair(Kind("a kind", How.CHECK, ("v0.4",), apply), 0)
    assert outcome.result in results, outcome.says
    assert bench.problems() == frozenset()
