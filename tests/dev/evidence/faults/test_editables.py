"""Tests of the editable installs of the faults: a new version of the project replaces the old one."""

from pathlib import Path

from dev.evidence.faults.editables import write_project


def test_a_project_has_one_wheel_of_its_present_version(tmp_path: Path) -> None:
    for version in ("1.0", "2.0"):
        write_project(tmp_path, "idna", version)
    assert [path.name for path in (tmp_path / "editable").iterdir()] == ["idna-2.0-py3-none-any.whl"]
    assert 'version = "2.0"' in (tmp_path / "pyproject.toml").read_text()
    assert (tmp_path / "idna" / "__init__.py").read_text() == "__version__ = '2.0'\n"
