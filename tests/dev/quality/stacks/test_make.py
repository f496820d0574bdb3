"""Tests of the makers of stacks. A stack is an environment that people really have."""

from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.installer import bootstrap
from dev.lockenv.project import Project
from dev.quality.stacks.command import try_stack
from dev.quality.stacks.make import find_python, make_stack
from dev.quality.stacks.stack import WHOLE, Maker, Stack, true_everywhere


@pytest.fixture
def uv(project: Project) -> Path:
    return bootstrap(project, EnvironmentMaker(project).interpreter)


def test_a_stack_whose_python_is_missing_is_skipped(uv: Path) -> None:
    assert find_python(uv, "3.99") is None
    found = find_python(uv, "3.11")
    assert found is not None
    assert found.exists()
    assert try_stack(Stack("future", "3.99", Maker.PIP, ("six",)), uv).skipped


def test_a_python_to_copy_is_in_its_own_folder(uv: Path) -> None:
    found = find_python(uv, "3.11", Maker.PREFIX)
    assert found is None or str(found.parent.parent) not in ("/usr", "/usr/local")
    assert try_stack(Stack("future", "3.99", Maker.PREFIX, ("six",)), uv).skipped


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.parametrize("maker", sorted(set(Maker) - WHOLE))
def test_each_maker_makes_an_environment_without_a_finding_that_is_not_listed(maker: Maker, uv: Path) -> None:
    outcome = try_stack(Stack("small", "3.11", maker, ("six", "iniconfig"), true_everywhere(maker)), uv)
    assert outcome.failure is None
    assert [one.message for one in outcome.untrue] == []
    assert outcome.distributions >= 2
    assert not outcome.fails


@pytest.mark.network
def test_requirements_that_cannot_be_resolved_are_one_line(tmp_path: Path, uv: Path) -> None:
    base = find_python(uv, "3.11")
    assert base is not None
    with pytest.raises(CommandError, match=r"^impossible: resolving: uv ended with status 1: .*six"):
        make_stack(Stack("impossible", "3.11", Maker.UV, ("six>99",)), uv, base, tmp_path)
