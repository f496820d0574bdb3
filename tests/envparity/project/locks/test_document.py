"""Tests of the parts that the readers of TOML and JSON locks share."""

from pathlib import Path

import pytest

from envparity.errors import EnvparityError
from envparity.project.locks.document import packages_of, pinned, pyproject_beside, within
from envparity.project.locks.lock import Choice, LockFile


def test_a_version_from_before_pep_440_is_pinned_unchanged() -> None:
    assert pinned("alpha", "2004d-final", "LOCK").version == "2004d-final"
    assert pinned("alpha", "1.0", "LOCK", marker="sys_platform == 'win32'").applies({"sys_platform": "linux"}) is False
    for name, version, marker in (("a b", "1", None), ("alpha", "1 2", None), ("alpha", "1", "what"), ("", None, None)):
        with pytest.raises(EnvparityError, match=r"^LOCK: expected a valid name, version and marker, found"):
            pinned(name, version, "LOCK", marker=marker)


def test_each_package_knows_its_line(tmp_path: Path) -> None:
    file = LockFile(tmp_path / "x.lock", "\n[[package]]\n\n  [[ package ]]\n", Choice())
    assert [one.where.rpartition("x.lock")[2] for one in packages_of(file, {"package": [{}, {}]})] == [
        ", line 2: package",
        ", line 4: package",
    ]
    assert [one.where.rpartition("x.lock")[2] for one in packages_of(file, {"package": [{}]})] == [": package"]


def test_a_missing_or_broken_pyproject_is_empty(tmp_path: Path) -> None:
    assert pyproject_beside(tmp_path) == {}
    (tmp_path / "pyproject.toml").write_text("= 1")
    assert pyproject_beside(tmp_path) == {}
    (tmp_path / "pyproject.toml").write_text("[tool.uv]\nx = 1\n")
    assert within(pyproject_beside(tmp_path), "tool", "uv", "x") == 1
    assert within(pyproject_beside(tmp_path), "tool", "uv", "x", "y") is None
