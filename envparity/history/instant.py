"""Instants of a command line: ISO 8601, UTC unless it says otherwise."""

from datetime import UTC, datetime, timedelta

from envparity.errors import EnvparityError
from envparity.text import visible


def read_instant(option: str, text: str, now: datetime, *, end: bool) -> datetime:
    """An instant in whole seconds; of a date alone the beginning of its day, or with `end` the end.

    The end of a day that is not over is now. EnvparityError where it is no instant, or has not come yet.
    """
    try:
        found = datetime.fromisoformat(text.strip())
        if len(text.strip()) <= len("2025-W44-1") and end and "T" not in text:
            found += timedelta(days=1)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise EnvparityError(
            f"{option}: expected a date or an instant as 2025-10-27 or 2025-10-27T14:22Z, found {visible(text)[:40]!r}"
        ) from error
    if end and now < found <= now + timedelta(days=1) and found.time() == found.min.time():
        return now
    if found > now:
        raise EnvparityError(f"{option}: expected a time that has passed, found {shown(found)}; it is {shown(now)}")
    return found


def now() -> datetime:
    """This instant, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def shown(instant: datetime) -> str:
    """An instant for a person, to the minute."""
    return instant.strftime("%Y-%m-%d %H:%M UTC")


def stamp(instant: datetime) -> str:
    """An instant for a program, to the second."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
