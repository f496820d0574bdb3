"""Tests of the fixes for editable installs whose folder is gone or has another version."""

import subprocess
from pathlib import Path

import pytest
from environment_builder import Environment
from judging import codes, lock_of, only, subject

from envparity.fix.fix import Fix
from envparity.judge.judgement import check


@pytest.fixture
def project(empty: Environment, tmp_path: Path) -> Path:
    """Install `alpha` as editable in the environment, and return the folder with its code."""
    folder = tmp_path / "my project"
    (folder / "alpha").mkdir(parents=True)
    (folder / "alpha" / "__init__.py").write_text("")
    info = empty.add("alpha", "1.0", {"__editable__.alpha.pth": f"{folder}\n"})
    url = '{"dir_info": {"editable": true}, "url": "file://' + str(folder).replace(" ", "%20") + '"}'
    (info / "direct_url.json").write_text(url)
    return folder


def fixes(environment: Environment, code: str, lock: str | None = None) -> tuple[Fix, ...]:
    """Return the fixes of the only finding with this code."""
    found = check(subject(environment.snapshot(), lock_of(environment, lock) if lock else None))
    return only(code, found).fixes


def test_a_folder_with_another_version_is_installed_again(empty: Environment, project: Path) -> None:
    (project / "pyproject.toml").write_text('[project]\nname = "alpha"\nversion = "1.1"\n')
    (fix,) = fixes(empty, "editable-version")
    assert fix.commands[0].endswith(f"install --force-reinstall --no-deps -e '{project}'")
    (project / "pyproject.toml").write_text('[project]\nname = "beta"\nversion = "1.0"\n')
    assert fixes(empty, "editable-version") == ()


def test_without_its_folder_it_is_uninstalled_if_nothing_needs_it(empty: Environment, project: Path) -> None:
    project.rename(project.with_name("moved"))
    (fix,) = fixes(empty, "editable-gone")
    assert [command.rpartition(" uninstall")[2] for command in fix.commands] == [" -y alpha"]
    (fix,) = fixes(empty, "editable-gone", "alpha==1.0\n")
    assert len(fix.commands) == 2
    assert " -r " in fix.commands[1]
    empty.add("other", requires=["alpha"])
    assert fixes(empty, "editable-gone") == ()


@pytest.mark.parametrize("others", ["", "/somewhere/else\n"])
def test_an_old_editable_install_without_its_folder_is_removed(others: str, empty: Environment, tmp_path: Path) -> None:
    folder = tmp_path / "my project"
    (empty.site / "old-alpha.egg-link").write_text(f"{folder}\n.")
    (empty.site / "easy-install.pth").write_text(f"{folder}\n{others}")
    empty.add("beta")
    (fix,) = fixes(empty, "editable-gone")
    assert fix.distributions == ("old-alpha",)
    subprocess.run(["sh", "-ec", "\n".join(fix.commands)], check=True)
    assert (empty.site / "easy-install.pth").read_text() == others
    assert codes(check(subject(empty.snapshot()))) == {"unlocked"} | ({"file-extraneous"} if others else set())
