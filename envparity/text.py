"""Text of unknown origin, made safe to show."""

import re

# Controls, what turns the direction of writing or has no width, surrogates, tags, what XML cannot hold.
_STEERING = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\xad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ud800-\\udfff\\ufeff"
    "\\ufff9-\\ufffb\\ufffe\\uffff\\U000e0000-\\U000e007f]"
)


def visible(text: str) -> str:
    """Text with control and direction characters spelled out: it steers no terminal, page or table."""
    return _STEERING.sub(lambda found: _spelled(ord(found[0])), text)


def _spelled(point: int) -> str:
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
