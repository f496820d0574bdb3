"""The tools of the locks, for the tests of `scripts/quality locks`."""

from pathlib import Path

import pytest

from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.installer import bootstrap
from dev.lockenv.project import Project
from dev.quality.locks.toolbox import Toolbox


@pytest.fixture
def tools(project: Project, tmp_path: Path) -> Toolbox:
    interpreter = EnvironmentMaker(project).interpreter
    return Toolbox(bootstrap(project, interpreter), interpreter.path, tmp_path / "tools")
