"""Make text of unknown origin safe to show."""

import re

# Control characters, characters that change the direction of writing or have no width, surrogates, and tag characters.
_STEERING = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\xad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ud800-\\udfff\\ufeff"
    "\\ufff9-\\ufffb\\ufffe\\uffff\\U000e0000-\\U000e007f]"
)


def visible(text: str, keep: str = "") -> str:
    """Return a text with escapes such as `\\x1b` for its control characters, except for the characters in `keep`.

    Characters that change the direction of writing, or that have no width, become escapes too. So the text cannot
    change how a page or a terminal shows other text.
    """
    return _STEERING.sub(lambda found: found[0] if found[0] in keep else _spelled(ord(found[0])), text)


def cut(text: str, head: int, tail: int) -> tuple[str, int, str]:
    """Return the first `head` characters of a text, the number of characters left out, and the last `tail` characters.

    If the text is no longer than `head + tail`, return the whole text, 0 and an empty text.
    """
    left = len(text) - head - tail
    return (text[:head], left, text[-tail:]) if left > 0 else (text, 0, "")


def _spelled(point: int) -> str:
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
