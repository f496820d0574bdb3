"""`python -m container`: what scripts/engine, scripts/base-image, scripts/image and scripts/lock call.

Exit status: 0 done; 1 with --verify: two builds are two images; 2 the command line is wrong; 3 it could not be done.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from dev.command.errors import CommandError
from dev.command.legacy import run_command
from dev.doors.engine import ensure_engine, find_engine
from dev.doors.offline.base import PYTHON, REDIS, make_base
from dev.lockenv.project import this_project

_WRONG = "2 the command line is wrong; 3 it could not be done; 130, 143 stopped."
STATUSES = {
    "image": f"Exit status: 0 done; 1 with --verify: two builds are two images; {_WRONG}",
    "devcontainer": f"Exit status: 0 done; {_WRONG} With exec, else the command's own.",
}
_DONE = f"Exit status: 0 done; {_WRONG}"


def main(arguments: Sequence[str]) -> int:
    """Run one command; errors become one line on standard error."""
    name = arguments[0] if arguments else ""
    if name not in _DOES:
        every = argparse.ArgumentParser("python -m container", allow_abbrev=False, epilog=_DONE)
        every.add_argument("command", choices=list(_DOES))
        every.parse_args(arguments[:1])
    called = "lock --upgrade toolchain" if name == "pins" else name
    parser = _parser(name, called)
    options = parser.parse_args(arguments[1:])
    if name == "devcontainer" and (options.action == "exec") != bool(options.command):
        parser.error(f"expected up, exec COMMAND… or down, found {' '.join([options.action, *options.command])}")
    try:
        return _RUNS[name](options)
    except CommandError as error:
        print(f"scripts/{called}: {error}", file=sys.stderr)
        return 3
    except OSError as error:
        print(f"scripts/{called}: expected to write and run what it needs, found: {error}", file=sys.stderr)
        return 3


def _parser(name: str, called: str) -> argparse.ArgumentParser:
    tracks = this_project().tracks
    parser = argparse.ArgumentParser(
        f"scripts/{called}",
        allow_abbrev=False,
        usage=_USAGE.get(name),
        epilog=STATUSES.get(name, _DONE),
        description=_DOES[name],
    )
    if name == "image":
        parser.add_argument(
            "--track",
            metavar="TRACK",
            choices=tracks,
            action="append",
            default=[],
            help="which to build; may be given again (all whose library is a release)",
        )
        parser.add_argument("--base", metavar="IMAGE", help="stand on another image (BASE_IMAGE; else the pinned one)")
        parser.add_argument("--target", choices=["runtime", "dev"], default="runtime", help="which stage (runtime)")
        parser.add_argument("--verify", action="store_true", help="build twice from nothing, and compare the images")
    if name == "engine":
        parser.add_argument("--check", action="store_true", help="change nothing: only say whether there is one")
    if name == "base-image":
        parser.add_argument("--missing", action="store_true", help="make only those that are not here")
    if name == "devcontainer":
        parser.add_argument("--track", metavar="TRACK", choices=tracks, help="which (the default track)")
        parser.add_argument("action", choices=["up", "exec", "down"], help="start it, run a command in it, or end it")
        parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="what exec runs")
    return parser


def _engine(options: argparse.Namespace) -> int:
    found = find_engine() if options.check else ensure_engine()
    print(found.run(["version", "--format", "{{.Server.Version}}"], purpose="asking the engine"))
    return 0


def _base_image(options: argparse.Namespace) -> int:
    engine = find_engine()
    for base in (PYTHON, REDIS):
        here = engine.image(base.tag) if options.missing else None
        print(base.tag, here or make_base(engine, base))
    return 0


_DOES = {
    "engine": "A Docker engine: the one that there is, or on Debian, as root, one that is installed and started.",
    "base-image": "Stand-ins for the pinned bases, from Debian's packages, where no image registry is reached.",
    "pins": "Moves the pins of Debian's packages in locks/toolchain.toml to what the base's mirror offers.",
    "devcontainer": "The devcontainer of a track, from a terminal, by the reference command line.",
    "image": "The image of each track; LIBP2P_SOURCE swaps its library for a commit or a checkout.",
}
_USAGE = {"devcontainer": "scripts/devcontainer [-h] [--track TRACK] {up | exec COMMAND... | down}"}


def _pins(_options: argparse.Namespace) -> int:
    from dev.doors.image import find_base
    from dev.doors.pins import move_pins

    project, engine = this_project(), find_engine()
    base, _ = find_base(engine, project, os.environ.get("BASE_IMAGE"))
    for name, (old, new) in move_pins(engine, project, base).items():
        print(f"{name} {old} -> {new}")
    return 0


def _devcontainer(options: argparse.Namespace) -> int:
    from dev.doors.devcontainer import act

    project, engine = this_project(), find_engine()
    words = [options.action, *options.command]
    return act(engine, project, options.track or project.default_track, words, _remark)


def _remark(text: str) -> None:
    print(f"scripts/devcontainer: {text}", file=sys.stderr)


def _image(options: argparse.Namespace) -> int:
    # What judges locks needs `packaging`, which a bare Python lacks.
    from dev.doors.image import build, find_base, make_plan, tracks_of
    from dev.doors.verify import build_twice

    project = this_project()
    tracks = tracks_of(project, options.track)
    engine = find_engine()
    base, remark = find_base(engine, project, options.base or os.environ.get("BASE_IMAGE"))
    if remark:
        print(f"scripts/image: {remark}", file=sys.stderr)
    plans = [make_plan(project, track, base, options.target) for track in tracks]
    status = 0
    for plan in plans:
        if not options.verify:
            print(plan.tag, build(engine, project, plan, show=sys.stderr.isatty()))
            continue
        first, second, parted = build_twice(engine, project, plan)
        print(plan.tag, first, "twice" if first == second else f"and {second}")
        for line in parted:
            print(f"  {line}")
        status = max(status, int(first != second))
    return status


_RUNS: dict[str, Callable[[argparse.Namespace], int]] = {
    "engine": _engine,
    "base-image": _base_image,
    "pins": _pins,
    "devcontainer": _devcontainer,
    "image": _image,
}


if __name__ == "__main__":
    run_command(main)
