"""Snapshots that are taken once and then reused, because `scripts/quality mutants` repeats the same tests many times.

A snapshot is the list of facts about an environment: its files, distributions and hashes. envparity's probe, a program
that runs in the environment, prints the snapshot. A mutant is the code with one changed expression. mutmut changes only
code that judges snapshots, and no code that takes them. So environments with the same files have the same snapshot,
apart from the name of the environment's folder. The first run of the tests takes each snapshot; the processes that
mutmut forks from this run reuse the snapshots. Each environment starts as a copy of one empty environment, because
`python -m venv` would make the same files each time.
"""

import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import environment_builder
import pytest
from environment_builder import Environment

from envparity.project.config import Config
from envparity.snapshot.doors import Door, Look, snapshot_bytes
from envparity.snapshot.types import Snapshot, decode_snapshot

_HERE = b"@HERE@"
_SEEN = re.compile("CC|LD_LIBRARY_PATH|PATH|PYTHON.*")  # The environment variables that the probe reads.
_taken: dict[str, bytes] = {}
_SUSPICIOUS = 35  # With this exit status mutmut counts a mutant as neither killed nor survived.


class Guard:
    """A pytest plugin that stops a mutant's test run when the machine fails, for example because the disk is full.

    Without the plugin, mutmut would count the failed test as a killed mutant.
    """

    @staticmethod
    def pytest_exception_interact(call: pytest.CallInfo[object], report: pytest.TestReport) -> None:
        """End the process with the status _SUSPICIOUS if the machine, and not a check of envparity, broke the test.

        A check opens no file and starts no program, so OSError and SubprocessError come from the machine. A fixture
        calls no check, so an error in a test's setup or teardown comes from the machine as well.
        """
        broken = call.excinfo is not None and call.excinfo.errisinstance((OSError, subprocess.SubprocessError))
        if broken or report.when != "call":
            os.write(2, f"{report.nodeid}: {call.excinfo}\n".encode(errors="replace"))
            os._exit(_SUSPICIOUS)


def install(config: pytest.Config) -> None:
    """From now on, reuse the snapshots of test environments, in this process and in every process that it forks."""
    config.pluginmanager.register(Guard())
    Environment.__init__ = _copied  # type: ignore[method-assign]
    vars(environment_builder).update(snapshot_bytes=snapshot_once, open_door=read_once)


@functools.cache
def _template(python: str) -> Path:
    folder = Path(os.environ["REMEMBERED_SNAPSHOTS"], "environment")
    if not folder.exists():
        subprocess.run([python, "-I", "-m", "venv", "--without-pip", folder], check=True)
    return folder


def _copied(self: Environment, folder: Path, python: str = sys.executable) -> None:
    template = _template(python)
    shutil.copytree(template, folder, symlinks=True)
    for path in (*folder.glob("bin/*ctivate*"), folder / "pyvenv.cfg"):  # these files contain the path of the template
        path.write_text(path.read_text().replace(str(template), str(folder)))
    self.folder = folder
    self.python = folder / "bin" / "python"
    self.site = next((folder / "lib").glob("python3*")) / "site-packages"
    self.config = Config(root=folder)


def snapshot_once(door: Door, config: Config, track: str | None, look: Look) -> bytes:
    """Return the snapshot of the environment behind `door`, as the probe prints it.

    If an environment with the same files, variables and settings was read before, return the earlier snapshot. This
    function replaces `envparity.snapshot.doors.snapshot_bytes` and has the same parameters. `door` has the command that
    starts the environment's Python, and `look` says which parts of the environment the probe reads.
    """
    here = str(config.root).encode()
    environ = sorted((name, value) for name, value in os.environ.items() if _SEEN.fullmatch(name))
    digest = hashlib.sha256(repr((door.name, config.behaviour, config.probes, look, environ)).encode())
    for path in sorted(config.root.rglob("*")):
        digest.update(os.fsencode(path.relative_to(config.root)) + f" {path.lstat().st_mode:o} ".encode())
        if path.is_symlink():
            digest.update(os.fsencode(path.readlink()))
        elif path.is_file():
            digest.update(path.read_bytes().replace(here, _HERE))
    key = digest.hexdigest()
    if key not in _taken:
        _taken[key] = snapshot_bytes(door, config, track, look).replace(here, _HERE)
    return _taken[key].replace(_HERE, here)


def read_once(door: Door, config: Config, track: str | None, look: Look) -> Snapshot:
    """Return the snapshot that `snapshot_once` returns, decoded; the parameters are the same."""
    return decode_snapshot(snapshot_once(door, config, track, look), f"door {door.name}")
