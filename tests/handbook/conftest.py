"""What the pages are made from."""

import pytest

from handbook.commands import Command, commands
from lockenv.project import Project


@pytest.fixture(scope="session")
def every(project: Project) -> tuple[Command, ...]:
    """Each command with its help, asked for once."""
    return commands(project)
