"""Tests of the environment that `scripts/quality repair` damages: its lock, its problems, and how it is put back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from environment_builder import Environment
from small_bench import small_bench

from dev.quality.repair.bench import Bench, Problem, lock_of_wheels


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with small_bench(tmp_path_factory.mktemp("bench")) as made:
        yield made


def test_the_environment_is_put_back(bench: Bench) -> None:
    assert bench.problems() == frozenset()
    path = bench.world.site / "alpha.py"
    path.unlink()
    assert Problem("file-missing", "site/alpha.py") in bench.problems()
    bench.put_back()
    assert bench.problems() == frozenset()


def test_an_environment_that_cannot_be_read_is_a_problem(bench: Bench) -> None:
    (bench.environment / "bin" / "python").unlink()
    assert [one.code for one in bench.problems()] == ["unreadable"]
    bench.put_back()


def test_the_lock_leaves_out_what_is_built_and_what_requires_it(tmp_path: Path) -> None:
    empty = Environment(tmp_path / "environment")
    empty.add("built", "1.0")
    empty.add("user", "1.0", requires=["built"])
    empty.add("alone", "1.0", requires=["built; extra == 'all'"])
    lines = ("# a lock", "--no-binary built", "", "built==1.0", "user==1.0", "alone==1.0 \\", "    --hash=sha256:0")
    text = lock_of_wheels(empty.folder, "\n".join(lines))
    assert text == "alone==1.0 \\\n    --hash=sha256:0\n"
