"""Removes the lines of progress that envparity prints on standard error after ten seconds of work."""

import re


def without_progress(text: str) -> str:
    """Return the text of standard error without the lines of progress."""
    return re.sub(r"(?m)^envparity: .*: \d+ s so far\n", "", text)
