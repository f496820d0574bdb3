"""Subjects for checks and comparisons: real snapshots, and snapshots of machines that this one is not."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from environment_builder import Environment

from envparity.judge.findings import Finding
from envparity.judge.subject import Subject
from envparity.project.config import Config
from envparity.project.locks import read_lock
from envparity.project.locks.lock import Lock
from envparity.snapshot.types import Snapshot, decode_snapshot

Change = Callable[[dict[str, Any]], None]

ALPHA = {
    "alpha/__init__.py": "from alpha.core import answer\n",
    "alpha/core.py": "answer = 42\n",
    "alpha/data.txt": "some data\n",
    "../../../bin/alpha": "#!{python}\nimport alpha\n",
}
BETA = {"beta.py": "import alpha\n"}
LOCK = "alpha==1.0\nbeta==2.0 ; python_version >= '3'\n"


def fill(environment: Environment) -> Environment:
    """Two sound distributions, as LOCK pins them: a package with data and a script, and a module that requires it."""
    files = {path: text.format(python=environment.python) for path, text in ALPHA.items()}
    environment.add("alpha", "1.0", files)
    environment.add("beta", "2.0", BETA, requires=["alpha>=1", "colorama ; sys_platform == 'win32'"])
    return environment


def lock_of(environment: Environment, text: str = LOCK) -> Lock:
    """A lock file beside an environment, read."""
    path = environment.folder.with_name(f"{environment.folder.name}.lock.txt")
    path.write_text(text, encoding="utf-8")
    return read_lock(path)


def edited(data: bytes, *changes: Change) -> Snapshot:
    """A real snapshot with changes made to its document."""
    document = json.loads(data)
    for change in changes:
        change(document)
    return decode_snapshot(json.dumps(document).encode(), "edited")


def subject(snapshot: Snapshot, lock: Lock | None = None, config: Config | None = None, door: str = "here") -> Subject:
    """A snapshot under judgement; without a track."""
    return Subject(door, snapshot, config or Config(root=Path()), None, lock)


def of(code: str, findings: Iterable[Finding]) -> list[Finding]:
    """The findings of one code."""
    return [one for one in findings if one.code == code]


def only(code: str, findings: Iterable[Finding]) -> Finding:
    """The one finding of a code."""
    (found,) = of(code, findings)
    return found


def codes(findings: Iterable[Finding]) -> set[str]:
    """Which kinds were found."""
    return {one.code for one in findings}
