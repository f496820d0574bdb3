"""Subjects for checks and comparisons: real snapshots, and snapshots of machines that this one is not."""

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
"""A hash that no file has."""
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


def declaring(*tools: str) -> Config:
    """A project whose toolchain file says that doors may differ in these."""
    return Config(root=Path(), tools={name: Tool(name, None, f"why {name} may") for name in tools})


def beside(*snapshots: Snapshot, config: Config | None = None) -> list[Finding]:
    """Compare up to three snapshots, as of the doors `here`, `there` and `elsewhere`."""
    doors = ("here", "there", "elsewhere")
    return compare([subject(one, config=config, door=door) for one, door in zip(snapshots, doors, strict=False)])


def put(path: tuple[str | int, ...], value: object) -> Change:
    """Set one value of a snapshot's document."""

    def change(document: Any) -> None:
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = value

    return change


def at_patch(version: str) -> Change:
    """Give the interpreter another patch level."""

    def change(document: dict[str, Any]) -> None:
        document["interpreter"]["version"] = version
        document["interpreter"]["markers"]["python_full_version"] = version

    return change


def with_file(path: str, **facts: Any) -> Change:
    """Set facts about one file of a snapshot's document, which may be a new one."""

    def change(document: dict[str, Any]) -> None:
        document["files"].setdefault(path, {}).update(facts)

    return change


def edit_record(environment: Environment, change: Callable[[str], str], name: str = "alpha-1.0") -> None:
    """Change the RECORD of an installed distribution."""
    path = environment.site / f"{name}.dist-info" / "RECORD"
    path.write_text(change(path.read_text()), encoding="utf-8")


LOOK = Look(behaviour=False, timeout=60)


def project_of(folder: Path, **fields: Any) -> Config:
    """A project of one track, whose lock pins the sound environment."""
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
    """Make one file another than its RECORD says."""
    document["files"]["site/alpha/core.py"] |= {"sha256": "f" * 64, "claims": {"alpha": "sha256:" + "e" * 64}}
