"""Debian's packages in exactly the pinned versions, or a line that says what is offered."""

import os
import subprocess
from pathlib import Path

import pytest

from lockenv.project import Project


@pytest.fixture
def apt(tmp_path: Path) -> Path:
    """An apt that offers gcc 1 and 2 and notes what it is told to install."""
    (tmp_path / "apt-get").write_text(f'#!/bin/sh\n[ "$1" = update ] || echo "$@" > {tmp_path}/told\n')
    madison = '#!/bin/sh\n[ "$2" != gcc ] || printf " gcc | 1 | x\\n gcc | 2 | x\\n"\n'
    (tmp_path / "apt-cache").write_text(madison)
    for name in ("apt-get", "apt-cache"):
        (tmp_path / name).chmod(0o755)
    return tmp_path


def exact(project: Project, apt: Path, *wanted: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": f"{apt}:{os.environ['PATH']}"}
    # What it does to apt's own settings is for an image, not for this machine.
    script = (project.root / "container" / "apt-exact").read_text().replace("rm -f /etc/apt", f"rm -f {apt}/etc")
    command = ["sh", "-c", script, "apt-exact", *wanted]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def test_exact_versions_are_installed(project: Project, apt: Path) -> None:
    assert exact(project, apt, "gcc=2").returncode == 0
    assert (apt / "told").read_text().split() == ["install", "-y", "-qq", "--no-install-recommends", "gcc=2"]


@pytest.mark.parametrize(("wanted", "offered"), [("gcc=3", "1 2"), ("gmp=1", "none")])
def test_what_the_mirror_has_not_is_told_and_nothing_is_installed(
    project: Project, apt: Path, wanted: str, offered: str
) -> None:
    name, _, version = wanted.partition("=")
    done = exact(project, apt, "gcc=2", wanted)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"apt: {name}: expected version {version} (locks/toolchain.toml), found {offered} on the mirror; move the pin "
        "with: scripts/lock --upgrade toolchain\n"
    )
    assert not (apt / "told").exists()


def test_what_is_wanted_only_where_something_is(project: Project, apt: Path) -> None:
    exact(project, apt, "gcc=2", "?/nowhere/at/all", "gmp=1")
    assert "gmp" not in (apt / "told").read_text()
    assert exact(project, apt, "gcc=2", f"?{apt}", "gmp=1").returncode == 1
