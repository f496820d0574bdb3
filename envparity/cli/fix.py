"""The command `fix`: it prints the commands that repair an environment, and with --run it runs them.

A door is a way to reach an environment: any command that starts its Python.
"""

import os
import shlex
import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from envparity.cli.command import Command
from envparity.cli.environments import check_of, settings_of
from envparity.cli.options import (
    add_artefacts,
    add_choice,
    add_door,
    add_lock,
    add_look,
    look_of,
    tracing_of,
)
from envparity.cli.output import progress, say
from envparity.errors import EnvparityError
from envparity.project.config import Config
from envparity.snapshot.doors import Door, find_door
from envparity.text import visible

if TYPE_CHECKING:  # not at run time: other commands start faster without these modules
    from envparity.fix.plan import Plan, Step
    from envparity.fix.repair import Repair
    from envparity.judge.findings import Finding
    from envparity.judge.report import Report

_ROUNDS = 4  # the most rounds of --run: after a repair, a check may find a problem that was hidden before
_STATUSES = (
    "Exit status: 0 the commands fix every error, or with --run no error is left; 1 errors are left; 2 envparity "
    "could not finish its work, a command failed, or the command line is wrong; 130 stopped by SIGINT, 143 by SIGTERM."
)


def _add_fix(parser: ArgumentParser) -> None:
    add_door(parser, "the folder of an environment, or a Python")
    parser.add_argument(
        "--run",
        action="store_true",
        dest="repairs",
        help="run the commands, and check again; until the check is done, a copy of the environment is kept next to it",
    )
    parser.add_argument("--notes", action="store_true", help="also fix the notes, not only the errors")
    add_look(parser)
    add_lock(parser)
    add_choice(parser)
    add_artefacts(parser)


def _fix(config: Config, options: Namespace) -> int:
    from envparity.fix.plan import make_plan

    _recover_missing(config, options)
    track = config.check_track(options.track)
    text, settings, _ = settings_of(config, options)
    torn = _without_python(text, config)
    door = Door(text) if torn else find_door(text, config, track, look_of(options).outside)
    environment = torn or _environment(door)
    start = _made_again(torn, settings, options) if torn else None
    check = check_of(config, options, tracing_of(options))
    if options.repairs:
        return _repair(config, options, door, environment, check, start)
    if environment is not None and _repair_of(environment).kept.exists():
        raise EnvparityError(
            f"fix: expected no unfinished repair of {visible(str(environment))}, found one; finish it with: "
            "envparity fix --run"
        )
    plan = start or make_plan(_read(check).findings, notes=options.notes)
    in_image = environment is None and _is_image(door)
    lock = settings.lock(settings.check_track(options.track)) if in_image and not options.no_lock else None
    say(_script(plan, os.path.relpath(lock.origin, config.root) if lock else None, in_image=in_image))
    return 1 if any(one.finding.fails for one in plan.left) else 0


def _repair(
    config: Config,
    options: Namespace,
    door: Door,
    environment: Path | None,
    check: "Callable[[], Report]",
    start: "Plan | None",
) -> int:
    """Repair an environment, and return the exit status.

    `start` is the plan for an environment whose Python is gone; None for every other environment. Raise EnvparityError
    if the door leads to no virtual environment on this machine, or if the repair fails. After a failed repair, the
    environment is as it was before.
    """
    from envparity.fix.plan import make_plan

    if environment is None:
        shown = shlex.join(door.command) or (door.source.place if door.source else str(door.saved))
        raise EnvparityError(
            f"fix --run: expected a virtual environment of this machine, found {visible(shown)}; without --run, the "
            "command prints the commands to run there, and for an image the lines to add to its Dockerfile"
        )
    repair = _repair_of(environment)
    _recover(repair)
    repair.refuse()
    report = _read(check) if start is None else None
    plan = start or make_plan(report.findings if report else (), notes=options.notes)
    if report is not None and not _runnable(plan):
        return _end(plan, report, fixed=0)
    before = Counter(_key(one) for one in report.errors) if report else None
    repair.keep()
    try:
        plan, report, done = _rounds(config, options, repair, check, plan, report)
        more = Counter(_key(one) for one in report.errors) - before if before is not None else Counter()
        new = [one for one in report.errors if _key(one) in more]
        if new:
            raise EnvparityError(
                f"fix: expected no new error after the commands, found {visible(new[0].code)}: {new[0].message}"
            )
    except EnvparityError as error:
        repair.restore()
        raise EnvparityError(f"{error}; the environment is as it was before") from error
    if (folder := repair.rescue(done)) is not None:
        _tell(f"the deleted files are in {folder}; remove this folder if you do not need them")
    repair.forget()
    return _end(plan, report, fixed=1 if before is None else before.total() - len(report.errors))


def _rounds(
    config: Config,
    options: Namespace,
    repair: "Repair",
    check: "Callable[[], Report]",
    plan: "Plan",
    report: "Report | None",
) -> "tuple[Plan, Report, set[str]]":
    """Run a plan, check the environment, and repeat with a plan for the findings that are left.

    Stop after at most _ROUNDS rounds. Return the last plan and report, and the commands of all rounds. `report` is the
    report from which `plan` was made; None if the environment could not be read. Raise EnvparityError if a command
    fails in a round, and the round does not decrease the number of errors.
    """
    from envparity.fix.plan import make_plan

    done: set[str] = set()
    for _ in range(_ROUNDS):
        steps = _runnable(plan)
        commands = [command for step in steps for command in step.fix.commands]
        if report is not None and done.issuperset(commands):
            break
        failure = _run(repair, steps, config, options, done)
        if failure is not None and report is None:
            raise failure
        errors, report = report.errors if report else None, _read(check)
        plan = make_plan(report.findings, notes=options.notes)
        # A command may fail because an earlier command has already done its work. Then fewer errors are left.
        if failure is not None and errors is not None and not len(report.errors) < len(errors):
            raise failure
    return plan, report or _read(check), done


def _run(
    repair: "Repair", steps: "Sequence[Step]", config: Config, options: Namespace, done: set[str]
) -> EnvparityError | None:
    """Run the commands of steps, and return the error of the first command that failed; None if no command failed.

    After a failed command, skip the later commands of the same step, and continue with the next step. Add each command
    that was started to `done`.
    """
    failures: list[EnvparityError] = []
    said: set[str] = set()
    for step in steps:
        try:
            for command in step.fix.commands:
                if command not in said:
                    said.add(command)
                    done.add(command)
                    _tell(command)
                    repair.run(command, config.root, options.timeout)
        except EnvparityError as error:
            failures.append(error)
    return failures[0] if failures else None


def _end(plan: "Plan", report: "Report", *, fixed: int) -> int:
    """Print the findings that are left and the number of fixed errors, `fixed`, and return the exit status."""
    lines = [f"# left: {one.finding.code}: {one.finding.message}\n#   {one.reason}" for one in plan.left]
    lines += [f"# left: {one.code}: {one.message}" for step in plan.steps for one in step.answers if one.fails]
    shell = dict.fromkeys(one for step in plan.steps if step.fix.kind == "unset" for one in step.fix.commands)
    lines += [f"# for your shell: {visible(one)}" for one in shell]
    count = len(report.errors)
    lines.append(f"{fixed} error{'' if fixed == 1 else 's'} fixed, {count} left")
    say("\n".join(lines) + "\n")
    return 1 if report.errors else 0


def _script(plan: "Plan", lock: str | None, *, in_image: bool) -> str:
    """Return the plan as a shell script with comments; for an image, as lines of a Dockerfile.

    `lock` is the path of the lock. If a command for an image reads the lock, the first lines copy the lock into the
    image.
    """
    lines: list[str] = []
    said: set[str] = set()
    if in_image and plan.commands:
        tools = sorted({one.split()[0] for one in plan.commands} & {"uv"}) or ["the tools of these commands"]
        lines += [
            "# If a line of the Dockerfile causes a finding, correct that line. Otherwise add these lines at its end.",
            f"# The image needs {tools[0]} for them.",
            "",
        ]
    if lock and any(f"-r /tmp/{Path(lock).name}" in command for command in plan.commands):
        lines += ["# The path is relative to the folder of the build (its context).", f"COPY {lock} /tmp/", ""]
    for step in plan.steps:
        lines += [f"# {one.code}: {one.message}" for one in step.answers]
        lines.append(f"# {step.fix.says}")
        commands = [visible(one) for one in step.fix.commands if one not in said]
        if in_image:  # a build of an image has no cache of uv with a changed file
            commands = [f"RUN {one}" for one in commands if not one.startswith("uv cache ")]
        lines += commands
        said.update(step.fix.commands)
        lines.append("")
    for one in plan.left:
        lines += [f"# {one.finding.code}: {one.finding.message}", f"# no command: {one.reason}", ""]
    return "\n".join(lines or ["# nothing to fix", ""])


def _runnable(plan: "Plan") -> "list[Step]":
    """Return the steps to run now. Leave out steps of the kind `unset`, because only the user can change their shell.

    A step of the kind `install` installs distributions that no lock pins. Return such steps only if there are no other
    steps: another step may restore an altered METADATA, and then perhaps nothing requires these distributions.
    """
    steps = [step for step in plan.steps if step.fix.kind != "unset"]
    return [step for step in steps if step.fix.kind != "install"] or steps


def _without_python(text: str, config: Config) -> Path | None:
    """Return the folder of the environment that the door `text` names, if the environment's Python is gone.

    Otherwise return None.
    """
    from envparity.snapshot.folders import lost_its_python

    words = config.doors.get(text, text).split()
    if len(words) != 1:
        return None
    # `os.path.abspath`, because `Path.resolve` would follow a link to the environment.
    path = Path(os.path.abspath(config.root / words[0] if text in config.doors else words[0]))  # noqa: PTH100
    folder = path.parent.parent if path.parent.name == "bin" else path
    return folder if lost_its_python(folder) else None


def _made_again(environment: Path, settings: Config, options: Namespace) -> "Plan":
    """Return the plan for an environment whose Python is gone.

    Raise EnvparityError if no command can install the pins of a lock in it, or if its pyvenv.cfg names no version of
    Python.
    """
    from envparity.fix.plan import Plan, Step
    from envparity.fix.remake import without_python

    lock = None if options.no_lock else settings.lock(settings.check_track(options.track))
    fix = without_python(environment, settings, lock)
    if fix is None:
        name = visible(str(environment))
        raise EnvparityError(
            f"fix: expected a lock for {name}, whose Python is gone, found none that says what to install; make the "
            f"environment again: python3 -m venv --clear {name}"
        )
    return Plan((Step(fix, ()),), ())


def _environment(door: Door) -> Path | None:
    """Return the folder of the virtual environment whose Python the door starts on this machine.

    Return None if the door starts another program, such as docker, or starts no program, or if the Python does not
    exist.
    """
    if len(door.command) != 1 or door.source is not None:
        return None
    python = Path(door.command[0])
    folder = Path(os.path.abspath(python.parent.parent))  # noqa: PTH100 - a link to the environment stays a link
    return folder if python.exists() else None


def _is_image(door: Door) -> bool:
    if door.source is not None:
        return door.source.kind in ("image", "container")
    return any(Path(word).name in ("docker", "podman", "devcontainer") for word in door.command[:1])


def _repair_of(environment: Path) -> "Repair":
    from envparity.fix.repair import Repair

    return Repair(environment)


def _recover_missing(config: Config, options: Namespace) -> None:
    """Restore each environment that is missing because a repair was interrupted, so that `fix` can find it."""
    folders = [config.root, *([Path(options.door).absolute().parent] if options.door else [])]
    for kept in (path for folder in folders for path in folder.glob("*.before-fix")):
        environment = kept.with_name(kept.name.removesuffix(".before-fix"))
        if not environment.exists():
            _recover(_repair_of(environment))


def _recover(repair: "Repair") -> None:
    if repair.recover():
        _tell(f"an earlier repair was interrupted, so {repair.environment} is again as before that repair")


def _read(check: "Callable[[], Report]") -> "Report":
    return progress("reading the environment", lambda _: check())


def _key(one: "Finding") -> tuple[str, Sequence[str], Sequence[str]]:
    return one.code, one.distributions, one.paths


def _tell(line: str) -> None:
    sys.stderr.write(f"fix: {visible(line)}\n")
    sys.stderr.flush()


FIX = Command("fix", "print the commands that repair an environment, or run them with --run", _STATUSES, _add_fix, _fix)
