"""The Nix of this machine, the door entered once, and copies of the project."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lockenv.project import Project
from nixhost.nix import Nix, ensure_nix, find_nix
from nixhost.places import find_places

Run = Callable[..., subprocess.CompletedProcess[str]]
# A network of its own, in which there is nothing but itself.
_OFFLINE = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


@pytest.fixture(scope="session")
def nix(project: Project) -> Nix:
    """The Nix that there is; one that was made here, as this commit makes it."""
    places = find_places(project.root)
    find_nix(places)
    return ensure_nix(places)


@pytest.fixture(scope="session")
def run(nix: Nix, project: Project) -> Run:
    """Runs Nix in the checkout, or elsewhere; `offline` without a network."""

    def run_nix(
        *arguments: str, offline: bool = False, cwd: Path | None = None, stdin: str = "", **environ: str
    ) -> subprocess.CompletedProcess[str]:
        if offline and (os.geteuid() != 0 or shutil.which("unshare") is None):
            pytest.skip("only root can take the network away")
        return subprocess.run(
            [*(_OFFLINE if offline else []), str(nix.program), *arguments],
            cwd=cwd or project.root,
            env=os.environ | environ,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )

    return run_nix


@pytest.fixture(scope="session")
def entered(run: Run) -> Run:
    """The same, after each shell was entered once, with what the scripts need in it."""
    for command in (["develop", ".#v0_4"], ["develop", ".#v0_8"], ["run", ".#ping"], ["flake", "check"]):
        last = ["--command", "scripts/ping", "--help"] if command[0] == "develop" else []
        last = ["--", "--help"] if command[0] == "run" else last
        done = run(*command, *last)
        assert done.returncode == 0, done.stderr
    return run


@pytest.fixture
def copy(project: Project, tmp_path: Path) -> Path:
    """The project's files without git."""
    root = tmp_path / "a copy"
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (project.root / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(project.root / name, root / name)
    return root
