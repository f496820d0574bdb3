"""Finds the snapshot in the output of a door, and adds the results of the behaviour checks to it.

A door is a command that starts a Python, which runs the probe: a program that prints a snapshot. The probe prints the
snapshot as one line. After that, the probe runs the project's behaviour checks, whose results are a second line. These
checks run code of the environment, so envparity takes no facts about files from the second line. Before the snapshot
the probe prints the nonce, a random text that envparity sent with the probe. So envparity never mistakes earlier output
for the snapshot.
"""

import json

_START = b'{"schema":"envparity-snapshot-'
_RESULTS = b'{"schema":"envparity-behaviour-1","behaviour":'
_END = b'"behaviour":{}}'


def find_snapshot(output: bytes, *, behaviour: bool, nonce: str | None = None) -> bytes | None:
    """Return the snapshot in a door's output, as one line with the results of the behaviour checks in it.

    Return b"" if the snapshot is incomplete, and None if the output has no snapshot. With `behaviour`, a snapshot
    without results of the behaviour checks is incomplete. With `nonce`, the snapshot follows the first line with this
    nonce.
    """
    said = output.find(b'{"nonce":"%s"}' % nonce.encode()) if nonce else 0
    # JSON escapes the quotation marks inside a text, so these bytes can only be the start of a snapshot.
    start = output.find(_START, said) if said >= 0 else -1
    if start < 0:
        return None
    line, rest = _line(output, start)
    if not line.endswith(_END):
        return b""
    if behaviour:
        results, _ = _line(output, output.find(_RESULTS, rest))
        try:
            found = json.loads(results)["behaviour"]
        except (ValueError, RecursionError, KeyError, TypeError):
            return b""
        # Write the results again, because a check may have printed a line that continues with other fields.
        line = line[: -len(b"{}}")] + json.dumps(found, separators=(",", ":")).encode() + b"}"
    return line + b"\n"


def _line(output: bytes, start: int) -> tuple[bytes, int]:
    """Return the line that begins at `start`, and where the next line begins.

    The line is empty if it is incomplete: it has no line end, or its last character is not `}`.
    """
    end = output.find(b"\n", start) if start >= 0 else -1
    line = output[start:end].rstrip(b"\r") if end >= 0 else b""  # a terminal adds the carriage return
    return (line, end + 1) if line.endswith(b"}") else (b"", end + 1)
