"""Text of unknown origin, made safe to show."""

import re

# Controls, what turns the direction of writing or has no width, surrogates, tags.
_STEERING = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\xad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ud800-\\udfff\\ufeff"
    "\\ufff9-\\ufffb\\ufffe\\uffff\\U000e0000-\\U000e007f]"
)


def visible(text: str, keep: str = "") -> str:
    """Text with control and direction characters spelled out, but for those to `keep`: it steers no page."""
    return _STEERING.sub(lambda found: found[0] if found[0] in keep else _spelled(ord(found[0])), text)


def cut(text: str, head: int, tail: int) -> tuple[str, int, str]:
    """The beginning, how many characters are left out after it, and the end; all of it is the beginning if it fits."""
    left = len(text) - head - tail
    return (text[:head], left, text[-tail:]) if left > 0 else (text, 0, "")


def _spelled(point: int) -> str:
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
