"""Fills in the commands and places of pyproject.toml, which may contain the name of a track.

A track is one variant of the project, such as `v0.4`.
"""

import shlex
from collections.abc import Mapping

from envparity.errors import EnvparityError
from envparity.text import visible

_NONE: Mapping[str, str] = {}


def filled(text: str, what: str, track: str | None, others: Mapping[str, str] = _NONE) -> str:
    """Return a command or a place of pyproject.toml with values instead of the names in braces.

    `{track}` is the track, and `{track_}` is the track with `_` instead of `.` and `-`. `others` has further values.
    `what` names the setting in error messages. Raise EnvparityError if the text contains `{track}` or `{track_}`, and
    `track` is None.
    """
    if track is None and ("{track}" in text or "{track_}" in text):
        raise EnvparityError(
            f"{what}: expected --track TRACK, because {visible(text)!r} contains {{track}}, found none"
        )
    values = {"track": track or "", "track_": (track or "").replace(".", "_").replace("-", "_"), **others}
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def words_of(text: str, what: str, track: str | None, others: Mapping[str, str] = _NONE) -> tuple[str, ...]:
    """Return the words of a command of pyproject.toml, filled in as `filled` does.

    Raise EnvparityError as `filled` does, or if the text is empty or is not a command in the syntax of a shell.
    """
    quoted = {name: shlex.quote(value) for name, value in others.items()}
    try:
        words = tuple(shlex.split(filled(text, what, track, quoted)))
    except ValueError as error:
        raise EnvparityError(f"{what}: expected a command, found {visible(text)!r}: {error}") from error
    if not words or not words[0]:
        raise EnvparityError(f"{what}: expected a command, found an empty text")
    return words
