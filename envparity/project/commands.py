"""Replaces `{track}` and other names in braces in the commands and paths that pyproject.toml has.

A track is one variant of the project, such as `v0.4`.
"""

import shlex
from collections.abc import Mapping

from envparity.errors import EnvparityError
from envparity.text import visible

_NONE: Mapping[str, str] = {}


def filled(text: str, what: str, track: str | None, others: Mapping[str, str] = _NONE) -> str:
    """Return `text`, a command or a path of pyproject.toml, with a value instead of each name in braces.

    The value of `{track}` is the track. The value of `{track_}` is the track with `_` instead of `.` and `-`, for
    example `v0_4`. `others` maps further names to values. `what` names the setting in error messages. Raise
    EnvparityError if the text contains `{track}` or `{track_}`, and `track` is None.
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
    """Return the words of `text`, a command of pyproject.toml, after `filled` has replaced the names in braces.

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
