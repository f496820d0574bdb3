"""Fixtures for tests of the generated pages."""

import pytest

from dev.lockenv.project import Project
from dev.pages.commands import CommandHelp, every_command


@pytest.fixture(scope="session")
def commands(project: Project) -> tuple[CommandHelp, ...]:
    """Return each command with its help, which is read only once."""
    return every_command(project)
