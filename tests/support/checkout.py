"""A copy of the repository that a test may change."""

import shutil
import subprocess
from pathlib import Path

from dev.lockenv.project import Project

_LEFT_OUT = (".venv*", ".nix-environments", ".cache", ".git", "__pycache__", "node_modules", "matrix*.html")


def copy_of(project: Project, made: Path) -> Path:
    """Copy the checkout to `made` and return `made`. The copy has links to the environments and the cache."""
    shutil.copytree(project.root, made, ignore=shutil.ignore_patterns(*_LEFT_OUT), symlinks=True)
    for path in (*project.home.glob(".venv*"), project.cache):
        (made / path.name).symlink_to(path)
    return made


def run_script(root: Path, script: str, *arguments: str, cwd: Path = Path("/")) -> "subprocess.CompletedProcess[str]":
    """Run `scripts/SCRIPT` of the checkout `root` from the folder `cwd`, as a person would; wait up to 110 s."""
    command = [str(root / "scripts" / script), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=110)
