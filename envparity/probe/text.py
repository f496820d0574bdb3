"""Makes text from any file safe for JSON: it escapes unusual bytes, and removes secrets such as passwords.

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


# In a URL: the user and password, or a token, before the host. A password may contain a slash, so all text from a colon
# to an @ is a password, unless a port number follows the colon. A URL that became a path, such as https:/host, has only
# one slash.
USER = re.compile(
    r"(//|(?<=[a-z][a-z]):/)(?:[^/?#\s\"'<>]*@|[^/?#\s\"'<>:@]+:(?!\d+(?:[/?#]|$))[^\s\"'<>@]*@)", re.IGNORECASE
)
QUERY = re.compile(r"((?://|(?<=[a-z][a-z]):/)[^\s?#\"'<>]*)\?[^\s#\"'<>]*", re.IGNORECASE)
# A fragment to remove from a URL. Installers read egg=, subdirectory=, name= and hashes, so these fragments stay.
FRAGMENT = re.compile(r"((?://|[a-z]:/)[^\s#\"'<>]*)#(?!(?:egg|subdirectory|name|md5|sha\d+)=)[^\s\"'<>]*")
# A secret after its name: TOKEN=…, --password …, `login NAME password …` of a .netrc, and a header. A requirement such
# as secretstorage==3.3 or a distribution such as csrf-token 1.0 has no secret.
NAMED = re.compile(
    r"(?i)((?:token|passw(?:or)?d|secret|api[_-]?key)\w*=(?!=)|(?<![\w-])--?[\w-]*(?:token|passw(?:or)?d|secret|api-key)[\w-]*\s+"
    r"|\blogin\s+\S+\s+password\s+|\bauthorization:\s*(?:basic|bearer|token)\s+)[^\s&#\"'<>,;)]+"
)


def without_secrets(text: str) -> str:
    """Return the text without possible secrets: user, password, query and fragment of URLs, and values as in TOKEN=…"""
    if "//" in text or ":/" in text:
        text = FRAGMENT.sub(r"\1", QUERY.sub(r"\1", USER.sub(r"\1", text)))
    return NAMED.sub(r"\1***", text) if "=" in text or " " in text else text


def escaped(name: str) -> str:
    """Return a file name as text, in which each backslash and each byte that is not UTF-8 has become \\xNN.

    So two different file names have different texts.
    """
    if name.isascii() and "\\" not in name:
        return name
    return os.fsencode(name).replace(b"\\", b"\\x5c").decode("utf-8", "backslashreplace")


def printable(text: str) -> str:
    """Return text that every JSON reader accepts: a byte that is not UTF-8 becomes \\xNN, a lone surrogate \\uNNNN.

    Leave out secrets such as the password in a URL.
    """
    text = without_secrets(text)
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
    """Return the message of an OSError without the path in it, or the error's class name if it has no message."""
    return error.strerror or type(error).__name__
