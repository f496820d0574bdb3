"""The images of a release: each is built twice from scratch and compared, and then saved with its ID.

A track is one pinned version of libp2p on one Python, such as v0.4. In the workflow `release`, another job loads the
saved archive, compares the ID of the image with the file `TRACK.id`, and then pushes the image.
"""

from pathlib import Path

from dev.command.errors import CommandError
from dev.doors.bases import find_base
from dev.doors.engine import Engine
from dev.doors.image import make_plan
from dev.doors.verify import build_twice
from dev.lockenv.project import Project


def save_image(engine: Engine, project: Project, track: str, wanted: str | None, folder: Path) -> str:
    """Write the image of a track to `TRACK.tar` in `folder`, and its ID to `TRACK.id`; return the ID.

    `wanted` names the base image; if it is None, `find_base` chooses the base image. Raise CommandError if the engine
    cannot get the base image, if a build fails, if two builds from scratch give different images, or if the tag of the
    image names another image.
    """
    base, _ = find_base(engine, project, wanted, track)
    plan = make_plan(project, track, base)
    first, second, differences = build_twice(engine, project, plan)
    if first != second:
        raise CommandError(f"release: expected two equal images of {track}, found: {'; '.join(differences[:3])}")
    found = engine.image(plan.tag)
    if found != first:
        raise CommandError(f"release: expected {plan.tag} to be the image {first}, found {found}")
    folder.mkdir(parents=True, exist_ok=True)
    engine.save(plan.tag, folder / f"{track}.tar")
    (folder / f"{track}.id").write_text(f"{first}\n")
    return first
