"""The image of a track: the plan of its build, and the build itself.

A track is one pinned version of libp2p on one Python, such as v0.4.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from dev.command.errors import CommandError
from dev.command.progress import long_work
from dev.doors.bases import is_stand_in
from dev.doors.build_secrets import build_secrets
from dev.doors.engine import Engine
from dev.doors.pins import packages, snapshot
from dev.lockenv.fresh import check_fresh
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project
from dev.lockenv.source import read_source

NAME = "py-libp2p-ping-test"


@dataclass(frozen=True)
class ImagePlan:
    """One build of the Dockerfile.

    `tag` is the name of the image, and `target` the stage of the Dockerfile to build. `arguments` are the build
    arguments. `contexts` is a dict from name to folder of the additional build contexts.
    """

    tag: str
    track: str
    target: str
    arguments: Mapping[str, str]
    contexts: Mapping[str, Path]


def tag_of(track: str) -> str:
    """Return the tag of the image of a track, for example `py-libp2p-ping-test:v0.4`."""
    return f"{NAME}:{track}"


def tracks_of(project: Project, wanted: Sequence[str]) -> Sequence[str]:
    """Return the tracks to build: `wanted`, or if it is empty, each track with its own lock and a release of libp2p."""
    return wanted or list(project.released_tracks)


def make_plan(project: Project, track: str, base: str, target: str = "runtime") -> ImagePlan:
    """Return the plan that builds the image of a track on the image `base`, up to the Dockerfile stage `target`.

    If LIBP2P_SOURCE names a libp2p, the image gets this libp2p instead of the track's own, and its tag ends with
    `-swapped`. Raises CommandError if the project has no such track, if the track's lock is out of date because
    pyproject.toml has changed, or if LIBP2P_SOURCE names neither a commit nor a checkout.
    """
    project.check_track(track)
    lock = read_lock(project.lock(track))
    check_fresh(project.root, project.lock(track).stem, project.lock(track).read_bytes())
    commit = project.git_libraries.get(track)
    arguments = {
        "PYTHON": project.toolchain_of(track).python_series,
        "BASE_IMAGE": base,
        # The stage `bare` removes pip. A stand-in, which replaces a base that this machine cannot pull, has no pip.
        "RUNTIME_BASE": "base" if is_stand_in(base) else "bare",
        "TRACK": track,
        "LOCK": project.lock(track).stem,
        "SOURCE_DATE_EPOCH": project.toolchain.build_environment["SOURCE_DATE_EPOCH"],
        "LIBRARY": "locked",
        "LIBRARY_VERSION": commit.rpartition("@")[2] if commit else lock.pins["libp2p"].version,
        "DEBIAN_SNAPSHOT": snapshot(project),
        **{
            f"{group.upper()}_PACKAGES": " ".join(f"{name}={version}" for name, version in pins.items())
            for group, pins in packages(project).items()
        },
    }
    contexts: dict[str, Path] = {}
    tag = tag_of(track) if target == "runtime" else f"{tag_of(track)}-{target}"
    wanted = os.environ.get("LIBP2P_SOURCE")
    if wanted:
        read_source(wanted)
        arguments["LIBRARY_VERSION"] = "swapped"
        tag += "-swapped"
        if wanted.startswith("git+"):
            arguments |= {"LIBRARY": "git", "LIBP2P_SOURCE": wanted}
        else:
            arguments["LIBRARY"] = "context"
            contexts["libp2p"] = Path(wanted).expanduser().resolve()
    elif commit:
        arguments["LIBRARY"] = "git"
    return ImagePlan(tag, track, target, arguments, contexts)


def build(engine: Engine, project: Project, plan: ImagePlan, *, fresh: bool = False, show: bool = False) -> str:
    """Build an image and return its id. If the build fails, an older image keeps the tag.

    `fresh` builds every layer again, with empty caches. `show` prints docker's progress on standard error. Raises
    CommandError with the reason if the build fails.
    """
    caches = f"fresh-{os.getpid()}-{token_hex(4)}"
    arguments = {**plan.arguments, "CACHES": caches} if fresh else plan.arguments
    try:
        with build_secrets() as secrets, long_work(f"building {plan.tag}"):
            engine.build(
                project.root,
                plan.tag,
                target=plan.target,
                arguments=arguments,
                contexts=plan.contexts,
                secrets=secrets,
                fresh=fresh,
                show=show,
            )
    finally:
        if fresh:
            with suppress(CommandError):  # an error of the clean-up must not hide the reason why the build failed
                engine.drop_caches(caches)
    found = engine.image(plan.tag)
    if found is None:
        raise CommandError(f"building {plan.tag}: expected an image after the build, found no image of that name")
    return found


def build_wheels(engine: Engine, project: Project, plan: ImagePlan, folder: Path) -> None:
    """Build a wheel of each distribution that the plan's track installs from source.

    Write the wheels into `folder`, and first remove every wheel that `folder` already holds. The target of the plan
    must be `wheels`. Raises CommandError with the reason if the build fails.
    """
    with build_secrets() as secrets:
        for old in folder.glob("*.whl"):
            old.unlink()
        engine.build(
            project.root,
            plan.tag,
            target=plan.target,
            arguments=plan.arguments,
            contexts=plan.contexts,
            secrets=secrets,
            output=folder,
        )
