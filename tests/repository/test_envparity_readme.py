"""Tests of envparity/README.md, which the package page of envparity shows: its commands print what it shows."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from console import blocks, missing_line

from dev.lockenv.interpreter import find_interpreter
from dev.lockenv.project import Project, this_project
from envparity.cli.main import COMMANDS

README = this_project().root / "envparity" / "README.md"
TEXT = README.read_text(encoding="utf-8")
STATUSES = {"uv run python": 1}
"""Maps the beginning of a command to its expected exit status, besides the checks that the README shows as failed."""


def test_it_is_the_readme_of_the_package(project: Project) -> None:
    declared = tomllib.loads((project.root / "pyproject.toml").read_text())["project"]["readme"]
    assert project.root / declared == README


def test_a_package_page_can_show_it() -> None:
    assert re.findall(r"\]\((?!https://)|<img|<picture", TEXT) == []
    assert "libp2p" not in TEXT


def test_it_names_only_commands_that_exist_and_every_command_for_people() -> None:
    told = set(re.findall(r"`envparity ([a-z]+)\b", TEXT))
    assert told <= {command.name for command in COMMANDS}
    assert {"check", "compare", "fix", "why", "history", "bisect", "explain"} <= told


@pytest.mark.network
@pytest.mark.timeout(300)
def test_the_collision_is_found_and_fixed_as_shown(project: Project, tmp_path: Path) -> None:
    build = ("-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index", "-w", tmp_path / "dist")
    subprocess.run([sys.executable, *build, project.root], cwd=tmp_path, check=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    path = f"{project.environment('tools') / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environ = kept | {"PATH": path, "UV_PYTHON": str(find_interpreter(project.toolchain).path)}
    folder = tmp_path
    for shown in (shown for block in blocks(TEXT) for shown in block):
        command = shown.command.replace("uvx envparity", f"uvx --from {wheel} envparity")
        done = subprocess.run(
            ["bash", "-c", f"{command} && pwd >{tmp_path / 'at'}"],
            cwd=folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        printed = done.stdout.replace(str(tmp_path), "/home/you")
        failed = any(line.startswith("fail: ") for line in shown.output)
        wanted = next((one for begins, one in STATUSES.items() if command.startswith(begins)), int(failed))
        assert done.returncode == wanted, f"{command}\n{printed}"
        assert missing_line(shown, printed, exact=False) is None, f"{command}\n{printed}"
        if done.returncode == 0:
            folder = Path((tmp_path / "at").read_text().strip())
