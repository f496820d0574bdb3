"""Tests of the kinds of projects that `scripts/quality projects` makes."""

import tomllib

from dev.quality.projects.kinds import KINDS
from envparity.judge.registry import EVERY_RULE
from envparity.project.discovery import LOCKS


def test_there_is_a_project_of_each_tool_whose_lock_envparity_finds() -> None:
    assert [kind.tool for kind in KINDS] == ["uv", "poetry", "pdm", "pipenv", "pip-tools"]
    assert {kind.lock for kind in KINDS} <= set(LOCKS)
    assert all(set(kind.notes) <= EVERY_RULE.keys() for kind in KINDS)


def test_the_files_of_each_project_are_valid() -> None:
    for kind in KINDS:
        for path, text in kind.files.items():
            if path.endswith(".toml") or path == "Pipfile":
                assert tomllib.loads(text), (kind.tool, path)
