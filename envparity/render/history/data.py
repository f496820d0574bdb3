"""A history as JSON."""

import msgspec

from envparity.history.record import History
from envparity.render.words import shown


def as_json(history: History) -> str:
    """The history, indented, one line at the end."""
    return msgspec.json.format(msgspec.json.encode(shown(history)), indent=1).decode() + "\n"
