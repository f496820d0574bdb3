"""The work of the commands `check` and `compare`: open doors, judge the environments behind them, and make a report.

A door is a way to reach an environment: any command that starts its Python. A track is one variant
of the project, such as `v0.4`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from envparity.errors import EnvparityError
from envparity.judge.judgement import judged
from envparity.judge.report import Report, make_report
from envparity.judge.subject import Subject
from envparity.project.config import Config
from envparity.project.folders import cache_folder
from envparity.snapshot.doors import Door, Look, find_door, is_there, open_doors
from envparity.text import visible


@dataclass(frozen=True)
class Tracing:
    """The settings of --artefacts, which compares files with the wheels that the lock names.

    `built` is a folder of wheels that the user built again; None means that the commands in [tool.envparity.rebuild]
    build them. `cache` is the folder for the contents of wheels; None means the usual folder.
    """

    built: Path | None = None
    cache: Path | None = None


def check_door(
    config: Config,
    name: str,
    track: str | None,
    look: Look,
    *,
    locked: bool,
    tracing: Tracing | None = None,
    chosen: str | None = None,
) -> Report:
    """Open one door, judge its environment, and return the report.

    With `locked`, compare the environment with the lock of the track; with `tracing`, also compare its files with the
    wheels that the lock names. `chosen` says how envparity chose the environment and the lock. Raise EnvparityError if
    envparity cannot make the report: for example, if the door does not open, if the project does not have the track, or
    if the lock or a wheel cannot be read.
    """
    track = config.check_track(track)
    doors = [find_door(name, config, track, look.outside)]
    subjects = _open(config, doors, track, look, locked=locked, tracing=tracing)
    return make_report("check", track, subjects, judged(subjects), chosen=chosen)


def compare_doors(
    config: Config,
    names: Sequence[str],
    track: str | None,
    look: Look,
    *,
    locked: bool,
    without: Mapping[str, str] | None = None,
    strict: bool = False,
    tracing: Tracing | None = None,
) -> Report:
    """Open the doors `names`, judge each environment, compare all of them, and return the report.

    If `names` is empty, open every door of pyproject.toml whose program or files this machine has. In this case, leave
    out each door in `without`, a dict from door to reason. With `locked`, compare each environment with the lock of the
    track; with `tracing`, also compare its files with the wheels that the lock names.

    Raise EnvparityError for the same reasons as `check_door`, and if two doors have the same name. There are two more
    reasons if `names` is empty: `without` has an unknown door, or fewer than two doors are open. With `strict`, every
    door of pyproject.toml must be open, too.
    """
    track = config.check_track(track)
    closed: list[tuple[str, str]] = []
    if names:
        doors = [find_door(name, config, track, look.outside) for name in names]
    else:
        absent = dict(_known(without or {}, config))
        # With --no-run, `find_door` raises an error for a door that needs a program. So do not call `find_door` for a
        # door that the user left out.
        every = [find_door(name, config, track, look.outside) for name in config.doors if name not in absent]
        absent |= {door.name: f"no {_opener(door)} on this machine" for door in every if not is_there(door, config)}
        doors = [door for door in every if door.name not in absent]
        closed = [(name, absent[name]) for name in config.doors if name in absent]
        count = len(config.doors)
        least, wanted = (count, f"all {count}") if strict and count > 2 else (2, "at least two")
        if len(doors) < least:
            raise EnvparityError(f"doors: expected this machine to open {wanted}, found {_found(doors, closed)}")
    twice = {door.name for door in doors if [other.name for other in doors].count(door.name) > 1}
    if twice:
        raise EnvparityError(
            f"doors: expected a different name for each door, found {', '.join(sorted(twice))} twice; name one "
            "NAME=DOOR"
        )
    subjects = _open(config, doors, track, look, locked=locked, tracing=tracing)
    return make_report("compare", track, subjects, judged(subjects), closed)


def _opener(door: Door) -> str:
    """Return the name of the program, the folder or the file that this machine needs to open a door."""
    if door.source is None:
        return door.command[0]
    return "docker or podman" if door.source.kind in ("image", "container") else visible(door.source.place)


def _found(doors: Sequence[Door], closed: Sequence[tuple[str, str]]) -> str:
    """Return a text that names the doors that can be opened, and the reason why each other door cannot be opened."""
    if not doors and not closed:
        return "no [tool.envparity.doors] in a pyproject.toml here; name the folders of two environments"
    there = f"{len(doors)} ({', '.join(door.name for door in doors)})" if doors else "none"
    if not closed:
        return f"{there}; name one more, for example the folder of an environment"
    # A reason may begin with the name of the door, which the text already has.
    return "; ".join([there, *(f"{name} does not open: {reason.removeprefix(f'{name}: ')}" for name, reason in closed)])


def _known(without: Mapping[str, str], config: Config) -> Mapping[str, str]:
    unknown = [name for name in without if name not in config.doors]
    if unknown:
        raise EnvparityError(
            f"--without: expected a door ({', '.join(config.doors) or 'the project has none'}), found "
            f"{visible(unknown[0])!r}"
        )
    return without


def _open(
    config: Config,
    doors: Sequence[Door],
    track: str | None,
    look: Look,
    *,
    locked: bool,
    tracing: Tracing | None = None,
) -> list[Subject]:
    lock = config.lock(track) if locked else None
    if tracing is not None and lock is None:
        raise EnvparityError(
            "--artefacts: expected a lock, which names the wheels, found none; name it with --lock FILE"
        )
    opened = open_doors(doors, config, track, look)
    here = {door.name for door in doors if len(door.command) == 1}
    subjects = [
        Subject(
            one.name,
            one.snapshot,
            config,
            track,
            lock,
            one.others,
            sha256=one.sha256,
            images=one.images,
            is_remote=one.name not in here,
        )
        for one in opened
    ]
    if config.baseline is not None:
        config.baseline.refuse_other(track, [one.door for one in subjects])
    return subjects if tracing is None else _traced(subjects, tracing, look.timeout)


def _traced(subjects: Sequence[Subject], tracing: Tracing, timeout: float) -> list[Subject]:
    """Return the subjects (the environments to judge), each with the wheels to compare its files with."""
    from envparity.artefacts.cache import WheelCache
    from envparity.artefacts.chain import Chain
    from envparity.artefacts.rebuild import rebuild
    from envparity.index.clients import IndexClients

    found: list[Subject] = []
    built: dict[str, Path | None] = {}
    with IndexClients() as clients:
        for subject in subjects:
            config, track = subject.config, subject.track
            cache = WheelCache(tracing.cache or cache_folder(config) / "artefacts")
            # If a door has several environments, the name of each begins with the name of the door.
            door = subject.door if subject.door in config.rebuild else subject.door.partition(":")[0]
            if door not in built:
                built[door] = tracing.built or rebuild(config, door, track, cache_folder(config), timeout)
            artefacts = Chain(cache, clients, built[door]).artefacts(subject.snapshot, subject.pins)
            found.append(replace(subject, artefacts=artefacts))
    return found


def list_doors(config: Config, track: str | None) -> str:
    """Return a line for each door: its name, whether this machine has the program that opens it, and the command.

    Raise EnvparityError if the project has no doors.
    """
    if not config.doors:
        raise EnvparityError(
            "doors: expected [tool.envparity.doors] in a pyproject.toml here or above, found none; add it, or "
            "use --project"
        )
    doors = [find_door(name, config, track) for name in config.doors]
    width = max((len(door.name) for door in doors), default=0)
    return "".join(
        # A program that exists may still fail to open the door: `ssh` may not reach the other machine.
        f"{door.name:{width}}  program {'found  ' if is_there(door, config) else 'missing'}  {_opened_by(door)}\n"
        for door in doors
    )


def _opened_by(door: Door) -> str:
    return visible(" ".join(door.command) if door.source is None else f"{door.source.kind}:{door.source.place}")
