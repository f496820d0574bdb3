"""Finds the installed distributions that the lock need not pin, and the reason for each of them."""

from pathlib import Path

from packaging.utils import canonicalize_name

from envparity.judge.graph import Graph
from envparity.judge.subject import Subject
from envparity.project.locks.declared import project_name
from envparity.project.locks.lock import Lock
from envparity.snapshot.types import Distribution


def excused(subject: Subject) -> dict[str, str]:
    """Return a dict from canonical name to the reason why the lock need not pin the distribution.

    The reason ends a sentence, for example `which made the lock`. The dict is empty without a lock, and
    if the project sets `exact`. The reasons:

    - The program that made the lock, for example pip-tools, may be installed in the environment itself, together with
      the distributions that only this program requires. `pip-sync` leaves them installed. envparity, too, may be
      installed in the environment that it checks.
    - A requirements file that a person wrote may pin only the direct requirements of the project. Then the
      requirements of the pinned distributions are installed too.
    - The project itself may be installed from a folder, and a requirements file or a pylock often lists only the
      requirements of the project.
    """
    lock, installed = subject.lock, subject.snapshot.by_name
    if lock is None or subject.config.exact:
        return {}
    found: dict[str, str] = {}
    graph = Graph(subject.snapshot)
    pinned = graph.reached_from(subject.pins)
    for tool, reason in ((lock.maker, "which made the lock"), ("envparity", "which makes this report")):
        if tool in installed and tool not in subject.pins:
            found |= dict.fromkeys(graph.reached_from([tool]) - pinned, f"which {installed[tool].label} requires")
            found[tool] = reason
    if not lock.whole:
        for name in pinned - subject.pins.keys():
            by = next(edge.source for edge in graph.required_by(name) if edge.source in pinned)
            found[name] = f"which {installed[by].label} requires"
    if lock.may_lack_project:
        for name in _project_names(subject, lock) & installed.keys() - subject.pins.keys():
            if _is_local(installed[name]):
                found[name] = "which is the project itself"
    return found


def _project_names(subject: Subject, lock: Lock) -> set[str]:
    """Return the canonical names of the project whose settings envparity uses, and of the project next to the lock."""
    folders = {subject.config.root, Path(lock.origin).parent}
    return {str(canonicalize_name(name)) for folder in folders if (name := project_name(folder))}


def _is_local(found: Distribution) -> bool:
    return found.editable or str((found.direct_url or {}).get("url", "")).startswith("file:")
