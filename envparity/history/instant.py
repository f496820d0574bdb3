"""Reads instants from a command line (ISO 8601; UTC unless the text names another zone) and writes them as text."""

import re
from datetime import UTC, datetime, timedelta

from envparity.errors import EnvparityError
from envparity.text import visible

_DATE = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}|[0-9]{4}-?W[0-9]{2}(-?[0-9])?")


def read_instant(option: str, text: str, now: datetime, *, end: bool) -> datetime:
    """Return the instant that `text` names, in whole seconds of UTC.

    A date alone means the beginning of its day, or with `end` the end of its day. The end of a day that is not over is
    `now`. Raise EnvparityError if the text is not an instant or the instant is in the future; the error names `option`.
    """
    try:
        found = datetime.fromisoformat(text.strip())
        whole_day = _DATE.fullmatch(text.strip()) is not None
        if whole_day and end:
            found += timedelta(days=1)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise EnvparityError(
            f"{option}: expected a date or an instant such as 2025-10-27 or 2025-10-27T14:22Z, found "
            f"{visible(text)[:40]!r}"
        ) from error
    if end and whole_day and now < found <= now + timedelta(days=1):
        return now
    if found > now:
        raise EnvparityError(
            f"{option}: expected a time in the past, found {to_minute(found)}; now it is {to_minute(now)}"
        )
    return found


def now() -> datetime:
    """Return the current instant, in whole seconds of UTC."""
    return datetime.now(UTC).replace(microsecond=0)


def to_minute(instant: datetime) -> str:
    """Return an instant as text for a person, to the minute: `2025-10-27 14:22 UTC`."""
    return f"{instant.year:04}{instant:-%m-%d %H:%M} UTC"  # strftime writes the year 33 as 33, not as 0033


def stamp(instant: datetime) -> str:
    """Return an instant as text for a program, to the second: `2025-10-27T14:22:00Z`."""
    return f"{instant.year:04}{instant:-%m-%dT%H:%M:%SZ}"
