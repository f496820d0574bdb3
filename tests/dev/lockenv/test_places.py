"""Tests of the folder of the environments: read-only, of another user, full, or with a path that Python refuses."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from programs import line_of

from dev.command.errors import CommandError
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.places import full_disks, writes_to
from dev.lockenv.project import Project

_OTHER = "keep the environments in another folder: export LOCKENV_HOME=$HOME/.cache/py-libp2p-ping-test"
_NOBODY = 65534
# The program runs as another user, or on a disk that a namespace mounts. It prints the error of one line.
_MAKE = """
import os, sys
from pathlib import Path
from dataclasses import replace
sys.path.insert(0, sys.argv[1])
os.setuid(int(sys.argv[3]))
from dev.command.errors import CommandError
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import this_project
try:
    EnvironmentMaker(replace(this_project(), home=Path(sys.argv[2]))).tools()
except CommandError as error:
    print(error)
"""


def said(project: Project, home: Path, before: str = "true", user: int = 0, **environ: str) -> str:
    """Return what an EnvironmentMaker says in a mount namespace, after the shell command `before`."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a disk and become another user; run as root")
    shell = ["unshare", "--mount", "sh", "-c", f'{before} && exec "$@"', "sh"]
    command = [*shell, sys.executable, "-I", "-c", _MAKE, str(project.root), str(home), str(user)]
    done = subprocess.run(command, env=os.environ | environ, capture_output=True, text=True, check=True, timeout=100)
    return done.stdout.strip()


def test_a_colon_in_the_path_is_one_line(project: Project, tmp_path: Path) -> None:
    mine = replace(project, home=tmp_path / "a:b")
    assert line_of(lambda: EnvironmentMaker(mine).tools()) == (
        f"{tmp_path}/a:b: expected a path without ':' for the environments, because PATH separates folders with ':'; "
        f"{_OTHER}"
    )


@pytest.fixture
def foreign() -> Iterator[Path]:
    """Make a folder that every user may read and only this user may write; return its path."""
    folder = Path(tempfile.mkdtemp())  # only this user may enter the folders of `tmp_path`
    folder.chmod(0o755)
    yield folder
    folder.rmdir()


def test_a_folder_of_another_user_is_one_line(project: Project, foreign: Path) -> None:
    if not all(folder.stat().st_mode & 0o001 for folder in project.root.parents):
        pytest.skip("other users may not enter the folders above the checkout; move it, for example below /srv")
    assert said(project, foreign, user=_NOBODY) == (
        f"{foreign}: expected to write the environments there, found: Permission denied; {_OTHER}"
    )


def test_a_read_only_disk_is_one_line(project: Project, tmp_path: Path) -> None:
    before = f"mount --bind {tmp_path} {tmp_path} && mount -o remount,ro,bind {tmp_path}"
    assert said(project, tmp_path, before) == (
        f"{tmp_path}: expected to write the environments there, found: Read-only file system; {_OTHER}"
    )


def test_a_full_disk_is_one_line(project: Project, tmp_path: Path) -> None:
    line = said(project, tmp_path, f"mount -t tmpfs -o size=30m none {tmp_path}", PATH="/usr/bin:/bin")
    assert line.startswith(f"{tmp_path}: expected free space on the disk of this folder, found ")
    assert _OTHER in line
    assert "\n" not in line


def test_another_error_stays_unchanged(project: Project, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^the real reason$"), writes_to(replace(project, home=tmp_path)):
        raise CommandError("the real reason")


@pytest.mark.parametrize("environ", [{"UV_CACHE_DIR": "/proc/none"}, {"XDG_CACHE_HOME": "/proc/none"}])
def test_the_cache_of_uv_counts_too(tmp_path: Path, environ: Mapping[str, str]) -> None:
    """The file system /proc has no free space."""
    assert [place.rpartition("/proc/none")[1] for place in full_disks(tmp_path, environ)] == ["/proc/none"]
