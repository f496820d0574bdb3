"""Subjects for tests of checks and comparisons: real snapshots, and snapshots edited to look like other machines."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from environment_builder import Environment

from envparity.judge.findings import Finding
from envparity.judge.judgement import compare
from envparity.judge.subject import Subject
from envparity.project.config import Config, Tool
from envparity.project.locks import read_lock
from envparity.project.locks.lock import Lock
from envparity.snapshot.doors import Look
from envparity.snapshot.types import Snapshot, decode_snapshot

Change = Callable[[dict[str, Any]], None]

ALPHA = {
    "alpha/__init__.py": "from alpha.core import answer\n",
    "alpha/core.py": "answer = 42\n",
    "alpha/data.txt": "some data\n",
    "../../../bin/alpha": "#!{python}\nimport alpha\n",
}
BETA = {"beta.py": "import alpha\n"}
OTHER = "f" * 64
"""A hash that belongs to no file."""
LOCK = "alpha==1.0\nbeta==2.0 ; python_version >= '3'\n"


def fill(environment: Environment) -> Environment:
    """Install two intact distributions that match LOCK: a package with data and a script, and a dependent module."""
    files = {path: text.format(python=environment.python) for path, text in ALPHA.items()}
    environment.add("alpha", "1.0", files)
    environment.add("beta", "2.0", BETA, requires=["alpha>=1", "colorama ; sys_platform == 'win32'"])
    return environment


def lock_of(environment: Environment, text: str = LOCK) -> Lock:
    """Write a lock file next to an environment, and return the lock."""
    path = environment.folder.with_name(f"{environment.folder.name}.lock.txt")
    path.write_text(text, encoding="utf-8")
    return read_lock(path)


def edited(data: bytes, *changes: Change) -> Snapshot:
    """Return a real snapshot after changes to its document."""
    document = json.loads(data)
    for change in changes:
        change(document)
    return decode_snapshot(json.dumps(document).encode(), "edited")


def subject(snapshot: Snapshot, lock: Lock | None = None, config: Config | None = None, door: str = "here") -> Subject:
    """Return a snapshot as a subject for a check, without a track."""
    return Subject(door, snapshot, config or Config(root=Path()), None, lock)


def of(code: str, findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings with one code."""
    return [one for one in findings if one.code == code]


def only(code: str, findings: Iterable[Finding]) -> Finding:
    """Return the only finding with a code; ValueError if there is not exactly one."""
    (found,) = of(code, findings)
    return found


def codes(findings: Iterable[Finding]) -> set[str]:
    """Return the codes of the findings."""
    return {one.code for one in findings}


def declaring(*tools: str) -> Config:
    """Return a project whose toolchain file says that doors may differ in these tools."""
    return Config(root=Path(), tools={name: Tool(name, None, f"why {name} may") for name in tools})


def beside(*snapshots: Snapshot, config: Config | None = None) -> list[Finding]:
    """Compare up to three snapshots as the doors `here`, `there` and `elsewhere`; return the findings."""
    doors = ("here", "there", "elsewhere")
    return compare([subject(one, config=config, door=door) for one, door in zip(snapshots, doors, strict=False)])


def put(path: tuple[str | int, ...], value: object) -> Change:
    """Return a change that sets one value of a snapshot's document."""

    def change(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = value

    return change


def at_patch(version: str) -> Change:
    """Return a change that gives the interpreter another patch version."""

    def change(document: dict[str, Any]) -> None:
        document["interpreter"]["version"] = version
        document["interpreter"]["markers"]["python_full_version"] = version

    return change


def with_file(path: str, **facts: Any) -> Change:
    """Return a change that sets facts about one file of a snapshot's document, and adds the file if it is missing."""

    def change(document: dict[str, Any]) -> None:
        document["files"].setdefault(path, {}).update(facts)

    return change


def edit_record(environment: Environment, change: Callable[[str], str], name: str = "alpha-1.0") -> None:
    """Apply `change` to the text of an installed distribution's RECORD."""
    path = environment.site / f"{name}.dist-info" / "RECORD"
    path.write_text(change(path.read_text()), encoding="utf-8")


LOOK = Look(behaviour=False, timeout=60)


def project_of(folder: Path, **fields: Any) -> Config:
    """Return a project with one track, whose lock pins the distributions that `fill` installs."""
    (folder / "locks").mkdir(exist_ok=True)
    (folder / "locks" / "one.txt").write_text(LOCK)
    return Config(root=folder, track="one", tracks=("one",), locks="locks/{track}.txt", **fields)


def saved(folder: Path, name: str, clean: bytes, *changes: Change) -> str:
    """Save a snapshot with changes; return its path."""
    document = json.loads(clean)
    for change in changes:
        change(document)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(document))
    return str(path)


def altered(document: dict[str, Any]) -> None:
    """Change a snapshot's document so that one file no longer matches its RECORD."""
    document["files"]["site/alpha/core.py"] |= {"sha256": "f" * 64, "claims": {"alpha": "sha256:" + "e" * 64}}
