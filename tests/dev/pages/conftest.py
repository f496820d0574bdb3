"""What the pages are made from."""

import pytest

from dev.lockenv.project import Project
from dev.pages.commands import Command, commands


@pytest.fixture(scope="session")
def every(project: Project) -> tuple[Command, ...]:
    """Each command with its help, asked for once."""
    return commands(project)
