"""A comparison of the track's locked environment with one of the same library that was resolved without the lock."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from dev.evidence.cures import Cure, make
from dev.incident.installers import Installers
from dev.lockenv.project import Project
from envparity.judge.session import compare_doors
from envparity.project.config import find_config
from envparity.snapshot.doors import Look


@dataclass(frozen=True)
class Fresh:
    """What `envparity compare` finds between the two: the distributions that differ, and its errors by code.

    `rows` has for each distribution its version in the locked and in the fresh environment.
    """

    track: str
    as_of: str
    locked: int
    resolved: int
    rows: dict[str, tuple[str | None, str | None]]
    errors: dict[str, int]
    collisions: tuple[str, ...]


def compare_fresh(project: Project, track: str, installers: Installers, folder: Path, as_of: str) -> Fresh:
    """Compare the track's environment with one of the same library, made within `folder`, and resolved without pins."""
    config = find_config(project.root)
    # The track also pins distributions as a cure, as the comments in pyproject.toml say: they are left out here.
    wanted = [one for one in config.groups[track] if "==" not in one and "<" not in one]
    library = next(one for one in config.groups[track] if one.startswith("libp2p"))
    cure = Cure("fresh", (library, *wanted))
    make(installers, folder, cure, as_of)
    doors = [f"locked={project.environment(track)}", f"fresh={folder / cure.folder(as_of)}"]
    report = compare_doors(config, doors, track, Look(behaviour=False), locked=True)
    locked, fresh = report.doors
    contested = [one for one in report.errors if one.code in ("path-contested", "package-torn")]
    return Fresh(
        track=track,
        as_of=as_of,
        locked=locked.distributions,
        resolved=fresh.distributions,
        rows={name: (row[0], row[1]) for name, row in report.rows.items() if row[0] != row[1]},
        errors=dict(sorted(Counter(one.code for one in report.errors).items())),
        collisions=tuple(one.message for one in contested),
    )
