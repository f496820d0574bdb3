"""Tests of the rows that pip's own parser gives."""

from pathlib import Path

import pytest

from dev.quality.locks.pip_lines import rows_of_requirements
from dev.quality.locks.toolbox import Toolbox, ToolError


def test_the_rows_are_those_of_pip(tools: Toolbox, tmp_path: Path) -> None:
    digest = "sha256:" + "a" * 64
    lines = (
        f"alpha==1.0 ; sys_platform == 'win32' \\\n    --hash={digest}",
        "-r more.txt",
        "-c pins.txt",
        "gamma[fast]",
        "-e ./shop",
        "delta @ https://example.com/delta-1.0-py3-none-any.whl",
        "loose>=1",
    )
    (tmp_path / "requirements.txt").write_text("\n".join(lines) + "\n")
    (tmp_path / "more.txt").write_text("beta==2.0  # a comment\n")
    (tmp_path / "pins.txt").write_text("gamma==3.0\nunused==1\n")
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\n')
    rows = {row.entry.name: row for row in rows_of_requirements(tmp_path / "requirements.txt", tools)}
    assert {name: row.entry.source for name, row in rows.items()} == {
        "alpha": "==1",
        "beta": "==2",
        "gamma": "==3",
        "shop": "a folder",
        "delta": "@ https://example.com/delta-1.0-py3-none-any.whl",
        "loose": "==*",
    }
    assert rows["alpha"].entry.hashes == {digest}
    assert str(rows["alpha"].marker) == 'sys_platform == "win32"'
    assert [name for name, row in rows.items() if not row.pinned] == ["loose"]


def test_a_file_that_pip_refuses_is_no_answer(tools: Toolbox, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("=====\n")
    with pytest.raises(ToolError, match=r"^pip said: .*Invalid requirement"):
        list(rows_of_requirements(tmp_path / "requirements.txt", tools))


def test_a_constraint_counts_only_where_its_marker_holds(tools: Toolbox, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-c pins.txt\nalpha\n")
    (tmp_path / "pins.txt").write_text("alpha==1 ; os_name == 'nt'\nalpha==2 ; os_name != 'nt'\n")
    rows = rows_of_requirements(tmp_path / "requirements.txt", tools)
    assert [(row.entry.source, str(row.marker)) for row in rows] == [
        ("==1", 'os_name == "nt"'),
        ("==2", 'os_name != "nt"'),
    ]
