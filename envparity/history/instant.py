"""Instants of a command line: ISO 8601, UTC unless it says otherwise."""

import re
from datetime import UTC, datetime, timedelta

from envparity.errors import EnvparityError
from envparity.text import visible

_DATE = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}|[0-9]{4}-?W[0-9]{2}(-?[0-9])?")


def read_instant(option: str, text: str, now: datetime, *, end: bool) -> datetime:
    """An instant in whole seconds; of a date alone the beginning of its day, or with `end` the end.

    The end of a day that is not over is now. EnvparityError where it is no instant, or has not come yet.
    """
    try:
        found = datetime.fromisoformat(text.strip())
        whole_day = _DATE.fullmatch(text.strip()) is not None
        if whole_day and end:
            found += timedelta(days=1)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise EnvparityError(
            f"{option}: expected a date or an instant as 2025-10-27 or 2025-10-27T14:22Z, found {visible(text)[:40]!r}"
        ) from error
    if end and whole_day and now < found <= now + timedelta(days=1):
        return now
    if found > now:
        raise EnvparityError(
            f"{option}: expected a time that has passed, found {to_minute(found)}; it is {to_minute(now)}"
        )
    return found


def now() -> datetime:
    """This instant, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def to_minute(instant: datetime) -> str:
    """An instant for a person, to the minute."""
    return f"{instant.year:04}{instant:-%m-%d %H:%M} UTC"  # strftime does not fill up an early year


def stamp(instant: datetime) -> str:
    """An instant for a program, to the second."""
    return f"{instant.year:04}{instant:-%m-%dT%H:%M:%SZ}"
