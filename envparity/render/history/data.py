"""A history as JSON."""

import msgspec

from envparity.history.record import History
from envparity.render.words import printable


def as_json(history: History) -> str:
    """The history, indented, one line at the end."""
    return msgspec.json.format(msgspec.json.encode(printable(history)), indent=1).decode() + "\n"
