"""Tests of the choice of the Python for environments: the file locks/toolchain.toml lists where to look for it."""

from dataclasses import replace
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.command import run
from dev.lockenv.interpreter import find_interpreter
from dev.lockenv.project import Project


@pytest.fixture(autouse=True)
def _no_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCKENV_PYTHON", raising=False)


def test_the_first_interpreter_of_the_right_series_is_used(project: Project, tmp_path: Path) -> None:
    older, broken = tmp_path / "older", tmp_path / "broken"
    older.write_text('#!/bin/sh\necho \'{"version": "3.10.1", "tag": "", "compiler": "cc", "headers": "/"}\'\n')
    broken.write_text("#!/bin/sh\nexit 1\n")
    for program in (older, broken):
        program.chmod(0o755)
    names = ("no-such-python", str(broken), str(older), *project.toolchain.interpreters)
    found = find_interpreter(replace(project.toolchain, interpreters=names))
    assert found == find_interpreter(project.toolchain)
    assert found.version.startswith("3.11.")
    assert found.version in found.tag


def test_without_an_interpreter_the_error_says_how_to_get_it(project: Project) -> None:
    with pytest.raises(CommandError, match=r"expected 3\.11 .* found: no no-such-python; install it"):
        find_interpreter(replace(project.toolchain, interpreters=("no-such-python",)))


def test_the_shell_looks_in_the_same_places_as_the_toolchain_file(project: Project) -> None:
    script = (project.root / "dev" / "command" / "python").read_text()
    names = ":".join(project.toolchain.interpreters).replace(project.toolchain.python_series, "$series")
    assert f"in ${{LOCKENV_PYTHON:-{names}}}; do" in script


def test_a_door_can_name_its_own_interpreter(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell of flake.nix names its interpreter in LOCKENV_PYTHON.

    If this interpreter is missing, lockenv uses no other, because the environment would differ.
    """
    (tmp_path / "own").symlink_to(find_interpreter(project.toolchain).path)
    monkeypatch.setenv("LOCKENV_PYTHON", str(tmp_path / "own"))
    assert find_interpreter(project.toolchain).path == tmp_path / "own"
    monkeypatch.setenv("LOCKENV_PYTHON", f"{tmp_path}/none:{tmp_path}/own")
    assert find_interpreter(project.toolchain).path == tmp_path / "own"
    monkeypatch.setenv("LOCKENV_PYTHON", str(tmp_path / "none"))
    with pytest.raises(CommandError, match=f"found: no {tmp_path}/none; correct LOCKENV_PYTHON"):
        find_interpreter(project.toolchain)


def test_a_python_of_an_environment_stands_for_the_python_that_made_it(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the devcontainer, the first Python of PATH is that of the environment that lockenv may have to make again."""
    made_by = find_interpreter(project.toolchain).path
    run([made_by, "-I", "-m", "venv", "--without-pip", tmp_path / "active"], purpose="making an environment")
    name = f"python{project.toolchain.python_series}"
    toolchain = replace(project.toolchain, interpreters=(name,))
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / name).symlink_to(made_by)
    monkeypatch.setenv("PATH", f"{tmp_path}/active/bin:{tmp_path}/link:/bin")
    assert find_interpreter(toolchain).path == tmp_path / "link" / name
    monkeypatch.setenv("PATH", f"{tmp_path}/active/bin")
    found = find_interpreter(toolchain).path
    assert not found.is_relative_to(tmp_path)
    assert found.samefile(made_by)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    script = project.root / "dev" / "command" / "python"
    monkeypatch.setenv("LOCKENV_PYTHON", str(tmp_path / "active" / "bin" / "python"))
    started = Path(run([script, "-c", "import sys; print(sys.executable)"], purpose="starting the Python").strip())
    assert not started.is_relative_to(tmp_path)
    assert started.samefile(made_by)
