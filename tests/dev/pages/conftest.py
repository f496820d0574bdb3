"""Every command with its help."""

import pytest

from dev.lockenv.project import Project
from dev.pages.commands import CommandHelp, every_command


@pytest.fixture(scope="session")
def commands(project: Project) -> tuple[CommandHelp, ...]:
    """Each command with its help, asked for once."""
    return every_command(project)
