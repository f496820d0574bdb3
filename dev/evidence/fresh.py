"""A comparison of a track's locked environment with a fresh environment of the same libp2p, made without the lock.

A track is one version of py-libp2p on one Python, with its own environment.
"""

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
    """The result of `envparity compare` between the locked and the fresh environment.

    `rows` maps each distribution that differs to its versions in the locked and in the fresh environment; None means
    that the environment lacks the distribution. `locked` and `resolved` are the numbers of distributions in the locked
    and in the fresh environment. `errors` counts the errors of each code. `collisions` are the messages of the errors
    about colliding files.
    """

    track: str
    as_of: str
    locked: int
    resolved: int
    rows: dict[str, tuple[str | None, str | None]]
    errors: dict[str, int]
    collisions: tuple[str, ...]


def compare_fresh(project: Project, track: str, installers: Installers, folder: Path, as_of: str) -> Fresh:
    """Compare the track's environment with a fresh environment, made in `folder`, for which only libp2p is pinned.

    `as_of` is an instant in ISO 8601: the fresh environment has no release that was uploaded later. Raises CommandError
    if the fresh environment cannot be made, and EnvparityError if envparity cannot read one of the two environments.
    """
    config = find_config(project.root)
    # The track also pins some distributions to avoid the collision, as the comments in pyproject.toml explain. The
    # fresh environment must not have these pins, because the comparison shows the result without them.
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
