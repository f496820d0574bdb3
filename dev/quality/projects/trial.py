"""Tries `envparity` without arguments in a project: first undamaged, then with each kind of damage."""

import json
import os
import resource
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any

from dev.quality.projects.damage import Damage
from dev.quality.projects.kinds import ProjectKind
from dev.quality.projects.make import Made, Workshop, make_project

START, PER_HASHING = 0.8, 1.5
"""The limit of envparity's processor time: START seconds, plus PER_HASHING times the seconds of hashing the files."""
_TIMES = 3  # each time is measured this often, and the smallest value counts
_ALWAYS = frozenset(
    {"startup-code", "editable", "name-shared", "file-unowned", "top-level-squatter", "record-unhashed"}
)
"""The codes of notes that are true for many environments."""


@dataclass(frozen=True)
class Step:
    """One step of a trial. `kind` is the tool of the project, and `name` says what was tried.

    `wrong` has the reasons why the step failed; it is empty if the step passed.
    """

    kind: str
    name: str
    wrong: tuple[str, ...]


def try_project(kind: ProjectKind, shop: Workshop, damages: Sequence[Damage]) -> Iterator[Step]:
    """Make a project, and yield each step of its trial.

    The first steps check the undamaged project and measure the time. Then there are two steps for each kind of damage:
    the report and the repair. The last step checks the restored project. Raise CommandError if the project cannot be
    made.
    """
    with TemporaryDirectory(prefix=f"project-{kind.tool}-") as folder:
        made = make_project(kind, shop, Path(folder).resolve())
        yield Step(kind.tool, "clean", tuple(_wrong_when_clean(made)))
        yield _time(made)
        kept = Path(folder) / "kept"
        shutil.copytree(made.environment, kept, symlinks=True)
        for one in damages:
            one.apply(made, shop)
            yield Step(kind.tool, one.name, tuple(_missed(one, made)))
            yield Step(kind.tool, f"{one.name}, repaired", tuple(_not_repaired(made)))
            shutil.rmtree(made.environment)
            shutil.copytree(kept, made.environment, symlinks=True)
        yield Step(kind.tool, "restored", tuple(_wrong_when_clean(made)))


def _report(made: Made) -> tuple[int, dict[str, Any], str]:
    done = made.envparity("--format", "json")
    try:
        report = json.loads(done.stdout)
    except ValueError:
        report = {"findings": [], "chosen": ""}
    return done.returncode, report, done.stderr.strip()


def _wrong_when_clean(made: Made) -> Iterator[str]:
    """Yield each fault of the report on an undamaged project."""
    status, report, said = _report(made)
    if status != 0:
        yield f"expected exit status 0, found {status} {said}"
    lock = os.path.relpath(made.folder / made.kind.lock, made.folder / made.kind.inside)
    for part in (made.kind.why, f"compared with {lock} ("):
        if part not in report["chosen"]:
            yield f"expected {part!r} in the first line, found {report['chosen']!r}"
    known = _ALWAYS.union(made.kind.notes)
    for one in report["findings"]:
        if one["severity"] == "error" or one["code"] not in known:
            yield f"expected no finding, found {one['severity']} {one['code']}: {one['message']}"


def _missed(damage: Damage, made: Made) -> Iterator[str]:
    """Yield each fault of the report on a damaged project."""
    status, report, said = _report(made)
    found = [one for one in report["findings"] if one["code"] in damage.codes]
    texts = [json.dumps(one) for one in found]
    if not any(damage.says in text for text in texts):
        every = ", ".join(sorted({one["code"] for one in report["findings"]}))
        yield f"expected {' or '.join(damage.codes)} about {damage.says}, found {every or said}"
    elif status != 1 and any(one["severity"] == "error" for one in found):
        yield f"expected exit status 1, found {status} {said}"


def _not_repaired(made: Made) -> Iterator[str]:
    """Repair the environment with `envparity fix --run`; yield each fault of the repair and of the next report."""
    done = made.envparity("fix", "--run", "--notes")
    if done.returncode != 0:
        yield f"expected fix --run to end with status 0, found {done.returncode}: {done.stderr} {done.stdout}"
    yield from _wrong_when_clean(made)


def _time(made: Made) -> Step:
    """Return the step that compares envparity's processor time with the time that hashing the files takes."""
    spent = min(_spent(made) for _ in range(_TIMES))
    hashing = min(_hashing(made.environment) for _ in range(_TIMES))
    limit = START + PER_HASHING * hashing
    wrong = f"expected at most {limit:.2f} s ({hashing:.2f} s for hashing), found {spent:.2f} s"
    return Step(made.kind.tool, f"time {spent:.2f} s of {limit:.2f} s", (wrong,) if spent > limit else ())


def _spent(made: Made) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    made.envparity()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _hashing(folder: Path) -> float:
    started = process_time()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            sha256(path.read_bytes()).digest()
    return process_time() - started
