"""The Dockerfile of each track that uses a release, except the default track: docker/TRACK.Dockerfile.

A track is one pinned version of py-libp2p on one Python. A harness, which is a test runner of libp2p, builds an image
from the path of a Dockerfile, without build arguments. So the path chooses the track. A Dockerfile cannot use the
stages of another Dockerfile, so each of these files is a copy of Dockerfile with another default track.
"""

import re

from dev.command.errors import CommandError
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project

_HEAD = "# Made by scripts/docs from Dockerfile; edit Dockerfile instead. Build it from the root of the repository:\n"


def dockerfiles(project: Project) -> dict[str, str]:
    """Return a dict from the path of each file, relative to the root of the repository, to its text.

    Raises CommandError if the Dockerfile does not have the expected lines of the default track: its name, Python, lock,
    libp2p and base.
    """
    source = (project.root / "Dockerfile").read_text(encoding="utf-8")
    others = [track for track in project.tracks if track not in {project.default_track, *project.git_libraries}]
    return {f"docker/{track}.Dockerfile": _dockerfile(project, source, track) for track in others}


def _dockerfile(project: Project, source: str, track: str) -> str:
    name, text = f"docker/{track}.Dockerfile", source
    for argument, old, new in (
        ("PYTHON", project.pythons[project.default_track], project.pythons[track]),
        ("TRACK", project.default_track, track),
        ("LOCK", project.lock(project.default_track).stem, project.lock(track).stem),
        ("LIBRARY_VERSION", _version(project, project.default_track), _version(project, track)),
    ):
        text, found = re.subn(rf"(?m)^ARG {argument}={re.escape(old)}$", f"ARG {argument}={new}", text)
        if found != 1:
            raise CommandError(f"{name}: expected `ARG {argument}={old}` once in Dockerfile, found {found} times")
    old, new = (f"pinned-{project.pythons[one]}" for one in (project.default_track, track))
    for pattern, times in (("(?m)^(ARG BASE_IMAGE=){}$", 1), (r"(?m)^(FROM \$\{{BASE_IMAGE:-){}(?=\}} AS base$)", 1)):
        text, found = re.subn(pattern.format(re.escape(old)), rf"\g<1>{new}", text)
        if found != times:
            raise CommandError(
                f"{name}: expected the base {old} of the default track in Dockerfile, found {found} times"
            )
    return f"{_HEAD}#   docker build -f {name} .\n\n{text}"


def _version(project: Project, track: str) -> str:
    return read_lock(project.lock(track)).pins["libp2p"].version
