"""A history as JSON, and read again."""

import msgspec

from envparity.errors import EnvparityError
from envparity.history.record import History
from envparity.text import visible


def as_json(history: History) -> str:
    """The history, indented, one line at the end."""
    return msgspec.json.format(msgspec.json.encode(history), indent=1).decode() + "\n"


def read_history(data: bytes, where: str) -> History:
    """A history that `as_json` wrote; EnvparityError where it is none."""
    try:
        return msgspec.json.decode(data, type=History)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise EnvparityError(f"{where}: expected a history, found: {visible(str(error))[:200]}") from error
