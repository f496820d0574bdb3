"""Making each door ready: the environment, the image, the container or the shell behind it.

envparity knows a door by its command alone; what has to be made before the command works is known here.
"""

import os
import shutil
from collections.abc import Callable, Mapping

from dev.command.errors import CommandError
from dev.doors.devcontainer import act, config_of
from dev.doors.engine import Engine, find_engine
from dev.doors.image import build, find_base, make_plan
from dev.doors.nix import find_nix, make_nix
from dev.doors.nix_places import check_owner, find_places
from dev.lockenv.environments import track_environment, was_made
from dev.lockenv.project import Project


class Absent(Exception):
    """This machine lacks what the door needs; the line says how to get it."""


def _venv(project: Project, track: str) -> None:
    # One that was made here is looked at as it is: making it anew would hide what is wrong with it.
    if not was_made(project, track):
        track_environment(project, track)


def _docker(project: Project, track: str) -> None:
    engine = _engine()
    base, _ = find_base(engine, project, os.environ.get("BASE_IMAGE"))
    build(engine, project, make_plan(project, track, base))


def _devcontainer(project: Project, track: str) -> None:
    engine = _engine()
    try:
        config_of(project, track)
    except CommandError as error:
        raise Absent(str(error)) from error
    act(engine, project, track, ["up"])


def _nix(project: Project, _track: str) -> None:
    places = find_places(project.root)
    try:
        check_owner(project.root)
        found = find_nix(places)
        if found.program == places.prefix / "bin" / "nix":
            make_nix(places)  # what was made of an older commit is made this one's
    except CommandError as error:
        raise Absent(str(error)) from error
    if shutil.which("nix") != str(found.program):  # another, too old, stands before it
        os.environ["PATH"] = f"{found.program.parent}{os.pathsep}{os.environ['PATH']}"


def _engine() -> Engine:
    try:
        return find_engine()
    except CommandError as error:
        raise Absent(str(error)) from error


MAKES: Mapping[str, Callable[[Project, str], None]] = {
    "venv": _venv,
    "docker": _docker,
    "devcontainer": _devcontainer,
    "nix": _nix,
}


def programs(project: Project) -> str:
    """PATH with, at its end, the programs of doors that the project installed itself."""
    own = [project.cache / "devcontainer" / "bin", find_places(project.root).prefix / "bin"]
    return os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, own)])
