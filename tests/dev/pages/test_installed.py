"""Tests of the man page and the completions: they are those of the parsers, and both installers put them in place."""

import shutil
import subprocess
from pathlib import Path

import pytest

from dev.lockenv.project import Project
from dev.pages.installed import FOLDER, installed
from dev.release.distributions import build_distributions
from envparity.cli.main import COMMANDS

BASH = "share/bash-completion/completions/envparity"
MAN = "share/man/man1/envparity.1"


def test_the_files_are_those_of_the_parsers(project: Project) -> None:
    folder = project.root / FOLDER
    files = [path for path in folder.rglob("*") if path.is_file()]
    written = {path.relative_to(project.root).as_posix(): path.read_text() for path in files}
    assert written == installed(), "write them again with scripts/docs"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["ver"], ["verify"]),
        (["check", "--artefacts-"], ["--artefacts-from"]),
        (["check", "--format", "m"], ["markdown"]),
        (["--ver"], ["--version"]),
        (["attest", "LIC"], ["LICENSE"]),
    ],
)
def test_bash_completes_commands_options_values_and_files(project: Project, words: list[str], found: list[str]) -> None:
    line = " ".join(["envparity", *words])
    script = (
        f". {project.root / FOLDER / BASH}\n"
        f"COMP_WORDS=({line}); COMP_CWORD={len(words)}; COMP_LINE='{line}'; COMP_POINT={len(line)}\n"
        "_shtab_envparity envparity\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    bash = ["bash", "--norc", "-c", script]
    done = subprocess.run(bash, cwd=project.root, capture_output=True, text=True, check=True)
    assert done.stdout.split() == found


def test_the_man_page_has_every_command(project: Project) -> None:
    text = installed()[f"{FOLDER}/{MAN}"]
    for command in COMMANDS:
        assert f".SH ENVPARITY {command.name.upper()}\n" in text
    if shutil.which("groff"):
        warned: list[str | Path] = ["groff", "-man", "-Tascii", "-ww", "-z", project.root / FOLDER / MAN]
        assert subprocess.run(warned, capture_output=True, text=True, check=True).stderr == ""


@pytest.mark.parametrize("installer", ["pip", "uv"])
def test_each_installer_puts_them_into_the_environment(project: Project, tmp_path: Path, installer: str) -> None:
    _, wheel = build_distributions(project, tmp_path / "dist")
    python = project.environment("tools") / "bin" / "python"
    target = tmp_path / "environment"
    subprocess.run([python, "-I", "-m", "venv", "--without-pip", target], check=True)
    into: dict[str, list[str | Path]] = {
        "pip": [python, "-I", "-m", "pip", "--python", target, "install"],
        "uv": [python.with_name("uv"), "pip", "install", "--python", target / "bin" / "python"],
    }
    subprocess.run([*into[installer], "--no-deps", "--no-index", "-q", wheel], check=True, capture_output=True)
    for path, text in installed().items():
        assert (target / path.removeprefix(f"{FOLDER}/")).read_text() == text
