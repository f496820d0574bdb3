"""Tests of the trial of envparity in a project, with a small project that uv makes from made-up wheels."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from index import Index

from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.installer import bootstrap
from dev.lockenv.project import Project
from dev.quality.projects.damage import Damage
from dev.quality.projects.kinds import ProjectKind
from dev.quality.projects.make import Made, Workshop
from dev.quality.projects.trial import try_project

PROJECT = '[project]\nname = "shop"\nversion = "1.0"\nrequires-python = ">=3.8"\ndependencies = ["alpha"]\n'
SMALL = ProjectKind("uv", "uv.lock", {"pyproject.toml": PROJECT}, (("uv", "sync", "-q", "--python", "{python}"),))


@pytest.fixture
def shop(project: Project, tmp_path: Path) -> Iterator[Workshop]:
    interpreter = EnvironmentMaker(project).interpreter
    with Index() as index:
        index.wheel("alpha", "1.0", None)
        yield Workshop(bootstrap(project, interpreter), interpreter.path, index, tmp_path)


def change(made: Made, _shop: Workshop) -> None:
    path = made.site / "alpha.py"
    path.unlink()
    path.write_text("changed = True\n")


def test_a_trial_finds_real_damage_and_misses_none_silently(shop: Workshop) -> None:
    damage = Damage("file changed", ("file-altered",), "alpha.py", change)
    nothing = Damage("nothing", ("file-missing",), "alpha.py", lambda _made, _shop: None)
    steps = list(try_project(SMALL, shop, [damage, nothing]))
    names = [step.name for step in steps if not step.name.startswith("time")]
    damages = ["file changed", "file changed, repaired", "nothing", "nothing, repaired"]
    assert names == ["clean", *damages, "restored"]
    wrong = {step.name: step.wrong for step in steps if not step.name.startswith("time")}
    assert wrong.pop("nothing") == ("expected file-missing about alpha.py, found ",)
    assert set(wrong.values()) == {()}


def test_a_wrong_lock_in_the_first_line_is_a_failed_step(shop: Workshop) -> None:
    steps = try_project(replace(SMALL, lock="poetry.lock"), shop, [])
    (wrong,) = next(steps).wrong
    assert wrong.startswith("expected 'compared with poetry.lock (' in the first line, found '.venv (the nearest")
