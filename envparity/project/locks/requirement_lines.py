"""Reads the lines of a requirements file as pip does: its encoding, its comments, continued lines and options."""

import codecs
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMMENT = re.compile(r"(^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Line:
    """One logical line: its text without comments and line breaks, its file, and the number of its first line."""

    words: str
    path: Path
    number: int

    @property
    def where(self) -> str:
        """Return the place of the line for error messages."""
        return f"{self.path}, line {self.number}"


def decoded(data: bytes) -> str:
    """Return the text of a file, in the encoding that its byte order mark or its coding comment names, as in pip.

    A file with neither is UTF-8. Raise ValueError or LookupError if the bytes are not in this encoding.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding)
    for line in data.split(b"\n")[:2]:
        if found := _CODING.match(line):
            return data.decode(found[1].decode("ascii"))
    return data.decode("utf-8")


def lines_of(text: str, path: Path) -> Iterator[Line]:
    r"""Yield the logical lines of a file, as pip reads them.

    A line that ends with `\` is joined with the next line. Comments are removed, and `${NAME}` becomes the value of the
    environment variable NAME.
    """
    parts: list[str] = []
    start = 1
    for number, line in enumerate(text.splitlines(), 1):
        if not parts:
            start = number
        if line.endswith("\\") and not _COMMENT.match(line):
            parts.append(line[:-1])
            continue
        parts.append(f" {line}" if parts and _COMMENT.match(line) else line)
        yield from _cut("".join(parts), path, start)
        parts = []
    yield from _cut("".join(parts), path, start)


def _cut(text: str, path: Path, number: int) -> Iterator[Line]:
    words = _COMMENT.sub("", text).strip()
    if words:
        yield Line(_VARIABLE.sub(lambda found: os.environ.get(found[1]) or found[0], words), path, number)


def option_of(words: str) -> tuple[str, str]:
    """Return the option at the start of a line, and the value of this option; both are empty for a requirement."""
    if words.startswith("--"):
        name, _, value = words.replace("=", " ", 1).partition(" ") if "=" in words.split()[0] else words.partition(" ")
        return name, _unquoted(value)
    if words.startswith("-"):
        return words[:2], _unquoted(words[2:].lstrip("= "))
    return "", ""


def _unquoted(value: str) -> str:
    try:
        parts = shlex.split(value)
    except ValueError:
        return value.strip()
    return parts[0] if parts else ""
