"""Tests of `python -m dev.lockenv`, which makes an environment and prints the path of its Python.

Image builds and CI call this command. A failure is an error of one line, with the exit status 3.
"""

import tomllib
from importlib.metadata import PathDistribution

import pytest
from packaging.requirements import Requirement

from dev.lockenv.__main__ import main
from dev.lockenv.command import run
from dev.lockenv.interpreter import find_interpreter
from dev.lockenv.project import Project


def test_the_path_of_the_environments_python_is_printed(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["track", "v0.8"]) == 0
    assert capsys.readouterr().out == f"{project.environment('v0.8') / 'bin' / 'python'}\n"


@pytest.mark.parametrize("command", [["track", "v9"], ["test", "v9"]])
def test_a_failure_is_one_line(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("lockenv: track: expected one of v0.4, ")
    assert captured.err.count("\n") == 1


def test_a_bad_source_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LIBP2P_SOURCE", "/nowhere")
    assert main(["track", "v0.4"]) == 3
    assert "LIBP2P_SOURCE: expected" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["track"], ["how", "luck"]])
def test_a_wrong_command_line_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: python -m dev.lockenv" in capsys.readouterr().err


def test_the_command_needs_no_installed_distribution(project: Project) -> None:
    bare = str(find_interpreter(project.toolchain).path)
    script = f"import sys; sys.path.insert(0, {str(project.root)!r}); import dev.lockenv.__main__; print('fine')"
    assert run([bare, "-I", "-S", "-c", script], purpose="testing") == "fine\n"


@pytest.mark.commit
def test_the_declared_requirements_are_those_of_the_commit(project: Project) -> None:
    (path,) = project.environment("v0.4-git").glob("lib/*/site-packages/libp2p-*.dist-info")
    found = PathDistribution(path).requires or []
    with (project.root / "pyproject.toml").open("rb") as file:
        (declared,) = tomllib.load(file)["tool"]["uv"]["dependency-metadata"]
    own = {str(Requirement(text)) for text in found if "extra ==" not in text}
    assert own == {str(Requirement(text)) for text in declared["requires-dist"]}
