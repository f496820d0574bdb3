"""Text from files that anybody may have written, as text that JSON can carry."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict

    Facts = Dict[str, Any]

SHOWN_AT_MOST = 200  # characters of a name, a version or a tool's answer
DEPTH_AT_MOST = 20  # of the JSON that installers leave


def escaped(name: str) -> str:
    """A file name as text: backslashes and bytes that are not UTF-8 as \\xNN, so that no two names are one."""
    if name.isascii() and "\\" not in name:
        return name
    return os.fsencode(name).replace(b"\\", b"\\x5c").decode("utf-8", "backslashreplace")


def printable(text: str) -> str:
    """Text that JSON can carry to any reader: a byte that is no UTF-8 as \\xNN, half a character as \\uNNNN."""
    if text.isascii():
        return text
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode("utf-8")


def printable_json(value: Any, depth: int = DEPTH_AT_MOST) -> Any:
    """`printable` for every text of a small JSON value; ValueError for what is not small, or no JSON."""
    if depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        return {printable(str(key)): printable_json(value[key], depth - 1) for key in sorted(value)}
    if isinstance(value, list):
        return [printable_json(item, depth - 1) for item in value]
    if isinstance(value, (int, float)) and not -(1 << 53) < value < 1 << 53:
        raise ValueError("a number out of range")  # Infinity, NaN: Python reads and writes them, JSON has none
    return printable(value) if isinstance(value, str) else value


def canonical(name: str) -> str:
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def reason(error: OSError) -> str:
    """An OSError without the path that it carries."""
    return error.strerror or type(error).__name__
