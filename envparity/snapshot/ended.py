"""Finds the snapshot in the output of a door, and makes the error message for an output without a snapshot.

A door is a command that starts a Python, which runs the probe: a program that prints a snapshot, the list of facts
about an environment.
"""

import shlex

from envparity.errors import EnvparityError
from envparity.processes import Ended, NotEnded, NotStarted, Task, TooMuch
from envparity.snapshot.folders import why_unstartable
from envparity.snapshot.printed import find_snapshot
from envparity.text import visible


def snapshot_in(ended: Ended, name: str, task: Task, settings: dict[str, object], *, last: bool) -> bytes:
    """Return the line with the snapshot that the door `name` printed.

    Return b"" if the door printed only a part of its snapshot, and envparity will open it again (`last` is false).

    `settings` are the settings of the probe: with `behaviour`, the door must also print the results of the behaviour
    checks, and `nonce` is the text that the probe prints before its snapshot. Raise EnvparityError if the door printed
    no snapshot, if its exit status is not 0, or if its snapshot is incomplete and `last` is true.
    """
    line = find_snapshot(ended.output, behaviour=bool(settings["behaviour"]), nonce=str(settings["nonce"]))
    cut = line == b""
    if ended.status == 0 and cut and not last:
        return b""
    if ended.status != 0 or not line:
        cause = why_unstartable(task.command[0]) if ended.status != 0 else ""
        raise EnvparityError(f"door {name}: {visible(shlex.join(task.command))} {_why(ended, cut=cut)}{cause}")
    return line


def why_not_ended(failure: NotEnded, task: Task) -> str:
    """Return the reason why envparity ended a program, or why the program did not start, for an error message."""
    if isinstance(failure, NotStarted):
        return f"expected to run {task.command[0]}, found: {failure}"
    if isinstance(failure, TooMuch):
        return f"expected a snapshot of at most {task.most} bytes, found more"
    return f"expected a snapshot in {task.timeout:g} s, found none; allow more time with --timeout"


def _why(ended: Ended, *, cut: bool) -> str:
    lines = [line.strip() for line in ended.complaints.decode("utf-8", "replace").splitlines() if line.strip()]
    said = f": {visible(lines[-1])[:500]}" if lines else ""
    if ended.status != 0:
        return f"ended with exit status {ended.status}{said}"
    if cut:
        return f"printed an incomplete snapshot{said}"
    return (
        f"printed no snapshot{said or ', expected a Python of 3.8 or later that reads its program from standard input'}"
    )
