"""Tests of the tools that `scripts/quality locks` asks."""

from pathlib import Path

import pytest

from dev.quality.locks.toolbox import Toolbox, ToolError


def test_a_tool_answers_without_the_settings_of_the_person(
    tools: Toolbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    program = "import os, pip; print([name for name in os.environ if name.startswith('PIP_')])"
    assert tools.call_python("pip", program, folder=tmp_path) == "['PIP_DISABLE_PIP_VERSION_CHECK']\n"
    assert tools.call("uv", "--version", folder=tmp_path).startswith("uv ")


def test_a_tool_that_fails_is_one_line(tools: Toolbox, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"^uv said: .*No `pyproject.toml` found") as caught:
        tools.call("uv", "export", folder=tmp_path)
    assert "\n" not in str(caught.value)
