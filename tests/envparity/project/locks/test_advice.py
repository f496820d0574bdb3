"""Tests of the advice for files that are no locks which envparity reads."""

from pathlib import Path

import pytest

from envparity.errors import EnvparityError
from envparity.project.locks import read_lock


@pytest.mark.parametrize(
    ("name", "text", "command"),
    [
        ("uv.lock", 'version = 1\n[[package]]\nname = "a"\n', "uv export --frozen --format requirements-txt -o LOCK"),
        ("poetry.lock", '[[package]]\nname = "a"\n', "poetry export -f requirements.txt -o LOCK"),
        ("pdm.lock", '[metadata]\ngroups = ["default"]\n', "pdm export -f requirements -o LOCK"),
        ("Pipfile.lock", '{"_meta": {}}\n', "pipenv requirements --hash > LOCK"),
        ("pyproject.toml", "[project]\n", "uv pip compile --generate-hashes pyproject.toml -o LOCK"),
        ("dev.in", "alpha>=1\n", "uv pip compile --generate-hashes dev.in -o LOCK"),
    ],
)
def test_a_file_of_another_tool_names_the_command_that_makes_a_lock(
    name: str, text: str, command: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(EnvparityError) as caught:
        read_lock(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: expected ")
    assert str(caught.value).endswith(f"; make a lock with: {command}")


def test_the_error_for_any_other_file_describes_a_lock(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# A project\n\nIt does something.\n")
    with pytest.raises(EnvparityError, match=r"found 'It does something.': .*; a lock has a line NAME==VERSION for"):
        read_lock(tmp_path / "README.md")
