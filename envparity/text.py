"""Makes text of unknown origin safe to show, and joins names as in a sentence."""

import re
from collections.abc import Iterable, Sequence

from envparity.probe.text import without_secrets

# These characters are not safe to show: control characters, characters that change the direction of writing or have no
# width, surrogates, Unicode's tag characters, and characters that XML cannot hold.
_STEERING = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\xad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ud800-\\udfff\\ufeff"
    "\\ufff9-\\ufffb\\ufffe\\uffff\\U000e0000-\\U000e007f]"
)


def visible(text: str) -> str:
    """Return a copy of the text that is safe to show.

    The copy has an escape such as \\x1b for each unsafe character, and no secrets. Secrets are, for example, the
    password and the query of a URL.
    """
    return without_secrets(_STEERING.sub(lambda found: _spelled(ord(found[0])), text))


def _spelled(point: int) -> str:
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def listed(names: Iterable[str], most: int | None = None) -> str:
    """Return names joined as in a sentence: `a, b and c`; if there are more than `most` names, `a, b, c and 3 more`."""
    every = [*names] or [""]
    if most is not None and len(every) > most:
        return some(every, most - 1)
    *first, last = every
    return f"{', '.join(first)} and {last}" if first else last


def some(names: Sequence[str], most: int = 3) -> str:
    """Return the first `most` names and the number of further names, if any: `a, b, c and 2 more` or `a, b, c`."""
    first = ", ".join(names[:most])
    return first if len(names) <= most else f"{first} and {len(names) - most} more"
