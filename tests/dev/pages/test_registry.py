"""Tests that every generated page is up to date, and that its lines fit a window."""

import pytest

from dev.lockenv.project import Project
from dev.pages.commands import CommandHelp, commands_page
from dev.pages.registry import PAGES, render_page

pytestmark = pytest.mark.processes


@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_up_to_date(project: Project, commands: tuple[CommandHelp, ...], name: str) -> None:
    # Calling every command with --help takes long, so this page uses the fixture, which is shared by several tests.
    text = commands_page(commands) if name == "reference/commands.md" else render_page(name, project)
    made = (project.root / "docs" / name).read_text(encoding="utf-8")
    assert made == text, f"{name} is not up to date: run scripts/docs"


def test_every_generated_page_is_in_the_registry(project: Project) -> None:
    docs = project.root / "docs"
    pages = [path for path in docs.rglob("*.md") if "<!-- Made by " in path.read_text()[:200]]
    made = [path.relative_to(docs).as_posix() for path in pages]
    assert sorted(made) == [name for name in sorted(PAGES) if name.endswith(".md")]


@pytest.mark.parametrize("name", ["reference/commands.md", "reference/findings.md", "reference/limits.md"])
def test_only_tables_are_wider_than_a_window(project: Project, name: str) -> None:
    text = (project.root / "docs" / name).read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if len(line) > 130 and not line.startswith("| ")] == []
