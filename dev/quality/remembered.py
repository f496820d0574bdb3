"""Snapshots that are taken once: scripts/quality mutants runs the same tests a thousand times over.

It damages what judges a snapshot, never what takes it. So an environment with the same files has the same snapshot,
with its own folder's name in it: the first run of the tests takes each in earnest, and the runs that are forked from it
remember. An environment begins as a copy of one that was made, which is what `python -m venv` would make again.
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
_SEEN = re.compile("CC|LD_LIBRARY_PATH|PATH|PYTHON.*")  # what the probe has of the process's environment
_taken: dict[str, bytes] = {}
_SUSPICIOUS = 35  # the exit status by which mutmut counts a mutant as neither killed nor survived


class Guard:
    """What goes wrong with the machine, not with a check, kills no mutant."""

    @staticmethod
    def pytest_exception_interact(call: pytest.CallInfo[object], report: pytest.TestReport) -> None:
        """A check opens no file and starts no program, and a fixture calls no check."""
        broken = call.excinfo is not None and call.excinfo.errisinstance((OSError, subprocess.SubprocessError))
        if broken or report.when != "call":
            os.write(2, f"{report.nodeid}: {call.excinfo}\n".encode(errors="replace"))
            os._exit(_SUSPICIOUS)


def install(config: pytest.Config) -> None:
    """Let every made-up environment of this process, and of those forked from it, do so."""
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
    shutil.copytree(_template(python), folder, symlinks=True)
    self.folder = folder
    self.python = folder / "bin" / "python"
    self.site = next((folder / "lib").glob("python3*")) / "site-packages"
    self.config = Config(root=folder)


def snapshot_once(door: Door, config: Config, track: str | None, look: Look) -> bytes:
    """What the probe prints behind a door, as it was for the same files before."""
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
    """The same, read."""
    return decode_snapshot(snapshot_once(door, config, track, look), f"door {door.name}")
