"""Tests of the command `scripts/quality projects`."""

import pytest

from dev.quality.projects.command import COMMAND


def test_a_tool_that_does_not_exist_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert COMMAND.main(["conda"]) == 2
    said = capsys.readouterr().err
    assert said == (
        "scripts/quality projects: expected the name of a tool (uv, poetry, pdm, pipenv, pip-tools), found conda\n"
    )
