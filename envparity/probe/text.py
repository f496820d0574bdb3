"""Turn text from files that anybody may have written into text that JSON can carry."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict

    Facts = Dict[str, Any]

SHOWN_AT_MOST = 200  # characters of a name, a version or a tool's answer
DEPTH_AT_MOST = 20  # levels of nesting in the JSON files that installers write


def escaped(name: str) -> str:
    """Return a file name as text: backslashes and bytes that are not UTF-8 become \\xNN, so no two names get equal."""
    if name.isascii() and "\\" not in name:
        return name
    return os.fsencode(name).replace(b"\\", b"\\x5c").decode("utf-8", "backslashreplace")


def printable(text: str) -> str:
    """Return text that every JSON reader accepts: a byte that is not UTF-8 becomes \\xNN, a lone surrogate \\uNNNN."""
    if text.isascii():
        return text
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode("utf-8")


def printable_json(value: Any, depth: int = DEPTH_AT_MOST) -> Any:
    """Apply `printable` to every text of a JSON value; raise ValueError for deep nesting and for huge numbers."""
    if depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        return {printable(str(key)): printable_json(value[key], depth - 1) for key in sorted(value)}
    if isinstance(value, list):
        return [printable_json(item, depth - 1) for item in value]
    if isinstance(value, (int, float)) and not -(1 << 53) < value < 1 << 53:
        raise ValueError(
            "a number out of range"
        )  # Python also reads and writes Infinity and NaN, which JSON does not have
    return printable(value) if isinstance(value, str) else value


def canonical(name: str) -> str:
    """Return a distribution's name in the form in which PEP 503 compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def reason(error: OSError) -> str:
    """Return the message of an OSError, without the path that the error carries."""
    return error.strerror or type(error).__name__
