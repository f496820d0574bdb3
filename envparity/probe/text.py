"""Turns text from files that anybody may have written into text that JSON can hold.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict

    Facts = Dict[str, Any]

SHOWN_AT_MOST = 200  # the most characters of a name, a version or a tool's output that are shown
DEPTH_AT_MOST = 20  # the most levels of nesting in the JSON files that installers write


def escaped(name: str) -> str:
    """Return a file name as text, in which each backslash and each byte that is not UTF-8 has become \\xNN.

    So two different file names have different texts.
    """
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
    """Return a JSON value with `printable` applied to every text.

    Raise ValueError if the value has more than `depth` levels, or a number that is not between -2**53 and 2**53.
    """
    if depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        return {printable(str(key)): printable_json(value[key], depth - 1) for key in sorted(value)}
    if isinstance(value, list):
        return [printable_json(item, depth - 1) for item in value]
    if isinstance(value, (int, float)) and not -(1 << 53) < value < 1 << 53:
        raise ValueError(
            "a number out of range"
        )  # also for Infinity and NaN, which Python reads and writes, but JSON does not have
    return printable(value) if isinstance(value, str) else value


def canonical(name: str) -> str:
    """Return a distribution's name in the form in which PEP 503 compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def reason(error: OSError) -> str:
    """Return the message of an OSError without the path in it, or the error's class if it has no message."""
    return error.strerror or type(error).__name__
