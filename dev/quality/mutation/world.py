"""Copies of real environments, called worlds, which the mutation test changes, observes and restores.

A mutation is one change to a copy, and envparity must report it. envparity takes a snapshot of the changed copy: a list
of its files and distributions. From the snapshot, envparity derives findings, which are faults or differences.
"""

import csv
import shutil
import subprocess
from functools import cached_property
from pathlib import Path

from dev.lockenv.project import this_project
from dev.quality.mutation.expectation import COLLISION, How, Seen
from dev.quality.mutation.journal import Journal
from envparity.judge.findings import Finding
from envparity.judge.interpreter import SCRIPT_ELSEWHERE
from envparity.judge.judgement import check, compare
from envparity.judge.subject import Subject
from envparity.project.config import Config
from envparity.snapshot.doors import Door, Look, snapshot_bytes
from envparity.snapshot.types import Snapshot, decode_snapshot

# A lean copy leaves out distributions with more than this number of bytes, which halves the time of a snapshot.
_LARGE = 1_000_000


class World:
    """A copy of one environment, and the copy's snapshot before any mutation."""

    def __init__(self, name: str, source: Path | None, folder: Path, config: Config, track: str, *, lean: bool) -> None:
        """Copy the environment at `source` to `folder`/environment; `lean` leaves the largest distributions out.

        If `source` is None, `folder`/environment must exist already. `track` names the lock that the copy should match.
        """
        self.name = name
        self.config = config
        self.track = track
        self.folder = folder / "environment"
        self.outside = folder / "outside"
        """A folder outside the environment, for the targets of links."""
        aside = folder / "aside"
        for new in (folder, aside, self.outside):
            new.mkdir(exist_ok=True)
            new.chmod(0o755)
        # Every file is copied with its permissions, so that another user can read the copy. Links stay links, for
        # example the link to the interpreter.
        if source is not None:
            shutil.copytree(source, self.folder, symlinks=True)
        self.journal = Journal(aside)
        self.site = next((self.folder / "lib").glob("python3*")) / "site-packages"
        self.contents: dict[str, list[bytes]] = {}
        """Maps each file of the module `multihash` to its bytes before and after the second distribution is installed.

        It is empty except in the world `collision`.
        """
        self._lock = config.lock(track)
        if lean:
            self._thin_out()

    def _thin_out(self) -> None:
        for info in sorted(self.site.glob("*.dist-info")):
            rows = list(csv.reader((info / "RECORD").read_text(encoding="utf-8").splitlines()))
            if sum(int(size or 0) for _, _, size in rows) > _LARGE:
                for path, _, _ in rows:
                    file = self.site / path
                    file.unlink()
                    for bytecode in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
                        bytecode.unlink()
                shutil.rmtree(info)

    @cached_property
    def clean_bytes(self) -> bytes:
        """Return the encoded snapshot of the copy before any mutation."""
        return self.look(How.CHECK)

    @cached_property
    def clean(self) -> Subject:
        """Return the copy before any mutation, in the form that envparity compares with the mutated copy."""
        return self._subject("clean", self.clean_bytes)

    @cached_property
    def _before(self) -> frozenset[Finding]:
        return frozenset(check(self._subject("mutated", self.clean_bytes)))

    def look(self, how: How, command: tuple[str, ...] = ()) -> bytes:
        """Take a snapshot of the copy in its present state, and return the snapshot as bytes.

        `command` has words that go before the command of the environment's Python, for example `env NAME=value`. With
        How.BYTECODE, the snapshot also says whether each bytecode file matches its source. Raises EnvparityError if the
        snapshot cannot be taken.
        """
        door = Door("mutated", (*command, str(self.folder / "bin" / "python")))
        return snapshot_bytes(door, self.config, self.track, Look(behaviour=False, bytecode=how is How.BYTECODE))

    def judge(self, data: bytes) -> Seen:
        """Return the findings about `data`, an encoded snapshot of the mutated copy.

        The findings of `check` are those that the clean copy does not have. The findings of `compare` are the
        differences from the clean copy. Findings about scripts of another environment are left out, because the scripts
        of a copy start the Python of the original.
        """
        subject = self._subject("mutated", data)
        found = [one for one in check(subject) if one not in self._before and one.code != SCRIPT_ELSEWHERE.code]
        return Seen(found, compare([self.clean, subject]))

    def is_restored(self) -> bool:
        """Return whether the copy's present snapshot has the same bytes as the snapshot before any mutation."""
        return self.look(How.CHECK) == self.clean_bytes

    def path(self, key: str) -> Path:
        """Return the file system path of `key`, a path in the snapshot such as `site/libp2p/__init__.py`."""
        scheme, _, relative = key.partition("/")
        return {"site": self.site, "scripts": self.folder / "bin", "data": self.folder}[scheme] / relative

    def _subject(self, door: str, data: bytes) -> Subject:
        snapshot: Snapshot = decode_snapshot(data, f"{self.name}, {door}")
        return Subject(door, snapshot, self.config, self.track, self._lock)


def make_world(name: str, folder: Path, config: Config, *, lean: bool = False, registry: bool = False) -> World:
    """Copy the environment of the track `name`, for example v0.4, into `folder`, and return the copy.

    For the name `collision`, return a copy of v0.4's environment in which a second distribution provides the module
    `multihash`. The second distribution is py-multihash 3.0.0, copied from the environment of v0.8; a resolver chose
    this version in December 2025. With `registry`, uv installs py-multihash 2.0.1, the version of November 2025, from
    the package index.
    """
    if name != COLLISION:
        return World(name, this_project().environment(name), folder, config, name, lean=lean)
    world = World(name, this_project().environment("v0.4"), folder, config, "v0.4", lean=lean)
    before = {path: path.read_bytes() for path in (world.site / "multihash").glob("*.py")}
    if registry:
        _install(world, "py-multihash==2.0.1")
    else:
        other = this_project().environment("v0.8")
        _overlay(world, next((other / "lib").glob("python3*")) / "site-packages", "py_multihash")
    for path, data in before.items():
        world.contents[f"site/multihash/{path.name}"] = [data, path.read_bytes()]
    return world


def _install(world: World, requirement: str) -> None:
    uv = this_project().environment("tools") / "bin" / "uv"
    python = str(world.folder / "bin" / "python")
    command = [str(uv), "pip", "install", "-q", "--no-deps", "--link-mode", "copy", "--python", python, requirement]
    subprocess.run(command, check=True, cwd=world.outside)


def _overlay(world: World, site: Path, name: str) -> None:
    """Copy the distribution `name` into the world: every file that its RECORD in the folder `site` lists."""
    (info,) = site.glob(f"{name}-*.dist-info")
    for line in (info / "RECORD").read_text(encoding="utf-8").splitlines():
        path = line.split(",")[0]
        (world.site / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(site / path, world.site / path)
