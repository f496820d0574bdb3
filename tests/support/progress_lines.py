"""Removes the lines of progress that a command prints on standard error after ten seconds of work."""

import re
import subprocess


def without_progress(text: str) -> str:
    """Return the text of standard error without the lines of progress."""
    return re.sub(r"(?m)^(envparity|incident): .*: \d+ s so far\n", "", text)


def quiet(done: "subprocess.CompletedProcess[str]") -> "subprocess.CompletedProcess[str]":
    """Return a finished process without the lines of progress, which appear only on a slow machine."""
    if done.stderr is not None:  # None if the caller redirected standard error
        done.stderr = without_progress(done.stderr)
    return done
