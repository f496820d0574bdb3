"""From a command line to a report: open the doors, judge each, compare them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from envparity.errors import EnvparityError
from envparity.judge import check
from envparity.judge.codes import COMPARED, LOCKED, Code, Family, rule
from envparity.judge.compare import compare
from envparity.judge.findings import Finding, finding, in_order
from envparity.judge.report import Report, make_report
from envparity.judge.subject import Subject
from envparity.project.config import Config
from envparity.snapshot.doors import Door, Look, find_door, is_there, open_doors
from envparity.text import visible


def check_door(config: Config, name: str, track: str | None, look: Look, *, locked: bool) -> Report:
    """One environment, against its lock."""
    track = config.check_track(track)
    subjects = _open(config, [find_door(name, config, track)], track, look, locked=locked)
    return make_report("check", track, subjects, judged(subjects))


def compare_doors(
    config: Config,
    names: Sequence[str],
    track: str | None,
    look: Look,
    *,
    locked: bool,
    without: Mapping[str, str] | None = None,
    strict: bool = False,
) -> Report:
    """The doors that are named, or all that this machine has; each against its lock, and all with each other.

    `without` has doors that cannot be opened here, each with the reason; `strict` takes no comparison that lacks one.
    """
    track = config.check_track(track)
    closed: list[tuple[str, str]] = []
    if names:
        doors = [find_door(name, config, track) for name in names]
    else:
        every = [find_door(name, config, track) for name in config.doors]
        absent = {door.name: f"no {door.command[0]} on this machine" for door in every if not is_there(door, config)}
        absent |= _known(without or {}, config)
        doors = [door for door in every if door.name not in absent]
        closed = [(door.name, absent[door.name]) for door in every if door.name in absent]
        least, wanted = (len(every), f"all {len(every)}") if strict else (2, "at least two")
        if len(doors) < least:
            raise EnvparityError(f"doors: expected {wanted} to open here, found {_found(doors, closed)}")
    twice = {door.name for door in doors if [other.name for other in doors].count(door.name) > 1}
    if twice:
        raise EnvparityError(f"doors: expected each name once, found {', '.join(sorted(twice))} again; use NAME=…")
    subjects = _open(config, doors, track, look, locked=locked)
    return make_report("compare", track, subjects, judged(subjects), closed)


def _found(doors: Sequence[Door], closed: Sequence[tuple[str, str]]) -> str:
    """Which doors there are that would open, and of each other why not."""
    if not doors and not closed:
        return "no [tool.envparity.doors] in a pyproject.toml here: name environments' folders"
    there = f"{len(doors)} ({', '.join(door.name for door in doors)})" if doors else "none"
    if not closed:
        return f"{there}: name another, an environment's folder"
    # A reason may begin with what the door is called as well.
    return "; ".join([there, *(f"not {name}: {reason.removeprefix(f'{name}: ')}" for name, reason in closed)])


def _known(without: Mapping[str, str], config: Config) -> Mapping[str, str]:
    unknown = [name for name in without if name not in config.doors]
    if unknown:
        raise EnvparityError(f"--without: expected one of {', '.join(config.doors)}, found {visible(unknown[0])!r}")
    return without


def judged(subjects: Sequence[Subject]) -> list[Finding]:
    """What each environment has wrong, the same finding of several doors told once, and what differs between them."""
    merged: dict[Finding, tuple[str, ...]] = {}
    for subject in subjects:
        for one in check(subject):
            key = replace(one, doors=())
            merged[key] = (*merged.get(key, ()), subject.door)
    findings = [replace(one, doors=doors) for one, doors in merged.items()]
    if len(subjects) > 1:
        findings += compare(subjects)
    return in_order([*findings, *_unused(subjects, findings)])


def _unused(subjects: Sequence[Subject], findings: Sequence[Finding]) -> Iterator[Finding]:
    """What the project accepts and this run could have found, but did not."""
    for one in subjects[0].config.accept if subjects else ():
        if _looked_for(one.code, subjects) and not any(one.matches(found) for found in findings):
            yield finding(
                Code.ACCEPTANCE_UNUSED,
                f"expected a finding {one.code} at {one.path}, as pyproject.toml accepts ({one.reason}), found none",
                paths=[one.path],
                doors=[subject.door for subject in subjects],
            )


def _looked_for(code: Code, subjects: Sequence[Subject]) -> bool:
    """Whether this run could have found it: by how many doors it looked at, and how closely, and with which lock."""
    if code in COMPARED and len(subjects) < 2:
        return False
    if code is Code.BEHAVIOUR_DIFFERS:
        return all(subject.snapshot.behaviour for subject in subjects)
    if rule(code).family is Family.BEHAVIOUR:
        return any(subject.snapshot.behaviour for subject in subjects)
    if code is Code.BYTECODE_ALTERED:
        return any(subject.snapshot.bytecode == "recompiled" for subject in subjects)
    if code is Code.LOCK_ARTEFACT:
        return any(pin.hashes for subject in subjects for pin in subject.pins.values())
    if code in LOCKED:
        return any(subject.lock is not None for subject in subjects)
    if code is Code.UNLOCKED:
        return any(subject.lock is None for subject in subjects)
    return True


def _open(config: Config, doors: Sequence[Door], track: str | None, look: Look, *, locked: bool) -> list[Subject]:
    lock = config.lock(track) if locked else None
    snapshots = open_doors(doors, config, track, look)
    return [Subject(door.name, snapshot, config, track, lock) for door, snapshot in zip(doors, snapshots, strict=True)]


def list_doors(config: Config, track: str | None) -> str:
    """A line for each door: its name, whether this machine has the program that opens it, and the command."""
    if not config.doors:
        raise EnvparityError("doors: expected [tool.envparity.doors] in a pyproject.toml here or above, found none")
    doors = [find_door(name, config, track) for name in config.doors]
    width = max((len(door.name) for door in doors), default=0)
    return "".join(
        # Whether it opens is known once it does: `ssh` is here, the machine that it names may not be.
        f"{door.name:{width}}  program {'here  ' if is_there(door, config) else 'absent'}  {' '.join(door.command)}\n"
        for door in doors
    )
