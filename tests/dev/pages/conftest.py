"""A fixture for tests of the generated pages of `docs/`."""

import pytest

from dev.lockenv.project import Project
from dev.pages.commands import CommandHelp, every_command


@pytest.fixture(scope="session")
def commands(project: Project) -> tuple[CommandHelp, ...]:
    """Return each command of the project with the text of its `--help`."""
    return every_command(project)
