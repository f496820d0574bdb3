"""Tests of the makers of projects for `scripts/quality projects`, with the real tools and real wheels."""

from pathlib import Path

import pytest
from index import Index

from dev.command.errors import CommandError
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.installer import bootstrap
from dev.lockenv.project import Project
from dev.quality.projects.damage import EVERY_DAMAGE
from dev.quality.projects.kinds import KINDS, ProjectKind
from dev.quality.projects.make import Workshop, make_project, workshop
from dev.quality.projects.trial import try_project


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_each_tool_makes_a_project_in_which_envparity_finds_a_changed_file_and_nothing_else(
    project: Project, tmp_path: Path
) -> None:
    interpreter = EnvironmentMaker(project).interpreter
    uv = bootstrap(project, interpreter)
    with workshop(uv, interpreter.path, tmp_path) as shop:
        steps = [step for kind in KINDS for step in try_project(kind, shop, EVERY_DAMAGE[:1])]
    assert [(step.kind, step.name, step.wrong) for step in steps if step.wrong and "time" not in step.name] == []
    assert len(steps) == 5 * len(KINDS)


def test_a_command_that_fails_is_one_line(tmp_path: Path) -> None:
    failing = ProjectKind("uv", "uv.lock", {}, (("sh", "-c", "echo first; echo broken >&2; exit 3"),))
    with Index() as index:
        shop = Workshop(Path("/bin/false"), Path("/bin/false"), index, tmp_path)
        with pytest.raises(CommandError, match=r"^sh -c .* ended with status 3: first \| broken$"):
            make_project(failing, shop, tmp_path / "new")
