"""The pages are what the code says."""

import re
from pathlib import Path

import pytest

from dev.lockenv.project import Project
from dev.pages.commands import Command
from dev.pages.limits import limits
from dev.pages.pages import pages
from envparity.cli.explain import explain
from envparity.judge.registry import EVERY_RULE

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def made(project: Project, every: tuple[Command, ...]) -> dict[Path, str]:
    return pages(project, every)


def test_each_is_as_the_code_says(made: dict[Path, str]) -> None:
    for path, text in made.items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is not up to date: run scripts/docs"


def test_every_code_is_explained_as_the_command_does(made: dict[Path, str], project: Project) -> None:
    text = made[project.root / "docs" / "findings.md"]
    parts = re.split(r"(?m)^### (.+)$", re.sub(r"(?m)^## .*$", "", text))
    assert parts[1::2] == list(EVERY_RULE)
    for code, part in zip(parts[1::2], parts[2::2], strict=True):
        told = " ".join(part.split())
        family = EVERY_RULE[code].family
        for paragraph in explain(code).split("\n\n")[1:3]:
            assert " ".join(paragraph.split()) in told
        assert f"Usually {explain(code).rpartition('Usually ')[2].strip()}" in told
        assert f"## {family}\n" in text.partition(f"### {code}\n")[0]


def test_every_limit_is_told(made: dict[Path, str], project: Project) -> None:
    text = made[project.root / "docs" / "limits.md"]
    assert all(one.cause in text for one in limits(project))


def test_no_line_is_wider_than_a_window_but_tables(made: dict[Path, str]) -> None:
    for text in made.values():
        assert [line for line in text.splitlines() if len(line) > 130 and not line.startswith("| ")] == []
