"""Subjects for tests of envparity's checks and comparisons.

A snapshot is the list of facts about an environment, as JSON. A subject is a snapshot that envparity judges. A test can
edit a real snapshot, so that the snapshot looks as if it came from another machine. A finding is a fault or a
difference that envparity reports; its code, such as `file-altered`, names its kind.
"""

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

Change = Callable[[dict[str, Any]], object]

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
    """Install two intact distributions that match LOCK: `alpha`, a package with a script, and the module `beta`."""
    files = {path: text.format(python=environment.python) for path, text in ALPHA.items()}
    environment.add("alpha", "1.0", files)
    environment.add("beta", "2.0", BETA, requires=["alpha>=1", "colorama ; sys_platform == 'win32'"])
    return environment


def lock_of(environment: Environment, text: str = LOCK) -> Lock:
    """Write `text` as a lock file next to the environment's folder, and return the lock."""
    path = environment.folder.with_name(f"{environment.folder.name}.lock.txt")
    path.write_text(text, encoding="utf-8")
    return read_lock(path)


def edited(data: bytes, *changes: Change) -> Snapshot:
    """Decode the snapshot `data`, apply `changes` to its JSON document, and return the changed snapshot."""
    document = json.loads(data)
    for change in changes:
        change(document)
    return decode_snapshot(json.dumps(document).encode(), "edited")


def subject(snapshot: Snapshot, lock: Lock | None = None, config: Config | None = None, door: str = "here") -> Subject:
    """Return a snapshot as a subject that envparity can judge; `door` is the environment's name in findings."""
    return Subject(door, snapshot, config or Config(root=Path()), None, lock)


def of(code: str, findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings with one code."""
    return [one for one in findings if one.code == code]


def only(code: str, findings: Iterable[Finding]) -> Finding:
    """Return the only finding with a code. Raises ValueError unless exactly one finding has the code."""
    (found,) = of(code, findings)
    return found


def codes(findings: Iterable[Finding]) -> set[str]:
    """Return the codes of the findings."""
    return {one.code for one in findings}


def declaring(*tools: str) -> Config:
    """Return the settings of a project that allows environments with different versions of these tools."""
    return Config(root=Path(), tools={name: Tool(name, None, f"why {name} may") for name in tools})


def beside(*snapshots: Snapshot, config: Config | None = None) -> list[Finding]:
    """Compare up to three snapshots; in the findings their environments are called `here`, `there` and `elsewhere`."""
    doors = ("here", "there", "elsewhere")
    return compare([subject(one, config=config, door=door) for one, door in zip(snapshots, doors, strict=False)])


def put(path: tuple[str | int, ...], value: object) -> Change:
    """Return a change that sets the value at `path`, a sequence of keys and indexes, in a snapshot's document."""

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
    """Return the settings of a project whose only lock, for the track `one`, pins what `fill` installs."""
    (folder / "locks").mkdir(exist_ok=True)
    (folder / "locks" / "one.txt").write_text(LOCK)
    return Config(root=folder, track="one", tracks=("one",), locks="locks/{track}.txt", **fields)


def saved(folder: Path, name: str, clean: bytes, *changes: Change) -> str:
    """Save the snapshot `clean` with changes as `NAME.json` in the folder; return the path."""
    document = json.loads(clean)
    for change in changes:
        change(document)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(document))
    return str(path)


def altered(document: dict[str, Any]) -> None:
    """Change a snapshot's document so that one file no longer matches its RECORD."""
    document["files"]["site/alpha/core.py"] |= {"sha256": "f" * 64, "claims": {"alpha": "sha256:" + "e" * 64}}
